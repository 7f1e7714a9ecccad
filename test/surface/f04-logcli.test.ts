/** What logcli relies on: its spelling of parameters, and pages that fit together without a gap (F1-F6). */
import { describe, expect, test } from 'vitest';
import { SECOND, T0 } from '../support/query-system.js';
import { surface } from '../support/surface.js';

const RANGE = '/loki/api/v1/query_range';
/** Twenty entries of which some share a time, in two streams. */
const rows = surface(
  Array.from({ length: 20 }, (_, i) => ({
    line: `line ${i}`,
    labels: { app: 'x', pod: String(i % 2) },
    at: BigInt(Math.floor(i / 3)) * SECOND,
  })),
);

interface Entry {
  readonly time: bigint;
  readonly line: string;
}

async function page(parameters: Record<string, string>): Promise<Entry[]> {
  const reply = await rows.http(RANGE, { query: '{app="x"}', step: '1.5', ...parameters });
  expect(reply.status).toBe(200);
  const { data } = JSON.parse(reply.body) as { data: { resultType: string; result: { values: [string, string][] }[] } };
  expect(data.resultType).toBe('streams');
  const entries = data.result.flatMap(({ values }) => values.map(([time, line]) => ({ time: BigInt(time), line })));
  const sign = parameters.direction === 'FORWARD' ? 1 : -1;
  return entries.sort((a, b) => sign * Number(a.time - b.time));
}

/** All entries as logcli reads them, `limit` at a time. */
async function pages(direction: 'FORWARD' | 'BACKWARD', limit: number): Promise<string[]> {
  let [start, end] = [T0, T0 + 3600n * SECOND];
  const seen = new Map<string, Entry>();
  for (;;) {
    const entries = await page({ start: String(start), end: String(end), limit: String(limit), direction });
    const before = seen.size;
    for (const entry of entries) seen.set(`${entry.time} ${entry.line}`, entry);
    if (entries.length < limit || seen.size === before) return [...seen.values()].map(({ line }) => line);
    if (direction === 'FORWARD') start = entries.at(-1)!.time;
    else end = entries.at(-1)!.time + 1n;
  }
}

describe('F4: pages', () => {
  const all = Array.from({ length: 20 }, (_, i) => `line ${i}`).sort();

  test.each([4, 5, 7, 19, 20, 100])('of %i entries hold every entry, in both directions', async (limit) => {
    expect((await pages('FORWARD', limit)).sort()).toEqual(all);
    expect((await pages('BACKWARD', limit)).sort()).toEqual(all);
  });
});

test('F5: slices of a time range that touch hold every entry once', async () => {
  const found: string[] = [];
  for (let slice = 0n; slice < 8n; slice++) {
    const [start, end] = [T0 + slice * SECOND, T0 + (slice + 1n) * SECOND];
    const entries = await page({ start: String(start), end: String(end), limit: '1000', direction: 'BACKWARD' });
    found.push(...entries.map(({ line }) => line));
  }
  expect(found).toHaveLength(20);
  expect(new Set(found).size).toBe(20);
});

test('F2, F6: directions are upper case, times nanoseconds, steps seconds with decimals; answers bear statistics', async () => {
  const parameters = { query: 'sum(count_over_time({app="x"}[1h]))', step: '1800.000000', limit: '30' };
  const reply = await rows.http(
    RANGE,
    { ...parameters, start: String(T0), end: String(T0 + 3600n * SECOND), direction: 'FORWARD' },
    { headers: { 'x-query-tags': 'Source=logcli', 'user-agent': 'loki-logcli/3' } },
  );
  expect(reply.status).toBe(200);
  const { data } = JSON.parse(reply.body) as { data: { resultType: string; stats: Record<string, unknown> } };
  expect(data.resultType).toBe('matrix');
  const sections = ['summary', 'querier', 'ingester', 'cache', 'index'];
  expect(Object.keys(data.stats).sort()).toEqual(expect.arrayContaining(sections.sort()));
  expect(data.stats.summary).toMatchObject({ execTime: expect.any(Number), totalBytesProcessed: expect.any(Number) });
});

describe('B24: statistics', () => {
  test('are numbers under the names that Grafana and logcli read', async () => {
    const reply = await rows.http(RANGE, { query: '{app="x"}' });
    const { stats } = (JSON.parse(reply.body) as { data: { stats: Record<string, Record<string, unknown>> } }).data;
    for (const name of [
      'bytesProcessedPerSecond',
      'linesProcessedPerSecond',
      'totalBytesProcessed',
      'totalLinesProcessed',
      'execTime',
      'queueTime',
      'subqueries',
      'totalEntriesReturned',
      'splits',
      'shards',
      'totalPostFilterLines',
      'totalStructuredMetadataBytesProcessed',
    ]) {
      expect(stats.summary![name], name).toBeTypeOf('number');
    }
    for (const name of ['totalReached', 'totalChunksMatched', 'totalBatches', 'totalLinesSent']) {
      expect(stats.ingester![name], name).toBeTypeOf('number');
    }
    const caches = ['chunk', 'index', 'result', 'statsResult', 'volumeResult', 'seriesResult', 'labelResult'];
    for (const name of [...caches, 'instantMetricResult', 'logResult', 'taskResult']) {
      expect(stats.cache![name], name).toMatchObject({ entriesFound: 0, requests: 0, queryLengthServed: 0 });
    }
    for (const side of [stats.querier!, stats.ingester!]) {
      expect(side.store).toMatchObject({
        totalChunksRef: expect.any(Number),
        chunk: { decompressedLines: expect.any(Number), totalDuplicates: 0 },
      });
    }
  });
});
