import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inboxOf, isInbox, subjectOf } from './subject.js';

describe('subjects', () => {
  it('say cluster, role and instance', () => {
    expect(subjectOf('prod', 'ingester/a-1')).toBe('skald.prod.ingester.a-1');
    expect(subjectOf('prod', 'ingester/10.0.0.1:3100')).toBe('skald.prod.ingester.10=2e0=2e0=2e1=3a3100');
  });

  it('differ for different addresses, and hold nothing that NATS would interpret', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const [first, second] = [subjectOf('c', `x/${a}`), subjectOf('c', `x/${b}`)];
        expect(first === second).toBe(a === b);
        expect(first).toMatch(/^skald\.c\.x\.[A-Za-z0-9_=-]+$/);
      }),
    );
  });
});

describe('an inbox', () => {
  it('is one of the same cluster, and a name in it is one token', () => {
    expect(isInbox('c', inboxOf('c', 'host.1'), '17')).toBe(true);
    expect(isInbox('c', inboxOf('d', 'host.1'), '17')).toBe(false);
    expect(isInbox('c', 'skald.c._inbox.a.b', '17')).toBe(false);
    expect(isInbox('c', 'skald.c._inbox.>', '17')).toBe(false);
    expect(isInbox('c', inboxOf('c', 'host'), '17.4')).toBe(false);
    expect(isInbox('c', inboxOf('c', 'host'), '')).toBe(false);
  });
});
