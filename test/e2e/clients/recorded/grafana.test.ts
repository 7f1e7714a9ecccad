import { beforeAll, describe, expect, it } from 'vitest';
import { BASE, HOUR, type LokiClient, SECOND } from '../../../support/client.js';
import { type Server, startServer } from '../../../support/server.js';
import {
  BILLS,
  billing,
  billingLine,
  checkoutLine,
  DAY,
  dataset,
  gatewayLine,
  levelOf,
  PODS,
  pushHalves,
  SECONDS,
} from './data.js';
import { ALWAYS, HEALTH_CHECK, instantRequest, rangeRequest, resourceRequest, tagged } from './grafana.js';
import { daySplits, decode, grafanaRows, infiniteScroll } from './loops.js';
import { type Pairs, send } from './request.js';
import * as shapes from './shapes.js';

const RANGE = { start: BASE, end: BASE + HOUR };
const BOUNDS: Pairs = [
  ['start', RANGE.start],
  ['end', RANGE.end],
];
const seconds = (time: bigint): number => Number(time / SECOND);

let server: Server;
let empty: Server;

beforeAll(async () => {
  [server, empty] = await Promise.all([startServer(), startServer()]);
  await pushHalves(server.client, [...dataset(BASE), ...billing(BASE)]);
});

describe('the health check', () => {
  it('is one sample of two, with data and without; ten digits are seconds', async () => {
    for (const { url } of [server, empty]) {
      const { data } = await decode(url, HEALTH_CHECK, shapes.vector);
      expect(data.result).toEqual([{ metric: {}, value: [4_000_000_000, '2'] }]);
    }
  });
});

describe('a server without data', () => {
  it.each([
    ['labels', 'labels', BOUNDS],
    ['values', 'label/service_name/values', BOUNDS],
    ['stream shards', 'label/__stream_shard__/values', BOUNDS],
  ])('has no list of %s', async (_, path, parameters) => {
    const answer = await decode(empty.url, resourceRequest('names', path, parameters), shapes.nameList);
    expect(answer.data ?? []).toEqual([]);
  });

  it('has series that are an empty list', async () => {
    const request = resourceRequest('series', 'series', [['match[]', '{env="prod"}'], ...BOUNDS]);
    expect((await decode(empty.url, request, shapes.series)).data).toEqual([]);
  });
});

describe('a log query', () => {
  it('has rows of the newest first, whether in memory or in objects', async () => {
    const rows = await grafanaRows(
      server.url,
      rangeRequest('logs', { query: '{service_name="gateway"}', ...RANGE, limit: SECONDS }),
    );
    expect(rows.map(({ line }) => line)).toEqual(
      Array.from({ length: SECONDS }, (_, i) => gatewayLine(SECONDS - 1 - i)),
    );
    expect(rows.map(({ time }) => time)).toEqual(
      Array.from({ length: SECONDS }, (_, i) => BASE + BigInt(SECONDS - 1 - i) * SECOND),
    );
  });

  it('says of each label whether it belongs to the stream, the entry or the parser', async () => {
    const asked = { query: '{service_name="checkout", pod="checkout-0"} | json', ...RANGE, limit: 2 };
    const rows = await grafanaRows(server.url, rangeRequest('logs', { ...asked, direction: 'forward' }));
    expect(rows.map(({ labels }) => labels)).toEqual([STREAM, STREAM]);
    expect(rows.map(({ structuredMetadata }) => structuredMetadata)).toEqual([
      { trace_id: 'trace-0', detected_level: 'info' },
      { trace_id: 'trace-1', detected_level: 'warn' },
    ]);
    expect(rows[0]!.parsed).toEqual({
      ...{ level: 'info', method: 'GET', took: '0ms', size: '1KB', ratio: '0.05', user_id: '0' },
      msg: 'order "placed"',
    });
  });

  it('has a third element also where there is nothing but the stream', async () => {
    const query = '{service_name="gateway"} | drop detected_level';
    const rows = await grafanaRows(server.url, rangeRequest('logs', { query, ...RANGE, limit: 3 }));
    expect(rows.map(({ structuredMetadata, parsed }) => ({ ...structuredMetadata, ...parsed }))).toEqual([{}, {}, {}]);
  });

  it('does not hold the entry at its end, and holds the one at its start', async () => {
    const asked = {
      query: '{service_name="gateway"}',
      start: BASE + 10n * SECOND,
      end: BASE + 12n * SECOND,
      limit: 10,
    };
    const rows = await grafanaRows(server.url, rangeRequest('logs', asked));
    expect(rows.map(({ line }) => line)).toEqual([gatewayLine(11), gatewayLine(10)]);
  });
});

