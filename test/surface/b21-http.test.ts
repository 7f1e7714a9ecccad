/** The shape of answers on the wire, and parameters that are refused (B4, B6, B21-B28, C3-C5, C27, C28, C58a-C62). */
import { describe, expect, test } from 'vitest';
import { T0 } from '../support/query-system.js';
import { surface } from '../support/surface.js';

const RANGE = '/loki/api/v1/query_range';
const INSTANT = '/loki/api/v1/query';
const HOUR = { start: String(T0), end: String(T0 + 3_600_000_000_000n) };
const rows = surface([{ line: 'level=info <b>&"é" \u2028', metadata: { trace: 't1' } }, { line: '{"level":"warn"}' }]);

async function data(path: string, parameters: Readonly<Record<string, string>>, headers: Record<string, string> = {}) {
  const reply = await rows.http(path, parameters, { headers });
  expect(reply).toMatchObject({ status: 200, headers: { 'content-type': 'application/json; charset=UTF-8' } });
  const body = JSON.parse(reply.body) as { status: string; data: Record<string, unknown>; warnings?: unknown };
  expect(body.status).toBe('success');
  expect(body.warnings).toBeUndefined();
  expect(body.data.stats).toBeTypeOf('object');
  return body.data;
}

describe('C28: a range query', () => {
  test('B21, B22: gives nanoseconds as strings, and lines as they are', async () => {
    const found = await data(RANGE, { ...HOUR, query: '{app="x"}', direction: 'forward', limit: '1' });
    expect(found).toMatchObject({
      resultType: 'streams',
      result: [{ stream: { app: 'x', trace: 't1' }, values: [[String(T0), 'level=info <b>&"é" \u2028']] }],
    });
  });

  test('B19: categorises labels when asked to', async () => {
    const flags = { 'x-loki-response-encoding-flags': 'categorize-labels' };
    const found = await data(RANGE, { ...HOUR, query: '{app="x"} | json', direction: 'forward' }, flags);
    expect(found).toMatchObject({
      encodingFlags: ['categorize-labels'],
      result: [
        {
          stream: { app: 'x' },
          values: [
            [
              String(T0),
              expect.any(String),
              { structuredMetadata: { trace: 't1' }, parsed: { __error__: 'JSONParserErr' } },
            ],
            [String(T0 + 1_000_000_000n), '{"level":"warn"}', { parsed: { level: 'warn' } }],
          ],
        },
      ],
    });
    const bare = await data(RANGE, { ...HOUR, query: '{app="x"} |= "{"' }, flags);
    expect(bare).toMatchObject({ result: [{ values: [[expect.any(String), '{"level":"warn"}', {}]] }] });
  });

  test('B21: of a metric gives seconds and values in text', async () => {
    const query = 'sum(count_over_time({app="x"}[1h])) * 1e21';
    const found = await data(RANGE, { ...HOUR, query, step: '3600' });
    expect(found).toMatchObject({
      resultType: 'matrix',
      result: [
        {
          metric: {},
          values: [
            [1793494800, '1000000000000000000000'],
            [1793498400, '1000000000000000000000'],
          ],
        },
      ],
    });
  });

  test('B23: that finds nothing has an empty list', async () => {
    for (const query of ['{app="none"}', 'rate({app="none"}[1m])']) {
      expect(await data(RANGE, { ...HOUR, query })).toMatchObject({ result: [] });
    }
    expect(await data(INSTANT, { query: 'rate({app="none"}[1m])' })).toMatchObject({
      resultType: 'vector',
      result: [],
    });
  });
});

describe('C27: an instant query', () => {
  test.each([
    ['1/0', '4.5', [4.5, 'NaN']],
    ['1+1', '4', [4, '2']],
  ])('B21: %s is a scalar', async (query, time, result) => {
    expect(await data(INSTANT, { query, time })).toMatchObject({ resultType: 'scalar', result });
  });

  test('B21: gives infinities and small numbers as Go prints them', async () => {
    const value = async (query: string) =>
      ((await data(INSTANT, { query, time: '1' })).result as { value: unknown[] }[])[0]!.value[1];
    expect(await value('vector(2) ^ 1e9')).toBe('+Inf');
    expect(await value('vector(2) ^ 1e9 * -1')).toBe('-Inf');
    expect(await value('vector(1) / 3')).toBe('0.3333333333333333');
    expect(await value('vector(1e-7)')).toBe('0.0000001');
  });

  test('C59: is what Grafana asks to see whether all is well', async () => {
    const found = await data(INSTANT, { query: 'vector(1)+vector(1)', time: '4', direction: 'backward' });
    expect(found).toMatchObject({ resultType: 'vector', result: [{ metric: {}, value: [4, '2'] }] });
  });
});

