import { beforeAll, describe, expect, it } from 'vitest';
import { BASE, HOUR, SECOND } from '../../../support/client.js';
import { type Server, startServer } from '../../../support/server.js';
import {
  BURST,
  billing,
  burst,
  burstLine,
  checkoutLine,
  dataset,
  gatewayLine,
  PODS,
  pushHalves,
  SECONDS,
} from './data.js';
import { logcliRange, logcliRequest } from './logcli.js';
import { decode, logcliBatches } from './loops.js';
import type { Pairs } from './request.js';
import { send } from './request.js';
import * as shapes from './shapes.js';

const RANGE = { start: BASE, end: BASE + HOUR };
const BOUNDS: Pairs = [
  ['start', RANGE.start],
  ['end', RANGE.end],
];
const GATEWAY = { query: '{service_name="gateway"}', ...RANGE };
const BURSTS = { query: '{service_name="burst"}', ...RANGE };
/** Entries of one time over both streams of bursts. */
const TIED = 14;

let server: Server;

beforeAll(async () => {
  server = await startServer();
  await pushHalves(server.client, [...dataset(BASE), ...burst(BASE), ...billing(BASE)]);
});

describe('batches', () => {
  const forwards = Array.from({ length: SECONDS }, (_, i) => gatewayLine(i));

  it.each([
    ['backward', false, [...forwards].reverse()],
    ['forward', true, forwards],
  ])('hold every entry once, in order, going %s', async (_, forward, expected) => {
    const { rows, requests } = await logcliBatches(server.url, { ...GATEWAY, limit: 0, batch: 100, forward });
    expect(rows.map(({ line }) => line)).toEqual(expected);
    // 100 in the first, 99 new ones in each further, and one that brings nothing.
    expect(requests).toBe(8);
  });

  it.each([
    ['in the middle of a batch', 250],
    ['at the end of a batch', 200],
    ['within the first one', 30],
  ])('end with the limit %s', async (_, limit) => {
    const { rows } = await logcliBatches(server.url, { ...GATEWAY, limit, batch: 100, forward: true });
    expect(rows.map(({ line }) => line)).toEqual(forwards.slice(0, limit));
  });

  it.each([false, true])('lose nothing where many entries share a time (forward: %s)', async (forward) => {
    const asked = { ...BURSTS, limit: 0, batch: 2 * TIED + 3, forward };
    const { rows } = await logcliBatches(server.url, asked);
    expect(rows.map(({ line }) => line).sort()).toEqual(
      Array.from({ length: 2 * BURST }, (_, i) => burstLine(i)).sort(),
    );
    const times = rows.map(({ time }) => time);
    expect(times).toEqual([...times].sort((a, b) => (a < b === forward ? -1 : a === b ? 0 : 1)));
  });

  it('give up when a batch holds one time only, as logcli does', async () => {
    await expect(logcliBatches(server.url, { ...BURSTS, limit: 0, batch: TIED / 2 })).rejects.toThrow(/of one time/);
  });
});

describe('--parallel-duration', () => {
  it('cuts the range into parts that share no entry and lose none', async () => {
    const part = 97n * SECOND;
    const lines: string[] = [];
    for (let start = RANGE.start; start < RANGE.end; start += part) {
      const end = start + part < RANGE.end ? start + part : RANGE.end;
      const { rows } = await logcliBatches(server.url, { ...GATEWAY, start, end, limit: 0, batch: 50, forward: true });
      lines.push(...rows.map(({ line }) => line));
    }
    expect(lines).toEqual(Array.from({ length: SECONDS }, (_, i) => gatewayLine(i)));
  });
});