const STREAM = { service_name: 'checkout', env: 'prod', pod: 'checkout-0' };

describe('queries around a log query', () => {
  it('the volume counts every line once, by level', async () => {
    const query = 'sum by (level, detected_level) (count_over_time({env="prod"} | drop __error__[1m]))';
    // A step counts what lies before it: the first one of the range has what the minute before held.
    const asked = { query, start: BASE, end: BASE + 11n * 60n * SECOND, stepMs: 60_000 };
    const { data } = await decode(server.url, rangeRequest('volume', asked, tagged('logvolhist')), shapes.matrix);
    expect(data.result.map(({ metric }) => metric.detected_level).sort()).toEqual(['debug', 'error', 'info', 'warn']);
    for (const { metric, values } of data.result) {
      expect(Object.keys(metric)).toEqual(['detected_level']);
      const total = values.reduce((sum, [, value]) => sum + Number(value), 0);
      expect(total).toBe((3 * SECONDS) / 4);
    }
  });

  it('the sample of a metric query is as long as asked for', async () => {
    const asked = { query: '{env="prod"}', ...RANGE, limit: 10 };
    expect(await grafanaRows(server.url, rangeRequest('sample', asked, tagged('datasample')))).toHaveLength(10);
  });

  it('the size estimate knows streams, entries and bytes', async () => {
    const request = resourceRequest('size', 'index/stats', [['query', '{service_name="checkout"}'], ...BOUNDS]);
    const bytes =
      Array.from({ length: SECONDS }, (_, i) => checkoutLine(i).length).reduce((a, b) => a + b) * PODS.length;
    expect(await decode(server.url, request, shapes.indexStats)).toMatchObject({
      ...{ streams: PODS.length, entries: SECONDS * PODS.length, bytes },
    });
  });

  it('the statistics tell what was read', async () => {
    const asked = { query: 'sum(count_over_time({env="prod"} |= `level` [1h]))', ...RANGE, stepMs: 3_600_000 };
    const { data } = await decode(server.url, rangeRequest('logs', asked), shapes.matrix);
    expect(data.stats.summary.totalLinesProcessed).toBeGreaterThan(0);
    expect(data.stats.summary.totalBytesProcessed).toBeGreaterThan(0);
    expect(data.stats.summary.execTime).toBeGreaterThan(0);
  });
});

describe('labels for the editor', () => {
  const names = async (path: string, parameters: Pairs): Promise<readonly string[]> =>
    (await decode(server.url, resourceRequest('names', path, parameters), shapes.nameList)).data ?? [];

  it('are those of the range, or of a selector', async () => {
    expect(await names('labels', BOUNDS)).toEqual(['app', 'env', 'pod', 'service_name']);
    const query = ['query', '{service_name="gateway"}'] as const;
    expect(await names('labels', [...BOUNDS, query])).toEqual(['env', 'service_name']);
    expect(await names('label/service_name/values', BOUNDS)).toEqual(['billing', 'checkout', 'gateway', 'worker']);
    expect(await names('label/service_name/values', [...BOUNDS, ['query', '{env="prod"}']])).toEqual([
      ...['checkout', 'gateway'],
    ]);
  });

  it('are also those of a moment', async () => {
    const moment: Pairs = [
      ['start', BASE + 5n * SECOND],
      ['end', BASE + 5n * SECOND],
    ];
    expect(await names('labels', moment)).toContain('service_name');
  });

  it('come as whole sets for the label browser', async () => {
    const request = resourceRequest('series', 'series', [['match[]', '{env=~"prod|dev"}'], ...BOUNDS]);
    const { data } = await decode(server.url, request, shapes.series);
    expect(data).toHaveLength(4);
    expect(data).toContainEqual({ app: 'worker', env: 'dev', service_name: 'worker' });
    expect(data).toContainEqual(STREAM);
  });
});

