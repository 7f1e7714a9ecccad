/** What Grafana's Drilldown asks about data: of memory, of objects, and after a restart the answers are the same. */
import { beforeAll, describe, expect, it } from 'vitest';
import { BASE, HOUR, jsonOf, SECOND } from '../support/client.js';
import { type Server, startServer } from '../support/server.js';

const ISO = { start: '2025-03-01T00:00:00.000Z', end: '2025-03-01T02:00:00.000Z' };
const NANOSECONDS = { start: BASE, end: BASE + 2n * HOUR };

const APPS = ['api', 'web'];
const PODS = ['0', '1', '2'];
const LINES = 40;
const line = (app: string, i: number): string =>
  app === 'api'
    ? JSON.stringify({ level: i % 2 ? 'info' : 'warn', user: { id: i % 5 }, size: `${i + 1}KB`, took: `${i}ms` })
    : `level=info path=/p${i % 3} took=${i}ms`;

/** An entry every 150 s, from BASE on, by app and pod. */
const streams = APPS.flatMap((app) =>
  PODS.map((shard) => ({
    labels: { app, shard, env: 'prod' },
    entries: Array.from({ length: LINES }, (_, i) => ({
      time: BASE + BigInt(i) * 150n * SECOND,
      line: line(app, i),
      metadata: [['trace_id', `${app}-${shard}-${i}`]] as const,
    })),
  })),
);

const bytesOf = (app: string): number =>
  PODS.length * Array.from({ length: LINES }, (_, i) => line(app, i).length).reduce((sum, bytes) => sum + bytes, 0);

