import { beforeEach, describe, expect, it } from 'vitest';
import type { TestRow } from '../../../test/support/build-input.js';
import { QuerySystem, SECOND, T0, TENANT } from '../../../test/support/query-system.js';
import type { Message } from '../../wire/message.js';
import type { LabelsMessage } from '../../wire/messages/asking.js';
import type { AllowsPartial, VolumeRequest } from '../../wire/query.js';

const row = (seconds: number, labels: Record<string, string>): TestRow => ({
  labels,
  time: T0 + BigInt(seconds) * SECOND,
  line: 'ten bytes!',
});

let system: QuerySystem;
beforeEach(async () => {
  system = new QuerySystem();
  system.push([
    row(1, { app: 'b', env: 'prod' }),
    row(2, { app: 'a', env: 'prod' }),
    row(3, { app: 'a', env: 'prod' }),
  ]);
  await system.flush();
  system.push([row(4, { app: 'a', env: 'prod' }), row(5, { app: 'c', zone: 'z' })]);
});

const names = async (what: LabelsMessage['what'], selectors: readonly string[] = [], name = ''): Promise<unknown> => {
  const reply = await system.metadata(what, selectors, name);
  return reply.kind === 'names' ? reply.names : reply;
};

describe('questions about streams', () => {
  it('are answered from memory and objects together, sorted, each once', async () => {
    expect(await names('labels')).toEqual(['app', 'env', 'zone']);
    expect(await names('values', [], 'app')).toEqual(['a', 'b', 'c']);
    expect(await names('values', [], 'env')).toEqual(['prod']);
    expect(await names('values', [], 'nothing')).toEqual([]);
  });

  it('heed selectors, several as any of them', async () => {
    expect(await names('labels', ['{app="c"}'])).toEqual(['app', 'zone']);
    expect(await names('values', ['{app="c"}', '{app="b"}'], 'app')).toEqual(['b', 'c']);
    expect(await names('values', ['{app=~"a|b", env!="prod"}'], 'app')).toEqual([]);
  });

  it('list every label set once, although it is in memory and in an object or meets two selectors', async () => {
    const reply = await system.metadata('series', ['{app=~".+"}', '{env="prod"}']);
    if (reply.kind !== 'series') throw new Error(JSON.stringify(reply));
    expect(reply.series.map((labels) => JSON.stringify(labels)).sort()).toEqual([
      '[["app","a"],["env","prod"]]',
      '[["app","b"],["env","prod"]]',
      '[["app","c"],["zone","z"]]',
    ]);
  });

  it('count streams, entries and bytes, once for all selectors', async () => {
    const all = { streams: 3, chunks: 4, entries: 5, bytes: 50 };
    expect(await system.metadata('stats')).toEqual({ kind: 'stats', stats: all });
    expect(await system.metadata('stats', ['{app=~".+"}', '{env="prod"}'])).toEqual({ kind: 'stats', stats: all });
    expect(await system.metadata('stats', ['{app="b"}'])).toMatchObject({
      stats: { streams: 1, entries: 1, chunks: 1 },
    });
  });

  it("with a selector that is none are refused as the caller's mistake", async () => {
    expect(await system.metadata('series', ['{app='])).toMatchObject({ kind: 'fault', fault: { code: 'bad-request' } });
  });

  it('miss nothing when memory is flushed while they are answered', async () => {
    system.at = (step) => (step === 'live answered' ? system.flush() : undefined);
    expect(await names('values', [], 'app')).toEqual(['a', 'b', 'c']);
  });
});

const range = { tenant: TENANT, start: T0, end: T0 + 3600n * SECOND };

async function volume(selectors: readonly string[], more: Partial<VolumeRequest> = {}): Promise<unknown> {
  const request = { ...range, selectors, stepNs: 0, targetLabels: [], aggregateBy: 'series', limit: 100, ...more };
  const reply = await system.send({ kind: 'volume', request: request as VolumeRequest });
  if (reply.kind !== 'answer' || reply.answer.result.type !== 'vector') return reply;
  return reply.answer.result.samples.map(({ labels, value }) => [Object.fromEntries(labels), value]);
}

