import { describe, expect, it } from 'vitest';
import type { TestRow } from '../../../test/support/build-input.js';
import { QuerySystem, requestOf, SECOND, T0 } from '../../../test/support/query-system.js';
import { fault } from '../../wire/fault.js';
import type { QueryAnswer } from '../../wire/query.js';
import { seriesLimitMessage } from './limits.js';

function rows(from: number, to: number, app = 'x'): TestRow[] {
  return Array.from({ length: to - from }, (_, i) => ({
    labels: { app },
    time: T0 + BigInt(from + i) * SECOND,
    line: `line ${from + i}`,
  }));
}

function linesOf({ result }: QueryAnswer): string[] {
  if (result.type !== 'streams') throw new Error(`not streams: ${result.type}`);
  return result.streams.flatMap(({ entries }) => entries.map(({ line }) => line));
}

const lines = (from: number, to: number): string[] => rows(from, to).map(({ line }) => line);

describe('limits', () => {
  const apps = ['a', 'b', 'c'].flatMap((app) => rows(0, 2, app));
  const query = 'count_over_time({app=~".+"}[1h])';
  const instant = { mode: 'instant', start: T0 + 60n * SECOND } as const;

  it('of series fail a query, with the advice of Loki', async () => {
    const system = new QuerySystem({ max_query_series: 2 });
    system.push(apps);
    expect(await system.reply(requestOf(query, instant))).toEqual({
      kind: 'fault',
      fault: fault('bad-request', seriesLimitMessage(2)),
    });
    expect(await system.reply(requestOf(query))).toMatchObject({ kind: 'fault' });
    expect((await system.ask(`sum(${query})`, instant)).warnings).toEqual([]);
  });

  it.each(['instant', 'range'] as const)('of series shorten an %s answer for Drilldown', async (mode) => {
    const system = new QuerySystem({ max_query_series: 2 });
    system.push(apps);
    const answer = await system.ask(query, { ...instant, mode, tags: 'Source=grafana-lokiexplore-app' });
    const { result } = answer;
    const kept = result.type === 'matrix' ? result.series : result.type === 'vector' ? result.samples : [];
    expect(kept.map(({ labels }) => labels)).toEqual([[['app', 'a']], [['app', 'b']]]);
    expect(answer.warnings).toEqual([
      'maximum number of series (2) reached for a single query; returning partial results',
    ]);
  });

  it.each([
    ['{app="x"}', 'range', 'streams'],
    ['count_over_time({app="x"}[1h])', 'range', 'matrix'],
    ['count_over_time({app="x"}[1h])', 'instant', 'vector'],
  ] as const)('of lookback make %s (%s) empty when all of it is too old', async (text, mode, type) => {
    const system = new QuerySystem({ max_query_lookback_ms: 60_000 });
    system.push(rows(0, 10));
    const { result } = await system.ask(text, { mode, start: T0, end: mode === 'instant' ? T0 : T0 + 600n * SECOND });
    expect(result).toEqual(
      { streams: { type, streams: [] }, matrix: { type, series: [] }, vector: { type, samples: [] } }[type],
    );
  });

  it('of bytes are about all that would be looked at', async () => {
    const system = new QuerySystem({ max_query_bytes_read: 130 });
    system.push([...rows(0, 10, 'x'), ...rows(0, 10, 'y')]);
    await system.flush();
    const tooMany = (bytes: number) =>
      `the query would read too many bytes (query: ${bytes} B, limit: 130 B); consider adding more specific stream selectors or reduce the time range of the query`;
    expect(linesOf(await system.ask('{app=~"x|y"}'))).toHaveLength(20);
    const twice = requestOf('sum(rate({app=~"x|y"}[1m])) + sum(rate({app="x"}[1m]))');
    expect(await system.reply(twice)).toEqual({ kind: 'fault', fault: fault('bad-request', tooMany(180)) });
  });

  it('of bytes count the whole query that this is a slice of', async () => {
    const system = new QuerySystem({ max_query_bytes_read: 100 });
    system.push([...rows(0, 10, 'x'), ...rows(0, 10, 'y')]);
    await system.flush();
    const slice = (query: string, from: bigint) =>
      requestOf('{app="x"}', { slicedFrom: { query, start: T0 + from, end: T0 + 600n * SECOND } });
    expect(await system.reply(slice('{app=~"x|y"}', 0n))).toMatchObject({
      kind: 'fault',
      fault: { code: 'bad-request' },
    });
    expect(await system.reply(slice('{app="y"}', 0n))).toMatchObject({ kind: 'answer' });
    expect(await system.reply(slice('{app=~"x|y"}', 500n * SECOND))).toMatchObject({ kind: 'answer' });
    expect(await system.reply(slice('{app', 0n))).toMatchObject({ kind: 'fault', fault: { code: 'bad-request' } });
  });

  it('of length and lookback are about streams as well', async () => {
    const system = new QuerySystem({ max_query_length_ms: 3_600_000 });
    system.push(rows(0, 10));
    expect(await system.metadata('labels')).toEqual({ kind: 'names', names: ['app'] });
    const short = new QuerySystem({ max_query_length_ms: 1_800_000 });
    expect(await short.metadata('series')).toEqual({
      kind: 'fault',
      fault: fault('bad-request', 'the query time range exceeds the limit (query length: 1h0m0s, limit: 30m0s)'),
    });
    const recent = new QuerySystem({ max_query_lookback_ms: 1_800_000, max_query_length_ms: 1_800_000 });
    recent.push(rows(0, 10));
    await recent.flush();
    expect(await recent.metadata('values', [], 'app')).toEqual({ kind: 'names', names: [] });
  });

  it('of length are about what lookback leaves', async () => {
    const limits = { max_query_lookback_ms: 3_600_000, max_query_length_ms: 3_600_000 };
    const system = new QuerySystem(limits);
    system.push(rows(0, 10));
    expect(linesOf(await system.ask('{app="x"}', { start: T0 - 86_400n * SECOND }))).toHaveLength(10);
  });

  it('of lookback cut a range', async () => {
    const system = new QuerySystem({ max_query_lookback_ms: 3_595_000 });
    system.push(rows(0, 10));
    expect(linesOf(await system.ask('{app="x"}'))).toEqual(lines(5, 10).reverse());
  });
});
