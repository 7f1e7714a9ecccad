import { describe, expect, it } from 'vitest';
import { EMPTY_ANSWER, fakeApi, fakeClient, request, search } from '../../test/support/api.js';
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
    indexShards: async () => ({ ok: true, value: [], warnings: WARNINGS }),
    volume: async () => ({ ok: true, value: { ...EMPTY_ANSWER, warnings: WARNINGS } }),
    detectedLabels: async () => ({ ok: true, value: [], warnings: WARNINGS }),
    detectedFields: async () => ({ ok: true, value: [], warnings: WARNINGS }),
    detectedFieldValues: async () => ({ ok: true, value: ['x'], warnings: WARNINGS }),
    patterns: async () => ({ ok: true, value: [], warnings: WARNINGS }),
    query: async () => ({ ok: true, value: { ...EMPTY_ANSWER, warnings: WARNINGS } }),
  });

  it.each([
    ['labels', { status: 'success' }],
    ['label/app/values', { status: 'success', data: ['x'] }],
    ['series', { status: 'success', data: [{ app: 'x' }] }],
    ['index/stats?query={app="x"}', STATS],
    ['index/shards?query={app="x"}&targetBytesPerShard=1', { shards: [] }],
    ['index/volume?query={app="x"}', { status: 'success' }],
    ['detected_labels', {}],
    ['detected_fields?query={app="x"}', {}],
    ['detected_field/f/values?query={app="x"}', { values: ['x'] }],
    ['patterns?query={app="x"}', { status: 'success', data: [] }],
    ['/api/prom/label', {}],
    ['/api/prom/label/app/values', { values: ['x'] }],
    ['/api/prom/query?query={app="x"}', { streams: [] }],
  ])('%s', async (path, expected) => {
    const url = path.startsWith('/') ? path : `/loki/api/v1/${path}`;
    const { body } = await request(fakeApi(client), url);
    expect(JSON.parse(body)).toMatchObject({ ...expected, warnings: WARNINGS });
    expect(body.endsWith('\n')).toBe(true);
  });
});

it.each([
  'labels',
  'label/app/values',
  'series',
  'index/stats',
  'index/shards?targetBytesPerShard=1',
  'index/volume',
  'index/volume_range',
  'detected_labels',
  'detected_fields',
  'detected_field/f/values',
  'patterns',
])('%s may be answered in part where the caller allows it', async (path) => {
  const asked = async (more: Record<string, string>): Promise<unknown> => {
    const client = fakeClient();
    const url = `/loki/api/v1/${path}${path.includes('?') ? '&' : '?'}`;
    await request(fakeApi(client), url + search({ query: '{app="x"}', ...more }));
    return client.calls[0]!.argument;
  };
  expect(await asked({ allow_partial: 'true' })).toMatchObject({ allowPartial: true });
  expect(await asked({ allow_partial: 'false' })).not.toHaveProperty('allowPartial');
  expect(await asked({})).not.toHaveProperty('allowPartial');
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