describe('more lines than one answer holds', () => {
  const billed = { query: '{service_name="billing"}', start: BASE, end: BASE + 3n * DAY + HOUR, stepMs: 30_000 };
  const newest = Array.from({ length: BILLS }, (_, i) => billingLine(BILLS - 1 - i));

  it('come day by day, the newest first, until there are enough', async () => {
    const pages = await daySplits(server.url, { ...billed, limit: 200 });
    expect(pages.map((page) => page.length)).toEqual([138, 62]);
    expect(pages.flat().map(({ line }) => line)).toEqual(newest.slice(0, 200));
    const all = await daySplits(server.url, { ...billed, limit: 5000 });
    expect(all.flat().map(({ line }) => line)).toEqual(newest);
  });

  it('come page by page on scrolling, each once', async () => {
    const rows = await infiniteScroll(server.url, { ...billed, limit: 50 });
    expect(rows.map(({ line }) => line)).toEqual(newest);
  });

  it('come for a metric in days that meet at a step', async () => {
    const query = 'sum(count_over_time({service_name="billing"}[1h]))';
    const points: (readonly [number, string])[] = [];
    for (let end = billed.end; end > billed.start; end -= DAY) {
      // Days are aligned to the step and do not share a point.
      const start = end - DAY > billed.start ? end - DAY + HOUR : billed.start;
      const { data } = await decode(
        server.url,
        rangeRequest('a day', { query, start, end, stepMs: 3_600_000 }),
        shapes.matrix,
      );
      points.unshift(...data.result.flatMap(({ values }) => values));
    }
    expect(points.reduce((sum, [, value]) => sum + Number(value), 0)).toBe(BILLS);
    const times = points.map(([time]) => time);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  });
});

describe('a query cut into shards of streams', () => {
  const rows = (shards: string) =>
    grafanaRows(
      server.url,
      rangeRequest('shards', { query: `{service_name="gateway", ${shards}}`, ...RANGE, limit: 1000 }),
    );

  it('finds everything among the streams that have no shard', async () => {
    expect(await rows('__stream_shard__=""')).toHaveLength(SECONDS);
    expect(await rows('__stream_shard__=~"0|1|2"')).toEqual([]);
  });
});

describe('the context of a row', () => {
  const at = 300;
  const time = BASE + BigInt(at) * SECOND;
  const query = '{service_name="checkout",env="prod",pod="checkout-1"}';
  const window = 2n * HOUR;

  it('has the rows before it, and not itself: the end is exclusive', async () => {
    const asked = { query, start: time - window, end: time, limit: 10, direction: 'backward' as const };
    const rows = await grafanaRows(server.url, rangeRequest('context', asked));
    expect(rows.map(({ line }) => line)).toEqual(Array.from({ length: 10 }, (_, i) => checkoutLine(at - 1 - i)));
  });

  it('has itself first among the rows after it, which the client takes away', async () => {
    const asked = { query, start: time, end: time + window, limit: 10, direction: 'forward' as const };
    const rows = await grafanaRows(server.url, rangeRequest('context', asked));
    expect(rows.map(({ line }) => line)).toEqual(Array.from({ length: 10 }, (_, i) => checkoutLine(at + i)));
    expect(rows[0]).toMatchObject({ time, structuredMetadata: { trace_id: `trace-${at % 20}` } });
  });

  it('can be narrowed by a parsed label', async () => {
    const narrowed = `${query} | json | level=\`${levelOf(at)}\``;
    const asked = { query: narrowed, start: time, end: time + window, limit: 3, direction: 'forward' as const };
    const rows = await grafanaRows(server.url, rangeRequest('context', asked));
    expect(rows.map(({ line }) => line)).toEqual([0, 4, 8].map((further) => checkoutLine(at + further)));
  });
});

describe('an instant query', () => {
  it('has one sample a series at its time', async () => {
    const request = instantRequest('instant', 'sum by (service_name) (count_over_time({env=~".+"}[61m]))', RANGE.end);
    const { data } = await decode(server.url, request, shapes.vector);
    expect(data.result.map(({ metric, value }) => [metric.service_name, ...value]).sort()).toEqual([
      ['checkout', seconds(RANGE.end), String(2 * SECONDS)],
      ['gateway', seconds(RANGE.end), String(SECONDS)],
      ['worker', seconds(RANGE.end), String(SECONDS)],
    ]);
  });
});

