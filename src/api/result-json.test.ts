import { describe, expect, it } from 'vitest';
import { EMPTY_ANSWER, NO_STATS } from '../../test/support/api.js';
import type { QueryResult, StreamEntry } from '../wire/query.js';
import { queryJson } from './result-json.js';

/** The text of `data.result`. */
function resultText(result: QueryResult, categorized = false): string {
  const text = [...queryJson({ ...EMPTY_ANSWER, result }, categorized)].join('');
  JSON.parse(text);
  const start = text.indexOf('"result":') + 9;
  return text.slice(start, text.indexOf(',"stats":'));
}

function streamsText(entries: readonly StreamEntry[], categorized = false): string {
  return resultText({ type: 'streams', streams: [{ labels: [['app', 'x']], entries }] }, categorized);
}

describe('streams', () => {
  it('carry nanoseconds as strings', () => {
    expect(streamsText([{ time: 1700000000000000001n, line: 'a "quoted" line\n' }])).toBe(
      '[{"stream":{"app":"x"},"values":[["1700000000000000001","a \\"quoted\\" line\\n"]]}]',
    );
  });

  it('with categorised labels have a third element without empty categories', () => {
    const entries: StreamEntry[] = [
      { time: 1n, line: 'a', structuredMetadata: [['trace', 't']], parsed: [['status', '5']] },
      { time: 2n, line: 'b', structuredMetadata: [], parsed: [['status', '5']] },
      { time: 3n, line: 'c', structuredMetadata: [], parsed: [] },
    ];
    expect(streamsText(entries, true)).toBe(
      '[{"stream":{"app":"x"},"values":[["1","a",{"structuredMetadata":{"trace":"t"},"parsed":{"status":"5"}}],' +
        '["2","b",{"parsed":{"status":"5"}}],["3","c",{}]]}]',
    );
  });

  it('replace half a surrogate pair, and leave whole ones and escapes alone', () => {
    const lines = (text: string) => JSON.parse(streamsText([{ time: 1n, line: text }]))[0].values[0][1];
    expect(lines('a\ud800b')).toBe('a\ufffdb');
    expect(lines('😀')).toBe('😀');
    expect(lines('literal \\ud800')).toBe('literal \\ud800');
  });
});

describe('samples', () => {
  it('of a vector carry seconds with milliseconds at most', () => {
    expect(resultText({ type: 'vector', samples: [{ labels: [], timeMs: 1700000000123, value: 42 }] })).toBe(
      '[{"metric":{},"value":[1700000000.123,"42"]}]',
    );
  });

  it('of a matrix are pairs', () => {
    const series = [{ labels: [['a', 'b']] as const, timesMs: [1700000000000, 1700000001500], values: [1, 0.5] }];
    expect(resultText({ type: 'matrix', series })).toBe(
      '[{"metric":{"a":"b"},"values":[[1700000000,"1"],[1700000001.5,"0.5"]]}]',
    );
  });

  it('of a scalar are one pair', () => {
    expect(resultText({ type: 'scalar', timeMs: 1700000000000, value: 3 })).toBe('[1700000000,"3"]');
  });

  it.each([
    [1e21, '1000000000000000000000'],
    [1e-7, '0.0000001'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [-0, '-0'],
  ])('%d is written as %s', (value, text) => {
    expect(resultText({ type: 'scalar', timeMs: 0, value })).toBe(`[0,"${text}"]`);
  });
});

describe('the envelope', () => {
  const parsed = (answer = EMPTY_ANSWER, categorized = false) =>
    JSON.parse([...queryJson(answer, categorized)].join(''));

  it('has an empty list for an empty result, and no warnings', () => {
    const body = parsed();
    expect(body.status).toBe('success');
    expect(body.data.result).toEqual([]);
    expect(body.data.resultType).toBe('streams');
    expect(body).not.toHaveProperty('warnings');
    expect(body.data).not.toHaveProperty('encodingFlags');
    expect(body.data).not.toHaveProperty('explain');
  });

  it('carries warnings, flags and the explanation where there are any', () => {
    const body = parsed({ ...EMPTY_ANSWER, warnings: ['partial'], explain: '%1 = "x"\n' }, true);
    expect(body.warnings).toEqual(['partial']);
    expect(body.data.encodingFlags).toEqual(['categorize-labels']);
    expect(body.data.explain).toBe('%1 = "x"\n');
  });

  it('reports what the query cost under the names Grafana reads', () => {
    const stats = {
      ...NO_STATS,
      execSeconds: 0.5,
      bytesScanned: 1000,
      rowsScanned: 10,
      liveRows: 4,
      entriesReturned: 3,
    };
    const { summary, ingester, querier, cache, index } = parsed({ ...EMPTY_ANSWER, stats }).data.stats;
    expect(summary).toMatchObject({
      bytesProcessedPerSecond: 2000,
      linesProcessedPerSecond: 20,
      totalBytesProcessed: 1000,
      totalLinesProcessed: 10,
      execTime: 0.5,
      totalEntriesReturned: 3,
    });
    expect(ingester.totalLinesSent).toBe(4);
    expect(querier.store.chunk.decompressedLines).toBe(6);
    expect(cache.result.requests).toBe(0);
    expect(index.totalStreams).toBe(0);
  });

  it('comes in pieces when it is long, which together are one document', () => {
    const entries = Array.from({ length: 8000 }, (_, i) => ({ time: BigInt(i), line: 'x'.repeat(100) }));
    const pieces = [
      ...queryJson({ ...EMPTY_ANSWER, result: { type: 'streams', streams: [{ labels: [], entries }] } }, false),
    ];
    expect(pieces.length).toBeGreaterThan(2);
    expect(JSON.parse(pieces.join('')).data.result[0].values).toHaveLength(8000);
  });
});