describe('volumes', () => {
  it('add up memory and objects', async () => {
    expect(await volume(['{env="prod"}'], { targetLabels: ['app'] })).toEqual([
      [{ app: 'a' }, 30],
      [{ app: 'b' }, 10],
    ]);
    expect(await volume([])).toEqual([
      [{ app: 'a', env: 'prod' }, 30],
      [{ app: 'b', env: 'prod' }, 10],
      [{ app: 'c', zone: 'z' }, 10],
    ]);
  });

  it('leave out streams without a target label', async () => {
    expect(await volume(['{app=~".+"}'], { targetLabels: ['zone'] })).toEqual([[{ zone: 'z' }, 10]]);
  });

  it.each([
    ['{app="a"} |= "x"', 'only label matchers are supported'],
    ['rate({app="a"}[1m])', 'only label matchers are supported'],
    ['{app=~".*"}', 'queries require at least one regexp or equality matcher'],
  ])('of %s are refused', async (selector, why) => {
    const reply = await volume([selector]);
    expect(reply).toMatchObject({ kind: 'fault', fault: { code: 'bad-request' } });
    expect(JSON.stringify(reply)).toContain(why);
  });

  it('of more series than allowed are refused', async () => {
    system = new QuerySystem({ volume_max_series: 1 });
    system.push([row(1, { app: 'a' }), row(2, { app: 'b' })]);
    expect(await volume([])).toMatchObject({
      fault: { code: 'bad-request', message: 'the query hit the max number of series limit (limit: 1 series)' },
    });
  });
});

const ASKED = { ...range, selectors: [] };
const VOLUME = { ...ASKED, stepNs: 0, targetLabels: [], aggregateBy: 'series', limit: 100 } as const;
const DETECT = { ...range, query: '{app=~".+"}', lineLimit: 100, limit: 100, tags: '' };
const aboutStreams = (what: LabelsMessage['what'], partial: AllowsPartial): Message => ({
  ...{ kind: 'labels', what, name: 'app' },
  request: { ...ASKED, ...partial },
});

describe.each<readonly [string, (partial: AllowsPartial) => Message, object]>([
  ['labels', (partial) => aboutStreams('labels', partial), { names: ['app', 'env'] }],
  ['label values', (partial) => aboutStreams('values', partial), { names: ['a', 'b'] }],
  ['series', (partial) => aboutStreams('series', partial), { series: { length: 2 } }],
  ['index stats', (partial) => aboutStreams('stats', partial), { stats: { entries: 3 } }],
  ['detected labels', (partial) => aboutStreams('detected-labels', partial), { labels: { length: 2 } }],
  ['volumes', (partial) => ({ kind: 'volume', request: { ...VOLUME, ...partial } }), { kind: 'answer' }],
  [
    'shards',
    (partial) => ({ kind: 'shards', request: { ...ASKED, targetBytes: 1000, ...partial } }),
    { shards: [{ stats: { entries: 3 } }] },
  ],
  ['detected fields', (partial) => ({ kind: 'detect', name: '', request: { ...DETECT, ...partial } }), { fields: [] }],
  [
    'values of a detected field',
    (partial) => ({ kind: 'detect', name: 'x', request: { ...DETECT, ...partial } }),
    { names: [] },
  ],
])('%s without an ingester', (_, message, stored) => {
  const missing = '1 of 1 ingesters do not answer (ingester/0: starting)';
  beforeEach(() => {
    system.starting = true;
  });

  it('are refused', async () => {
    expect(await system.send(message({}))).toMatchObject({
      kind: 'fault',
      fault: {
        code: 'unavailable',
        message: `${missing}; try again, or allow partial results with allow_partial=true`,
      },
    });
  });

  it('are of objects where that is allowed, and say so', async () => {
    const reply = await system.send(message({ allowPartial: true }));
    expect(reply).toMatchObject(stored);
    const { warnings } = reply.kind === 'answer' ? reply.answer : (reply as { warnings?: readonly string[] });
    expect(warnings).toEqual([`results are partial: ${missing}`]);
  });
});

it('shards hold what index stats say', async () => {
  const reply = await system.send({ kind: 'shards', request: { ...range, selectors: [], targetBytes: 1000 } });
  const stats = { streams: 3, chunks: 4, entries: 5, bytes: 50 };
  expect(reply).toEqual({ kind: 'shards', shards: [{ min: 0n, max: 2n ** 64n - 1n, stats }] });
});

it('detected labels are of memory and objects', async () => {
  expect(await system.metadata('detected-labels')).toEqual({
    kind: 'detected.labels',
    labels: [
      { label: 'app', cardinality: 3 },
      { label: 'env', cardinality: 1 },
      { label: 'zone', cardinality: 1 },
    ],
  });
});
