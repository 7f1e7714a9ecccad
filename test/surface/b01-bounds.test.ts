/** What time range, step, limit, direction and interval select, and in which order it comes (B1-B9, B14-B20, B26). */
import { describe, expect, test } from 'vitest';
import type { QueryRequest } from '../../src/wire/query.js';
import { SECOND, T0 } from '../support/query-system.js';
import { type SurfaceRow, surface } from '../support/surface.js';

const at = (seconds: number, line = String(seconds), labels = { app: 'x' }): SurfaceRow => ({
  line,
  labels,
  at: BigInt(Math.round(seconds * 1e9)),
});
const between = (start: number, end: number, more: Partial<QueryRequest> = {}): Partial<QueryRequest> => ({
  start: T0 + BigInt(Math.round(start * 1e9)),
  end: T0 + BigInt(Math.round(end * 1e9)),
  ...more,
});

describe('B1: a log query', () => {
  const rows = surface([at(0), at(1), at(2), at(3)]);

  test('takes its start in and leaves its end out', async () => {
    expect((await rows.entries('{app="x"}', between(1, 3))).map(({ line }) => line)).toEqual(['1', '2']);
    expect((await rows.entries('{app="x"}', between(1, 3.000000001))).map(({ line }) => line)).toEqual(['1', '2', '3']);
  });

  test('of no length finds nothing', async () => {
    expect(await rows.entries('{app="x"}', between(1, 1))).toEqual([]);
  });
});

describe('B2, B5: a metric range query', () => {
  const rows = surface([at(7), at(60), at(119)]);

  test('is evaluated at multiples of the step, from below the start to above the end', async () => {
    const query = 'count_over_time({app="x"}[1m])';
    expect(await rows.series(query, between(7, 119, { stepNs: 60e9 }))).toEqual(['{} 60:2 120:1']);
    expect(await rows.series(query, between(0, 120, { stepNs: 15e9 }))).toEqual([
      '{} 15:1 30:1 45:1 60:2 75:1 90:1 105:1 120:1',
    ]);
  });

  test('has steps of whole milliseconds', async () => {
    const [series] = await rows.series('vector(1)', between(0.0004, 0.0021, { stepNs: 1_999_999 }));
    expect(series).toBe('{} 0:1 0.001:1 0.002:1 0.003:1');
  });

  test('evaluates numbers and vectors at the same times', async () => {
    expect(await rows.series('1+1', between(7, 119, { stepNs: 60e9 }))).toEqual(['{} 0:2 60:2 120:2']);
  });

  test('of no length is one point', async () => {
    expect(await rows.series('count_over_time({app="x"}[1m])', between(60, 60, { stepNs: 60e9 }))).toEqual(['{} 60:2']);
  });
});

describe('B3: an instant query', () => {
  test('is evaluated once, wherever that is', async () => {
    expect(await surface([at(7)]).samples('count_over_time({app="x"}[10s])', 16)).toEqual(['{} 1']);
    expect(await surface([at(7)]).samples('count_over_time({app="x"}[10s])', 17)).toEqual([]);
  });

  test('for entries is refused', async () => {
    expect(await surface([]).fault('{app="x"}', { mode: 'instant', start: T0, end: T0, stepNs: 0 })).toContain(
      'log queries are not supported as an instant query type',
    );
  });
});

describe('B7, B8, B16: the limit', () => {
  const rows = surface([
    at(1, 'a1', { app: 'a' }),
    at(2, 'b2', { app: 'b' }),
    at(3, 'a3', { app: 'a' }),
    at(4, 'b4', { app: 'b' }),
  ]);
  const lines = async (more: Partial<QueryRequest>) =>
    (await rows.entries('{app=~".+"}', more)).map(({ line }) => line);

  test('counts over all streams, from the end or the beginning', async () => {
    expect(await lines({ limit: 3, direction: 'backward' })).toEqual(['b2', 'a3', 'b4']);
    expect(await lines({ limit: 3, direction: 'forward' })).toEqual(['a1', 'b2', 'a3']);
  });

  test('has a bound of its own, which metrics do not care about', async () => {
    expect(await rows.fault('{app="a"}', { limit: 5001 })).toBe(
      'max entries limit per query exceeded, limit > max_entries_limit_per_query (5001 > 5000)',
    );
    expect(await rows.series('count_over_time({app="a"}[1m])', { limit: 5001, stepNs: 3600e9 })).toEqual([]);
  });
});

