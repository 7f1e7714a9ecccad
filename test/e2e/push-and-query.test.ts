import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  BASE,
  type Entry,
  encodePush,
  HOUR,
  jsonOf,
  type LokiClient,
  numbered,
  type PushEncoding,
  SECOND,
} from '../support/client.js';
import { type Server, startServer } from '../support/server.js';

let server: Server;
let client: LokiClient;

beforeAll(async () => {
  server = await startServer();
  client = server.client;
});

/** Nanoseconds as seconds, as they stand in answers. */
const seconds = (time: bigint): number => Number(time / SECOND);
const offset = ({ time }: Entry): number => seconds(time - BASE);

describe('what the first page of the documentation shows', () => {
  beforeAll(async () => {
    const body = JSON.stringify({
      streams: [
        {
          stream: { job: 'test', level: 'info' },
          values: [
            [`${BASE}`, 'Engine V2 test log line 1'],
            [`${BASE + 1n}`, 'Engine V2 test log line 2'],
            [`${BASE + 2n}`, 'This is a metric.go log line'],
          ],
        },
      ],
    });
    const { status, body: text } = await client.pushRaw(body, { 'content-type': 'application/json' });
    expect({ status, text }).toEqual({ status: 204, text: '' });
  });

  it('lines are found at once, newest first, with the labels Loki adds', async () => {
    const { type, entries } = await client.range('{job="test"}');
    expect(type).toBe('streams');
    expect(entries.map(({ time, line }) => [time, line])).toEqual([
      [BASE + 2n, 'This is a metric.go log line'],
      [BASE + 1n, 'Engine V2 test log line 2'],
      [BASE, 'Engine V2 test log line 1'],
    ]);
    expect(entries[0]!.labels).toEqual({ job: 'test', level: 'info', service_name: 'test', detected_level: 'info' });
  });

  it('count_over_time with a step counts what lies in each window', async () => {
    const { type, series } = await client.range('count_over_time({job="test"}[5m])', {
      start: BASE - 300n * SECOND,
      end: BASE + 600n * SECOND,
      step: '60s',
    });
    expect(type).toBe('matrix');
    expect(series).toHaveLength(1);
    // Entries at BASE are in the windows that end at BASE (one of three), and after it up to five minutes.
    const expected = [1, 3, 3, 3, 3, 2].map((count, step) => [seconds(BASE) + step * 60, String(count)]);
    expect(series[0]!.points).toEqual(expected);
  });

  it('a query in a posted form is answered like one in the URL', async () => {
    const form = new URLSearchParams({ query: '{job="test"}', start: String(BASE), end: String(BASE + HOUR) });
    const answer = await client.request('/loki/api/v1/query_range', { method: 'POST', body: form });
    expect(jsonOf(answer)).toMatchObject({ status: 'success', data: { resultType: 'streams' } });
  });
});