describe('answers', () => {
  it('carry the labels of stream, metadata and parser in one set, and pairs', async () => {
    const query = '{service_name="checkout", pod="checkout-0"} | json';
    const asked = { query, ...RANGE, limit: 1, forward: true };
    const { data } = await decode(server.url, logcliRange('query', asked), shapes.streams);
    expect(data.result).toEqual([
      {
        stream: {
          ...{ service_name: 'checkout', env: 'prod', pod: 'checkout-0', trace_id: 'trace-0', detected_level: 'info' },
          ...{ level: 'info', method: 'GET', took: '0ms', size: '1KB', ratio: '0.05', user_id: '0' },
          msg: 'order "placed"',
        },
        values: [[String(BASE), checkoutLine(0)]],
      },
    ]);
  });

  it('keep their distance with --interval', async () => {
    const request = logcliRange('query', { ...GATEWAY, limit: 30, forward: true }, [['interval', 60]]);
    const { data } = await decode(server.url, request, shapes.streams);
    const times = data.result.flatMap(({ values }) => values.map(([time]) => BigInt(time))).sort();
    expect(times).toEqual(Array.from({ length: 10 }, (_, i) => BASE + 60n * SECOND * BigInt(i)));
  });

  it('have points at steps of fractions of a second', async () => {
    const query = 'sum(count_over_time({service_name="gateway"}[1s]))';
    const asked = { query, start: BASE + SECOND, end: BASE + 3n * SECOND, limit: 30 };
    const { data } = await decode(server.url, logcliRange('query', asked, [['step', 0.5]]), shapes.matrix);
    const first = Number(BASE / SECOND) + 1;
    expect(data.result.map(({ values }) => values)).toEqual([
      [0, 0.5, 1, 1.5, 2].map((further) => [first + further, '1']),
    ]);
  });

  it('list series of any of several selectors', async () => {
    const matches: Pairs = [
      ['match', '{service_name="burst"}'],
      ['match', '{app="worker"}'],
      ['match', '{part="a"}'],
    ];
    const { data } = await decode(
      server.url,
      logcliRequest('series', 'series', [...BOUNDS, ...matches]),
      shapes.series,
    );
    expect(data).toHaveLength(3);
  });

  it('leave out the list of labels when there are none', async () => {
    const { text } = await send(server.url, logcliRequest('labels', 'label/absent/values', BOUNDS));
    expect(text).toBe('{"status":"success"}\n');
  });

  it('sum volumes by the labels asked for, and over time', async () => {
    const bytes =
      Array.from({ length: SECONDS }, (_, i) => checkoutLine(i).length).reduce((a, b) => a + b) * PODS.length;
    const asked: Pairs = [
      ...BOUNDS,
      ['query', '{service_name="checkout"}'],
      ['limit', 30],
      ['targetLabels', 'env,service_name'],
    ];
    const volume = await decode(server.url, logcliRequest('volume', 'index/volume', asked), shapes.vector);
    expect(volume.data.result).toEqual([
      { metric: { env: 'prod', service_name: 'checkout' }, value: [Number(RANGE.end / SECOND), String(bytes)] },
    ]);
    const stepped: Pairs = [...asked, ['step', 300]];
    const range = await decode(server.url, logcliRequest('volume_range', 'index/volume_range', stepped), shapes.matrix);
    const total = range.data.result[0]!.values.reduce((sum, [, value]) => sum + Number(value), 0);
    expect(Math.abs(total - bytes)).toBeLessThanOrEqual(3);
  });
});

describe('a query that is wrong', () => {
  it.each([
    ['{app="x"', /^parse error at line 1, col 9: syntax error: unexpected \$end/],
    ['{app="x"} |= ', /^parse error at line 1, col \d+: syntax error: /],
    ['{app=~".*"}', /^parse error : queries require at least one /],
    ['sum(rate({app="x"}))', /^parse error at line 1, col \d+: syntax error: /],
    ['{app="x"} | json | level=', /^parse error at line 1, col \d+: syntax error: /],
  ])('%s is answered with the place in plain text', async (query, first) => {
    const { status, headers, text } = await send(server.url, logcliRange('query', { query, ...RANGE, limit: 30 }));
    expect(status).toBe(400);
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(text.split('\n')[0]).toMatch(first);
  });

  it('is refused before it is run: streams as an instant query, too many lines, too many points', async () => {
    const instant = logcliRequest('instant', 'query', [
      ['query', '{app="x"}'],
      ['limit', 30],
      ['time', RANGE.end],
      ['direction', 'BACKWARD'],
    ]);
    const many = logcliRange('query', { ...GATEWAY, limit: 5001 });
    const points = logcliRange('query', { ...GATEWAY, query: 'rate({app="x"}[1m])', limit: 30 }, [['step', 0.1]]);
    for (const [request, text] of [
      [instant, /^log queries are not supported as an instant query type/],
      [many, /^max entries limit per query exceeded, limit > max_entries_limit_per_query \(5001 > 5000\)/],
      [points, /^exceeded maximum resolution of 11,000 points per time series/],
    ] as const) {
      expect(await send(server.url, request)).toMatchObject({ status: 400, text: expect.stringMatching(text) });
    }
  });
});
