import { describe, expect, it } from 'vitest';
import { fakeApi, fakeClient, request } from '../../test/support/api.js';
import { labelsOf } from '../wire/labels.js';
import type { MetadataRequest, Outcome } from '../wire/query.js';

const WARNINGS = ['object a could not be read'];
const STATS = { streams: 1, chunks: 2, bytes: 3, entries: 4 };

describe('an answer that something is missing from says what', () => {
  const client = fakeClient({
    labels: async () => ({ ok: true, value: [], warnings: WARNINGS }),
    labelValues: async () => ({ ok: true, value: ['x'], warnings: WARNINGS }),
    series: async () => ({ ok: true, value: [labelsOf({ app: 'x' })], warnings: WARNINGS }),
    indexStats: async () => ({ ok: true, value: STATS, warnings: WARNINGS }),
  });

  it.each([
    ['labels', { status: 'success', warnings: WARNINGS }],
    ['label/app/values', { status: 'success', data: ['x'], warnings: WARNINGS }],
    ['series', { status: 'success', data: [{ app: 'x' }], warnings: WARNINGS }],
    ['index/stats?query={app="x"}', { ...STATS, warnings: WARNINGS }],
  ])('%s', async (path, expected) => {
    const { body } = await request(fakeApi(client), `/loki/api/v1/${path}`);
    expect(JSON.parse(body)).toEqual(expected);
    expect(body.endsWith('\n')).toBe(true);
  });
});

it('an answer that is whole has no warnings', async () => {
  for (const path of ['labels', 'series', 'index/stats?query=x']) {
    expect((await request(fakeApi(fakeClient()), `/loki/api/v1/${path}`)).body).not.toContain('warnings');
  }
});

it.each(['labels', 'label/app/values', 'series'])('a moment stands for its millisecond at %s', async (path) => {
  const asked: MetadataRequest[] = [];
  const note = async <T>(question: MetadataRequest, value: T): Promise<Outcome<T>> => {
    asked.push(question);
    return { ok: true, value };
  };
  const client = fakeClient({
    labels: (question) => note(question, []),
    labelValues: (question) => note(question, []),
    series: (question) => note(question, []),
  });
  const moments = [
    'start=1740787200000000000&end=1740787200000000000',
    'start=1740787200000999999&end=1740787200000999999',
  ];
  for (const moment of moments) await request(fakeApi(client), `/loki/api/v1/${path}?${moment}`);
  await request(fakeApi(client), `/loki/api/v1/${path}?start=1740787200000000007&end=1740787200000000009`);
  expect(asked.map(({ start, end }) => [start, end])).toEqual([
    [1740787200000000000n, 1740787200001000000n],
    [1740787200000000000n, 1740787200001000000n],
    [1740787200000000007n, 1740787200000000009n],
  ]);
});