describe('bodies', () => {
  it.each<PushEncoding>(['json', 'json+gzip', 'json+deflate', 'protobuf', 'protobuf+gzip'])(
    '%s is stored as sent',
    async (encoding) => {
      const labels = { app: 'bodies', encoding: encoding.replace('+', '_') };
      const metadata = [
        ['trace_id', 'abc'],
        ['user', 'ü'],
      ] as const;
      const lines = ['plain', 'q"u\\o\tte', 'ünïcödé 名前', '', 'last'];
      const entries = lines.map((line, i) => ({ time: BASE + BigInt(i), line, metadata }));
      await client.push([{ labels, entries }], encoding);
      const answer = await client.range(`{app="bodies", encoding="${labels.encoding}"}`, { direction: 'forward' });
      expect(answer.entries.map(({ time, line }) => [time, line])).toEqual(
        lines.map((line, i) => [BASE + BigInt(i), line]),
      );
      expect(answer.entries[0]!.labels).toMatchObject({ ...labels, trace_id: 'abc', user: 'ü' });
    },
  );

  it('protobuf is told by any content type but JSON, and JSON with parameters is JSON', async () => {
    const streams = [{ labels: { app: 'types' }, entries: numbered(1) }];
    const protobuf = encodePush(streams, 'protobuf').body;
    const types = ['application/x-protobuf', 'application/octet-stream', 'text/plain'];
    for (const type of types)
      expect(await client.pushRaw(protobuf, { 'content-type': type })).toMatchObject({ status: 204 });
    const json = encodePush(streams, 'json').body;
    expect(await client.pushRaw(json, { 'content-type': 'application/json; charset=utf-8' })).toMatchObject({
      status: 204,
    });
    expect(await client.count('{app="types"}')).toBe(1);
  });

  it('structured metadata filters and groups without a parser', async () => {
    const entries = numbered(10).map((entry, i) => ({ ...entry, metadata: [['shard', String(i % 3)]] as const }));
    await client.push([{ labels: { app: 'metadata' }, entries }]);
    expect(await client.count('{app="metadata"} | shard="0"')).toBe(4);
    const { series } = await client.instant('sum by (shard) (count_over_time({app="metadata"}[24h]))');
    expect(series.map(({ metric, points }) => [metric, points[0]![1]])).toEqual([
      [{ shard: '0' }, '4'],
      [{ shard: '1' }, '3'],
      [{ shard: '2' }, '3'],
    ]);
  });

  it('with categorised labels the metadata stands apart from the stream', async () => {
    await client.push([
      { labels: { app: 'categories' }, entries: [{ time: BASE, line: 'k=v', metadata: [['m', '1']] }] },
    ]);
    const headers = { 'x-loki-response-encoding-flags': 'categorize-labels' };
    const parameters = { query: '{app="categories"} | logfmt', start: BASE, end: BASE + HOUR };
    const { data } = jsonOf(await client.get('/loki/api/v1/query_range', parameters, { headers })) as { data: object };
    expect(data).toMatchObject({
      encodingFlags: ['categorize-labels'],
      result: [
        {
          stream: { app: 'categories', service_name: 'categories' },
          values: [
            [`${BASE}`, 'k=v', { structuredMetadata: { m: '1', detected_level: 'unknown' }, parsed: { k: 'v' } }],
          ],
        },
      ],
    });
  });

  it('an answer is compressed for those who ask', async () => {
    const { headers, body } = await client.get('/loki/api/v1/labels', {}, { headers: { 'accept-encoding': 'gzip' } });
    expect(headers.get('content-type')).toBe('application/json; charset=UTF-8');
    expect(JSON.parse(body)).toMatchObject({ status: 'success' });
    const large = numbered(2000, (i) => `a line that is long enough ${i}`);
    await client.push([{ labels: { app: 'compressed' }, entries: large }]);
    const parameters = { query: '{app="compressed"}', start: BASE, end: BASE + HOUR, limit: 2000 };
    const answer = await client.get('/loki/api/v1/query_range', parameters, { headers: { 'accept-encoding': 'gzip' } });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(answer.body).toContain('long enough 1999');
  });
});

/** The same questions have the same answers wherever the data lies. */
describe.each(['in memory', 'in objects'])('questions about data %s', (place) => {
  const app = place.replace(' ', '-');
  beforeAll(async () => {
    const stream = (env: string, count: number, first: number) => ({
      labels: { app, env },
      entries: numbered(count, (i) => `level=${i % 2 ? 'warn' : 'info'} n=${first + i} msg="request done"`),
    });
    await client.push([stream('dev', 100, 0), stream('prod', 50, 1000)]);
    if (place === 'in objects') await client.flush();
  });

  it('labels, values and series list what is there', async () => {
    expect(await client.names('labels')).toEqual(expect.arrayContaining(['app', 'env', 'service_name']));
    expect(await client.names('labels', { query: `{app="${app}"}` })).toEqual(['app', 'env', 'service_name']);
    expect(await client.names('label/env/values', { query: `{app="${app}"}` })).toEqual(['dev', 'prod']);
    expect(await client.names('label/nosuch/values')).toEqual([]);
    const match = [`{app="${app}", env="dev"}`, `{app="${app}", env=~"p.*"}`];
    const series = (await client.names('series', { 'match[]': match })) as unknown as Record<string, string>[];
    expect(series).toHaveLength(2);
    expect(series).toEqual(
      expect.arrayContaining([
        { app, env: 'dev', service_name: app },
        { app, env: 'prod', service_name: app },
      ]),
    );
  });

  it('outside of its time nothing is listed', async () => {
    const later = { start: BASE + 48n * HOUR, end: BASE + 49n * HOUR };
    expect(await client.names('label/env/values', { query: `{app="${app}"}`, ...later })).toEqual([]);
    expect(await client.names('series', { 'match[]': `{app="${app}"}`, ...later })).toEqual([]);
  });

  it('index/stats counts streams, entries and bytes', async () => {
    const parameters = { query: `{app="${app}"}`, start: BASE, end: BASE + HOUR };
    const stats = jsonOf(await client.get('/loki/api/v1/index/stats', parameters)) as Record<string, number>;
    expect(stats).toMatchObject({ streams: 2, entries: 150 });
    expect(stats.bytes).toBeGreaterThan(150 * 30);
  });

  it('filters, parsers and aggregations agree with the data', async () => {
    expect(await client.count(`{app="${app}"}`)).toBe(150);
    expect(await client.count(`{app="${app}"} |= "level=warn"`)).toBe(75);
    expect(await client.count(`{app="${app}"} |~ "n=10[01]\\\\d "`)).toBe(20);
    expect(await client.count(`{app="${app}"} | logfmt | n >= 1000 | level="info"`)).toBe(25);
    const { series } = await client.instant(`sum by (env) (sum_over_time({app="${app}"} | logfmt | unwrap n [24h]))`);
    expect(series.map(({ metric, points }) => [metric.env, Number(points[0]![1])])).toEqual([
      ['dev', (99 * 100) / 2],
      ['prod', 1000 * 50 + (49 * 50) / 2],
    ]);
  });

  it('limit and direction choose the newest or the oldest over all streams', async () => {
    const newest = await client.range(`{app="${app}"}`, { limit: 3 });
    expect(newest.entries.map(offset).sort()).toEqual([97, 98, 99]);
    const oldest = await client.range(`{app="${app}"}`, { limit: 4, direction: 'forward' });
    expect(oldest.entries.map(offset).sort()).toEqual([0, 0, 1, 1]);
  });

  it('the end of a range is not part of it, the start is', async () => {
    const span = { start: BASE + 10n * SECOND, end: BASE + 20n * SECOND };
    const { entries } = await client.range(`{app="${app}", env="dev"}`, { ...span, direction: 'forward' });
    expect(entries.map(offset).sort()).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  });

  it('explain=plan shows every stage and runs nothing', async () => {
    const { explain, entries } = await client.range(`{app="${app}"} |= "level"`, { explain: 'plan' });
    expect(entries).toEqual([]);
    expect(explain).toContain(`EQ label.app "${app}"`);
    for (const stage of ['Logical plan', 'Physical plan', 'Passes that fired', 'Optimised physical plan', 'Workflow']) {
      expect(explain).toContain(stage);
    }
    expect(explain).toContain(place === 'in memory' ? 'LiveScan' : 'DataObjScan');
  });

  it('explain=analyze answers, and says what it cost', async () => {
    const { explain, entries } = await client.range(`{app="${app}"} |= "level=warn"`, { explain: 'analyze' });
    expect(entries).toHaveLength(75);
    expect(explain).toMatch(/rows/);
    expect(explain).toMatch(/TopK/);
  });
});