describe('a rule for nothing', () => {
  it('has the value that stands for nothing, at every step', async () => {
    for (const { url } of [server, empty]) {
      const instant = await decode(url, instantRequest('rule', ALWAYS, RANGE.end), shapes.vector);
      expect(instant.data.result).toEqual([{ metric: {}, value: [seconds(RANGE.end), '0'] }]);
      const asked = { query: ALWAYS, ...RANGE, stepMs: 600_000 };
      const { data } = await decode(url, rangeRequest('rule', asked), shapes.matrix);
      const values = Array.from({ length: 7 }, (_, i) => [seconds(BASE) + 600 * i, '0']);
      expect(data.result).toEqual([{ metric: {}, values }]);
    }
  });
});

describe('odd data', () => {
  const LINES = [
    'tab\t, quote ", backslash \\ and slash /',
    'two\nlines\r\n',
    'control \u0000\u0001\u001f\u007f',
    'separators \u2028\u2029 and a mark \ufeff',
    'wide: ü € 漢字 👩‍👩‍👧‍👦',
    '<b onclick="x">&amp;</b>',
    '',
    ' ',
  ];
  const stream = { service_name: 'odd "name" \\ ü', level: 'info', path: 'C:\\logs\\{a}' };
  const query = `{service_name=${JSON.stringify(stream.service_name)}}`;

  beforeAll(async () => {
    const entries = LINES.map((line, i) => ({
      time: BASE + BigInt(i),
      line,
      metadata: [['note', `m ${line.trim()}`]] as const,
    }));
    await server.client.push([{ labels: stream, entries }]);
  });

  it.each([
    ['in memory', async () => {}],
    ['in an object', () => server.client.flush()],
  ])('comes back as it was sent %s', async (_, prepare) => {
    await prepare();
    const rows = await grafanaRows(
      server.url,
      rangeRequest('odd', { query, ...RANGE, limit: 100, direction: 'forward' }),
    );
    expect(rows.map(({ line }) => line)).toEqual(LINES);
    expect(rows.map(({ time }) => time)).toEqual(LINES.map((_, i) => BASE + BigInt(i)));
    for (const [i, { labels, structuredMetadata }] of rows.entries()) {
      expect(labels).toEqual(stream);
      expect(structuredMetadata.note).toBe(`m ${LINES[i]!.trim()}`);
    }
  });

  it('has labels that can be asked for by their value', async () => {
    const request = resourceRequest('values', 'label/path/values', [...BOUNDS, ['query', query]]);
    expect((await decode(server.url, request, shapes.nameList)).data).toEqual([stream.path]);
    const context = `{service_name="odd \\"name\\" \\\\ ü",path="C:\\\\logs\\\\{a}"}`;
    const asked = { query: context, start: BASE + 3n, end: BASE + HOUR, limit: 1, direction: 'forward' as const };
    const rows = await grafanaRows(server.url, rangeRequest('context', asked));
    expect(rows.map(({ line }) => line)).toEqual([LINES[3]]);
  });

  it('keeps a parsed label apart from that of the stream', async () => {
    const parsed = `${query} | label_format extracted="{{.level}}" | logfmt | line_format "{{.extracted}}"`;
    const asked = { query: parsed, ...RANGE, limit: 1, direction: 'forward' as const };
    const rows = await grafanaRows(server.url, rangeRequest('format', asked));
    expect(rows).toMatchObject([{ line: 'info', labels: stream, parsed: { extracted: 'info' } }]);
  });
});

describe('a slice of a longer query', () => {
  it.each([
    ['memory', async () => {}],
    ['objects', (client: LokiClient) => client.flush()],
  ])('is charged with what the whole reads of %s', async (_, prepare) => {
    const limited = await startServer({ settings: ['limits.max_query_bytes_read=2KB'] });
    await limited.client.push(billing(BASE));
    await prepare(limited.client);
    const slice = { query: '{service_name="billing"}', start: BASE, end: BASE + HOUR, limit: 10 };
    expect(await grafanaRows(limited.url, rangeRequest('slice', slice))).toHaveLength(6);
    const limits = {
      Expr: slice.query,
      From: '2025-03-01T00:00:00Z',
      To: '2025-03-04T02:00:00.5+02:00',
    };
    const header = { 'x-loki-query-limits-context': JSON.stringify(limits) };
    expect(await send(limited.url, rangeRequest('slice', slice, header))).toMatchObject({
      status: 400,
      text: expect.stringMatching(/^the query would read too many bytes \(query: .*, limit: 2.0 KiB\)/),
    });
  });
});