describe('C61, C62: what Logs Drilldown and the volume histogram ask', () => {
  test('counts every line by level, whatever parsers make of it', async () => {
    const query =
      'sum by (level) (count_over_time({app="x"} | json | logfmt | drop __error__, __error_details__ [1h]))';
    expect((await data(RANGE, { ...HOUR, query, step: '3600s' })).result).toMatchObject([
      {
        metric: { level: 'info' },
        values: [[1793494800, '1']],
      },
      { metric: { level: 'warn' }, values: [[1793498400, '1']] },
    ]);
  });

  test('shows all labels, and no errors', async () => {
    const query = '{app="x"} | json | logfmt | drop __error__, __error_details__';
    const streams = (await data(RANGE, { ...HOUR, query })).result as { stream: Record<string, string> }[];
    expect(streams.map(({ stream }) => stream)).toEqual([
      { app: 'x', level: 'info', trace: 't1' },
      { app: 'x', level: 'warn' },
    ]);
  });

  test('drops errors before it groups', async () => {
    const query = 'sum by (level, detected_level) (count_over_time({app="x"} | json | drop __error__ [1h]))';
    expect((await data(RANGE, { ...HOUR, query, step: '3600000ms' })).result).toHaveLength(2);
  });
});

describe('B4: without parameters', () => {
  test('a query is over the last hour in 250 steps of whole seconds', async () => {
    const found = await data(RANGE, { query: 'vector(1)', end: '1793498400' });
    const [{ values }] = found.result as [{ values: [number, string][] }];
    expect(values[0]![0]).toBe(1793498400 - 3600 - ((1793498400 - 3600) % 14));
    expect(values[1]![0] - values[0]![0]).toBe(14);
  });

  test('since says how long, unless a start does', async () => {
    const times = async (more: Record<string, string>) => {
      const found = await data(RANGE, { query: 'vector(1)', end: '1793498400', step: '60', ...more });
      return (found.result as [{ values: [number, string][] }])[0].values.map(([time]) => time);
    };
    expect(await times({ since: '2m' })).toEqual([1793498280, 1793498340, 1793498400]);
    expect(await times({ since: '2m', start: '1793498340' })).toEqual([1793498340, 1793498400]);
  });
});

test.each([
  [{ start: '2', end: '1' }, 'end timestamp must not be before or equal to start time'],
  [{ step: '0' }, 'zero or negative query resolution step widths are not accepted. Try a positive integer'],
  [{ step: '-1m' }, 'cannot parse "-1m" to a valid duration'],
  [
    { ...HOUR, step: '0.3' },
    'exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter',
  ],
  [{ interval: '-1' }, 'interval must be >= 0'],
  [{ limit: '0' }, 'limit must be a positive value'],
  [{ limit: 'x' }, 'strconv.Atoi: parsing "x": invalid syntax'],
  [{ limit: '4294967296' }, 'limit value 4294967296 is out of range [0, 4294967295]'],
  [{ direction: 'up' }, "invalid direction 'up'"],
  [{ start: 'x' }, `could not parse 'start' parameter: strconv.ParseInt: parsing "x": invalid syntax`],
  [{ end: '1h' }, `could not parse 'end' parameter: strconv.ParseInt: parsing "1h": invalid syntax`],
  [{ since: '1x' }, `could not parse 'since' parameter: unknown unit "x" in duration "1x"`],
  [{ query: '' }, 'parse error : syntax error: unexpected $end'],
  [{ query: '{app="x"} | nosuch' }, 'parse error at line 1, col 19: syntax error: unexpected $end'],
])('B6, C4: %j is refused', async (parameters: Record<string, string>, message) => {
  const reply = await rows.http(RANGE, { query: '{app="x"}', ...parameters });
  expect(reply).toMatchObject({
    status: 400,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  });
  expect(reply.body.startsWith(message.slice(0, 20))).toBe(true);
  if (!message.startsWith('parse error at')) expect(reply.body).toBe(message);
});

describe('C3: a form', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };

  test('is read before the URL', async () => {
    const reply = await rows.http(
      INSTANT,
      { query: 'vector(1)', time: '7' },
      { method: 'POST', headers: form, body: 'query=vector(2)' },
    );
    expect(JSON.parse(reply.body)).toMatchObject({ data: { result: [{ value: [7, '2'] }] } });
  });

  test('without its content type is none', async () => {
    const reply = await rows.http(
      INSTANT,
      { query: 'vector(1)', time: '7' },
      { method: 'POST', body: 'query=vector(2)' },
    );
    expect(JSON.parse(reply.body)).toMatchObject({ data: { result: [{ value: [7, '1'] }] } });
  });
});

test.each([
  ['1793494800', 1793494800],
  ['1793494800000000000', 1793494800],
  ['1793494800.2504', 1793494800.25],
  ['1793494800123', 1793.494],
  ['2026-11-01T02:00:00+01:00', 1793494800],
  ['2026-11-01T01:00:00.5Z', 1793494800.5],
])('C5: the time %s is %d', async (time, seconds) => {
  expect(await data(INSTANT, { query: 'vector(1)', time })).toMatchObject({ result: [{ value: [seconds, '1'] }] });
});

test('B28: a client that wants no cache is answered', async () => {
  expect(await data(INSTANT, { query: 'vector(1)', time: '1' }, { 'cache-control': 'no-cache' })).toMatchObject({
    resultType: 'vector',
  });
});