describe('about the server', () => {
  it('format_query prints a query as Loki would, and says where a bad one goes wrong', async () => {
    const good = await client.get('/loki/api/v1/format_query', { query: '{ app = "x" }|="y"|json' });
    expect(jsonOf(good)).toEqual({ status: 'success', data: '{app="x"} |= "y" | json' });
    const bad = await client.get('/loki/api/v1/format_query', { query: '{app="x"' });
    expect(bad.status).toBe(400);
    expect(JSON.parse(bad.body)).toMatchObject({
      status: 'invalid-query',
      error: expect.stringContaining('line 1, col 9'),
    });
  });

  it('says that it is ready and what it is', async () => {
    expect(await client.get('/ready')).toMatchObject({ status: 200, body: 'ready\n' });
    expect(jsonOf(await client.get('/loki/api/v1/status/buildinfo'))).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+/),
    });
  });

  it("has metrics under Loki's names", async () => {
    await client.push([{ labels: { app: 'measured' }, entries: numbered(1) }]);
    const names = [
      'loki_distributor_lines_received_total',
      'loki_distributor_bytes_received_total',
      'loki_ingester_memory_streams',
      'loki_ingester_chunks_flushed_total',
      'loki_request_duration_seconds_count',
      'loki_engine_scheduler_tasks_inflight',
      'process_resident_memory_bytes',
    ];
    for (const name of names) expect(await client.metric(name), name).toBeDefined();
    expect(await client.metric('loki_distributor_lines_received_total')).toBeGreaterThan(300);
  });

  it('says of each of its metrics what it is', async () => {
    const { body } = await client.get('/metrics');
    const helps = [...body.matchAll(/^# HELP (\S+) (.*)$/gm)];
    expect(helps.length).toBeGreaterThan(50);
    expect(helps.filter(([, name, help]) => !help!.includes(' ') || help === name)).toEqual([]);
  });

  it('has no metric that docs/metrics.md does not explain, which explains none that is not there', async () => {
    const { body } = await client.get('/metrics');
    const isOurs = (name: string): boolean => name.startsWith('loki_') || name.startsWith('skald_');
    const served = [...body.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!).filter(isOurs);
    const documented = [...readFileSync('docs/metrics.md', 'utf8').matchAll(/`((?:loki|skald)_[a-z_]+)`/g)];
    // With JetStream only; servers of tests do not rehearse.
    const isElsewhere = (name: string): boolean => /^loki_ingester_partition_|^skald_rehearsal_/.test(name);
    const explained = documented.map(([, name]) => name!).filter((name) => !isElsewhere(name));
    expect(explained.sort()).toEqual(served.sort());
  });

  it('what comes with a later version is answered 501 by name', async () => {
    const { status, body } = await client.get('/loki/api/v1/delete');
    expect(status).toBe(501);
    expect(body).toContain('/loki/api/v1/delete');
  });
});
