import { expect, it } from 'vitest';
import { isMessage, isReply } from './message-shape.js';

const CREDIT = { kind: 'stream.credit', stream: 's', attempt: 0, next: 1, limit: 8 };

it('a message has all of its fields, with the types they have', () => {
  expect(isMessage(CREDIT)).toBe(true);
  expect(isMessage({ ...CREDIT, verdict: 'complete', missing: true })).toBe(true);
  for (const wrong of [{ verdict: 'maybe' }, { next: -1 }, { next: 1.5 }, { limit: Number.NaN }, { stream: undefined }])
    expect(isMessage({ ...CREDIT, ...wrong })).toBe(false);
});

it.each([undefined, null, 7, 'flush', [], {}, { kind: 7 }, { kind: 'no such' }, { kind: '__proto__' }, new Map()])(
  '%j is no message and no reply',
  (value) => {
    expect(isMessage(value)).toBe(false);
    expect(isReply(value)).toBe(false);
  },
);

it('what is inside is looked at too', () => {
  const task = { id: 't', fragment: null, sources: [['s']], sink: 's', scan: true, cost: 1 };
  const run = { analyze: false, now: 1n };
  const start = { kind: 'workflow.start', workflow: 'w', tenant: 't', tasks: [task], results: 'r', receiver: 'q', run };
  expect(isMessage(start)).toBe(true);
  expect(isMessage({ ...start, tasks: [{ ...task, sources: ['s'] }] })).toBe(false);
  expect(isMessage({ ...start, tasks: { ...[task], length: 1 } })).toBe(false);
  expect(isMessage({ ...start, run: { ...run, now: 1 } })).toBe(false);
});

it('a message is no reply', () => {
  expect(isReply({ kind: 'ok' })).toBe(true);
  expect(isReply({ kind: 'fault', fault: { code: 'timeout', retryable: true, message: '' } })).toBe(true);
  expect(isReply({ kind: 'fault', fault: 'timeout' })).toBe(false);
  expect(isReply(CREDIT)).toBe(false);
  expect(isMessage({ kind: 'ok' })).toBe(false);
});