interface Metric {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

let server: Server;

async function ask(path: string, parameters: Record<string, string | bigint | number> = {}): Promise<unknown> {
  return jsonOf(await server.client.get(`/loki/api/v1/${path}`, { ...NANOSECONDS, ...parameters }));
}

async function volumes(path: string, parameters: Record<string, string | number>): Promise<readonly Metric[]> {
  return ((await ask(path, parameters)) as { data: { result: readonly Metric[] } }).data.result;
}

describe.sequential.each([
  ['of memory', async () => {}],
  ['of objects', () => server.client.flush()],
  ['after a restart', () => server.restart('SIGKILL')],
])('answers %s', (_, prepare) => {
  beforeAll(async () => {
    if (server === undefined) {
      server = await startServer();
      await server.client.push(streams);
    }
    await prepare();
  });

  it('sum bytes by series', async () => {
    expect(await volumes('index/volume', { query: '{env="prod"}', targetLabels: 'app', limit: 5000 })).toEqual([
      { metric: { app: 'api' }, value: [Number((BASE + 2n * HOUR) / SECOND), String(bytesOf('api'))] },
      { metric: { app: 'web' }, value: [Number((BASE + 2n * HOUR) / SECOND), String(bytesOf('web'))] },
    ]);
  });

  it('sum bytes by label name', async () => {
    const rows = await volumes('index/volume', { query: '{env="prod"}', aggregateBy: 'labels' });
    expect(rows.map(({ metric }) => Object.keys(metric)[0])).toEqual(['app', 'env', 'service_name', 'shard']);
    for (const { value } of rows) expect(Number(value![1])).toBe(bytesOf('api') + bytesOf('web'));
  });

  it('sum bytes by step', async () => {
    const [api] = await volumes('index/volume_range', { query: '{app="api"}', step: '30m' });
    const startMs = Number(BASE / 1_000_000n);
    expect(api!.values!.map(([seconds]) => Math.round(seconds * 1000) - startMs)).toEqual([
      ...[1_799_999, 3_599_999, 5_399_999, 7_200_000],
    ]);
    const total = api!.values!.reduce((sum, [, bytes]) => sum + Number(bytes), 0);
    expect(Math.abs(total - bytesOf('api'))).toBeLessThanOrEqual(2);
  });

  it('count what a selector means, also in shards', async () => {
    const stats = { streams: 6, chunks: 3, bytes: bytesOf('api'), entries: LINES * PODS.length };
    expect(await ask('index/stats', { query: '{app="api"}' })).toEqual(stats);
    const { shards } = (await ask('index/shards', { query: '{app="api"}', targetBytesPerShard: '1GB' })) as {
      readonly shards: unknown;
    };
    expect(shards).toEqual([{ bounds: { min: '0'.repeat(16), max: 'f'.repeat(16) }, stats }]);
  });

  it('show labels, but not those that are numbers', async () => {
    expect(await ask('detected_labels', { query: '' })).toEqual({
      detectedLabels: [
        { label: 'app', cardinality: 2 },
        { label: 'env', cardinality: 1 },
        { label: 'service_name', cardinality: 2 },
      ],
    });
  });

  it('show fields of JSON, logfmt and structured metadata', async () => {
    const api = { query: '{app="api"}', line_limit: 1000 };
    expect(await ask('detected_fields', api)).toEqual({
      fields: [
        { label: 'detected_level', type: 'string', cardinality: 2, parsers: null },
        { label: 'level', type: 'string', cardinality: 2, parsers: ['json'], jsonPath: ['level'] },
        { label: 'size', type: 'bytes', cardinality: LINES, parsers: ['json'], jsonPath: ['size'] },
        { label: 'took', type: 'duration', cardinality: LINES, parsers: ['json'], jsonPath: ['took'] },
        { label: 'trace_id', type: 'string', cardinality: LINES * PODS.length, parsers: null },
        { label: 'user_id', type: 'int', cardinality: 5, parsers: ['json'], jsonPath: ['user', 'id'] },
      ],
      limit: 1000,
    });
    const both = await ask('detected_fields', { query: '{env="prod"} | logfmt | json', line_limit: 1000 });
    expect(both).toMatchObject({
      fields: expect.arrayContaining([
        { label: 'path', type: 'string', cardinality: 3, parsers: ['logfmt'] },
        expect.objectContaining({ label: 'took', type: 'duration', parsers: ['json', 'logfmt'] }),
      ]),
    });
  });

  it('list values of a field, of the lines that the query lets through', async () => {
    expect(await ask('detected_field/path/values', { query: '{app="web"}', line_limit: 1000 })).toEqual({
      ...{ values: ['/p0', '/p1', '/p2'], limit: 1000 },
    });
    const filtered = { query: '{app="web"} | logfmt | took < 3ms', line_limit: 1000, limit: 10 };
    expect(await ask('detected_field/took/values', filtered)).toEqual({ values: ['0ms', '1ms', '2ms'], limit: 10 });
  });

  it.each([
    ['index/volume', { query: '{app="api"}', limit: '5000' }],
    ['index/stats', { query: '{app="api"}' }],
    ['detected_labels', { query: '{app="api"}' }],
    ['detected_fields', { query: '{app="api"}' }],
    ['detected_field/level/values', { query: '{app="api"}', limit: '1000' }],
  ])('to %s are the same for both ways to write times', async (path, parameters) => {
    const withoutStats = (answer: unknown): unknown =>
      JSON.parse(JSON.stringify(answer, (key, value: unknown) => (key === 'stats' ? undefined : value)));
    const iso = withoutStats(await ask(path, { ...parameters, ...ISO }));
    expect(iso).toEqual(withoutStats(await ask(path, parameters)));
    expect(iso).not.toEqual({});
  });

  it.each([
    ['index/volume', '{app="api"} |= "x"'],
    ['index/volume_range', 'rate({app="api"}[1m])'],
    ['index/stats', 'rate({app="api"}[1m])'],
    ['index/shards', '{app="api"} | json'],
    ['detected_labels', '{app="api"} | json'],
    ['detected_fields', 'rate({app="api"}[1m])'],
    ['detected_fields', ''],
    ['detected_field/level/values', '{'],
  ])('to %s of %j are refused', async (path, query) => {
    const parameters = { ...NANOSECONDS, query, targetBytesPerShard: '1KB' };
    expect((await server.client.get(`/loki/api/v1/${path}`, parameters)).status).toBe(400);
  });

  it('are empty where nothing matches', async () => {
    const query = '{app="none"}';
    expect(await volumes('index/volume', { query })).toEqual([]);
    for (const path of ['detected_labels', 'detected_fields', 'detected_field/level/values']) {
      expect(await ask(path, { query })).toEqual({});
    }
  });
});