describe('B9: an interval', () => {
  const rows = surface([at(0), at(4), at(5), at(9, '9', { app: 'y' }), at(11), at(3599), at(3601), at(3602)]);
  const lines = async (more: Partial<QueryRequest>) => {
    const result = await rows.ask('{app=~".+"}', { ...between(0, 7200), intervalNs: 5e9, ...more });
    if (result.type !== 'streams') throw new Error(result.type);
    return result.streams.flatMap(({ entries }) => entries.map(({ line }) => Number(line))).sort((a, b) => a - b);
  };

  test('thins all streams together, and starts anew each hour', async () => {
    expect(await lines({ direction: 'forward' })).toEqual([0, 5, 11, 3599, 3601]);
    expect(await lines({ direction: 'backward' })).toEqual([0, 5, 11, 3599, 3602]);
  });

  test('comes before the limit', async () => {
    expect(await lines({ direction: 'forward', limit: 2 })).toEqual([0, 5]);
  });
});

describe('B14, B15, B17: entries come', () => {
  test('in streams by their labels', async () => {
    const rows = surface([
      at(1, 'z', { app: 'x', b: '2' } as never),
      at(2, 'y', { app: 'x', b: '10' } as never),
      at(3, 'x'),
    ]);
    const result = await rows.ask('{app="x"}');
    expect(result.type === 'streams' && result.streams.map(({ labels }) => Object.fromEntries(labels))).toEqual([
      { app: 'x', b: '10' },
      { app: 'x', b: '2' },
      { app: 'x' },
    ]);
  });

  test('of equal times as they were pushed, or in exactly the opposite order', async () => {
    const rows = surface([at(1, 'a'), at(1, 'c'), at(1, 'b'), at(0, 'first')]);
    const lines = async (direction: 'forward' | 'backward') => {
      const result = await rows.ask('{app="x"}', { direction });
      return result.type === 'streams' && result.streams[0]!.entries.map(({ line }) => line);
    };
    expect(await lines('forward')).toEqual(['first', 'a', 'c', 'b']);
    expect(await lines('backward')).toEqual(['b', 'c', 'a', 'first']);
  });

  test('apart when only their metadata differs', async () => {
    const rows = surface([
      { line: 'same', at: SECOND, metadata: { m: '1' } },
      { line: 'same', at: SECOND, metadata: { m: '2' } },
    ]);
    expect(await rows.entries('{app="x"}')).toHaveLength(2);
  });
});

describe('B18-B20: labels of entries', () => {
  const rows = surface([
    { labels: { app: 'x', s: '1' }, metadata: { m: 'a' }, line: 'p=1' },
    { labels: { app: 'x', s: '1' }, metadata: { m: 'b' }, line: 'p=1' },
  ]);
  const streams = async (query: string, categorizeLabels: boolean) => {
    const result = await rows.ask(query, { categorizeLabels, direction: 'forward' });
    if (result.type !== 'streams') throw new Error(result.type);
    return result.streams.map(({ labels, entries }) => ({
      stream: Object.fromEntries(labels),
      values: entries.map(({ structuredMetadata, parsed }) => ({
        structuredMetadata: structuredMetadata && Object.fromEntries(structuredMetadata),
        parsed: parsed && Object.fromEntries(parsed),
      })),
    }));
  };

  test('without categories make a stream of each distinct set', async () => {
    expect((await streams('{app="x"} | logfmt', false)).map(({ stream }) => stream)).toEqual([
      { app: 'x', s: '1', m: 'a', p: '1' },
      { app: 'x', s: '1', m: 'b', p: '1' },
    ]);
  });

  test('with categories stay with their entry', async () => {
    expect(await streams('{app="x"} | logfmt', true)).toEqual([
      {
        stream: { app: 'x', s: '1' },
        values: [
          { structuredMetadata: { m: 'a' }, parsed: { p: '1' } },
          { structuredMetadata: { m: 'b' }, parsed: { p: '1' } },
        ],
      },
    ]);
  });

  test('that are formatted or in error count as parsed', async () => {
    expect(await streams('{app="x"} | m="a" | json | label_format s="new", t=m', true)).toEqual([
      {
        stream: { app: 'x' },
        values: [
          {
            structuredMetadata: {},
            parsed: { s: 'new', t: 'a', __error__: 'JSONParserErr', __error_details__: expect.any(String) },
          },
        ],
      },
    ]);
  });

  test('of metadata need no parser to filter, group and format', async () => {
    expect(await rows.lines('{app="x"} | m="b" | line_format "{{.m}}"')).toEqual(['b']);
    expect(await rows.samples('sum by (m) (count_over_time({app="x"}[1h]))')).toEqual(['{m="a"} 1', '{m="b"} 1']);
  });
});

test('B26: nothing sums up to nothing, and only fillers fill', async () => {
  const rows = surface([at(1)]);
  const nothing = 'sum(count_over_time({app="none"}[1h]))';
  expect(await rows.samples(nothing)).toEqual([]);
  expect(await rows.samples(`${nothing} or vector(0)`)).toEqual(['{} 0']);
  expect(await rows.samples('absent_over_time({app="none"}[1h])')).toEqual(['{app="none"} 1']);
});
