import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { logBatch } from '../../../test/support/log-rows.js';
import { INPUT } from '../../../test/support/samples.js';
import { TIMESTAMP } from '../../planning/physical/expression.js';
import type { TopK } from '../../planning/physical/node.js';
import { gatherRows, type RowsTable, TableRows } from '../batch/rows-table.js';
import type { Pipeline } from '../pipeline.js';
import { type RankedBatch, TopKBound, topK } from './top-k.js';

const nodeOf = (fields: Partial<TopK> = {}): TopK => ({
  kind: 'top-k',
  sortBy: TIMESTAMP,
  ascending: true,
  k: 3,
  intervalNs: 0,
  input: INPUT,
  ...fields,
});

/** A batch of rows at the given times, `<name><i>` their lines. */
function batchOf(name: string, base: number, times: readonly number[]): RankedBatch {
  const rows = times.map((time, i) => ({ time: time - base, line: `${name}${i}` }));
  return { batch: logBatch(rows, BigInt(base)), rank: 0, ordered: false };
}

async function* pipe(batches: readonly RankedBatch[]): Pipeline<RankedBatch> {
  yield* batches;
}

function rowsIn(table: RowsTable | undefined): [number, string][] {
  if (!table) return [];
  const { offsets, bytes } = table.text;
  return Array.from(table.times, (time, i) => [Number(time), bytes.utf8Slice(offsets[i]!, offsets[i + 1]!)]);
}

async function best(batches: readonly RankedBatch[], node: TopK, bound = new TopKBound(node.ascending)) {
  const tables: RowsTable[] = [];
  for await (const table of topK(pipe(batches), node, bound)) tables.push(table);
  expect(tables.length).toBeLessThanOrEqual(1);
  return rowsIn(tables[0]);
}

/** All rows in the order of the query: by time, rows of equal time as they arrived; a batch is read backwards when descending. */
function naive(batches: readonly (readonly [string, number, readonly number[]])[], { ascending, k }: TopK) {
  const rows = batches.flatMap(([name, , times]) => {
    const own = times.map((time, i) => [time, `${name}${i}`] as [number, string]);
    return ascending ? own : own.reverse();
  });
  return rows.sort(([a], [b]) => (ascending ? a - b : b - a)).slice(0, k);
}

const batchesOf = fc
  .array(fc.tuple(fc.nat(40), fc.array(fc.nat(60), { minLength: 1, maxLength: 12 })), { maxLength: 90 })
  .map((batches) => batches.map(([base, times], b) => [`b${b}-`, base, times] as const));

describe('top k', () => {
  test('has the first k rows by time, equal ones in order of arrival, however many batches it let go', async () => {
    const nodes = fc.record({ ascending: fc.boolean(), k: fc.constantFrom(1, 2, 7, 40, 2000) });
    await fc.assert(
      fc.asyncProperty(batchesOf, nodes, async (batches, fields) => {
        const node = nodeOf(fields);
        const input = batches.map(([name, base, times]) => batchOf(name, base, times));
        expect(await best(input, node)).toEqual(naive(batches, node));
      }),
      { numRuns: 150 },
    );
  });

  test('yields nothing when there are no rows', async () => {
    expect(await best([], nodeOf())).toEqual([]);
    expect(await best([batchOf('a', 0, [])], nodeOf())).toEqual([]);
  });

  test('keeps the storage order of equal rows when ascending and turns it around when descending', async () => {
    const input = () => [batchOf('a', 0, [5, 5, 5])];
    expect(await best(input(), nodeOf({ k: 2 }))).toEqual([
      [5, 'a0'],
      [5, 'a1'],
    ]);
    expect(await best(input(), nodeOf({ k: 2, ascending: false }))).toEqual([
      [5, 'a2'],
      [5, 'a1'],
    ]);
  });

  test('orders equal rows of several senders by rank, whoever came first', async () => {
    for (const ascending of [true, false]) {
      const one = { ...batchOf('one', 0, [5, 5]), rank: 1, ordered: true };
      const zero = { ...batchOf('zero', 0, [5, 5]), rank: 0, ordered: true };
      const lines = (await best([one, zero], nodeOf({ ascending, k: 3 }))).map(([, line]) => line);
      expect(lines).toEqual(['zero0', 'zero1', 'one0']);
    }
  });

  test('takes tables of senders as they are', async () => {
    const { batch } = batchOf('a', 0, [9, 7, 7, 1]);
    if (batch instanceof TableRows) throw new Error('a batch was made');
    const table = new TableRows(gatherRows([batch], [0, 0, 0, 0], [0, 1, 2, 3]));
    const input = [{ batch: table, rank: 0, ordered: true }];
    expect(await best(input, nodeOf({ ascending: false, k: 3 }))).toEqual([
      [9, 'a0'],
      [7, 'a1'],
      [7, 'a2'],
    ]);
  });
});

describe('the bound of a top k', () => {
  test('is not set before k rows are known', async () => {
    const bound = new TopKBound(true);
    await best([batchOf('a', 0, [1, 2])], nodeOf({ k: 400 }), bound);
    expect(bound.time).toBeUndefined();
    expect(bound.excludes(-1000n, 1000n)).toBe(false);
  });

  test('becomes the time of the k-th best row and shuts out what is certainly worse', async () => {
    for (const ascending of [true, false]) {
      const bound = new TopKBound(ascending);
      const times = Array.from({ length: 1000 }, (_, i) => 1000 + i);
      await best([batchOf('a', 500, times)], nodeOf({ ascending, k: 10 }), bound);
      expect(bound.time).toBe(ascending ? 1009n : 1990n);
      expect(bound.excludes(1010n, 2000n)).toBe(ascending);
      expect(bound.excludes(0n, 1989n)).toBe(!ascending);
      expect(bound.excludes(0n, 5000n)).toBe(false);
      expect(bound.excludes(bound.time!, bound.time!)).toBe(false);
    }
  });

  test('never worsens and never shuts out one of the best', async () => {
    await fc.assert(
      fc.asyncProperty(batchesOf, fc.boolean(), fc.constantFrom(1, 5, 30), async (batches, ascending, k) => {
        const node = nodeOf({ ascending, k });
        const bound = new TopKBound(ascending);
        async function* pruned(): Pipeline<RankedBatch> {
          let last: bigint | undefined;
          for (const [name, base, times] of batches) {
            const min = BigInt(Math.min(...times));
            const max = BigInt(Math.max(...times));
            if (last !== undefined) expect(ascending ? bound.time! <= last : bound.time! >= last).toBe(true);
            last = bound.time;
            if (!bound.excludes(min, max)) yield batchOf(name, base, times);
          }
        }
        const tables: RowsTable[] = [];
        for await (const table of topK(pruned(), node, bound)) tables.push(table);
        expect(rowsIn(tables[0])).toEqual(naive(batches, node));
      }),
      { numRuns: 60 },
    );
  });

  test('known from elsewhere drops rows beyond it, and keeps those at it', async () => {
    const rows = () => [batchOf('a', 3, [3, 5, 7])];
    expect(await best(rows(), nodeOf(), new TopKBound(true, 5n))).toEqual([
      [3, 'a0'],
      [5, 'a1'],
    ]);
    expect(await best(rows(), nodeOf({ ascending: false }), new TopKBound(false, 5n))).toEqual([
      [7, 'a2'],
      [5, 'a1'],
    ]);
  });
});

describe('an interval between rows', () => {
  const HOUR = 3_600_000_000_000;
  const times = [0, 4, 9, 10, 19, 20, 25].map((time) => HOUR + time);
  const spaced = async (fields: Partial<TopK>, all = times) =>
    (await best([batchOf('a', all[0]!, all)], nodeOf({ intervalNs: 10, k: 100, ...fields }))).map(
      ([time]) => time - HOUR,
    );

  test('leaves out rows too near to the last one kept', async () => {
    expect(await spaced({})).toEqual([0, 10, 20]);
    expect(await spaced({ ascending: false })).toEqual([25, 10, 0]);
  });

  test('is applied before the limit', async () => {
    expect(await spaced({ k: 2 })).toEqual([0, 10]);
  });

  test('starts anew with every hour', async () => {
    const across = [2 * HOUR - 5, 2 * HOUR - 1, 2 * HOUR, 2 * HOUR + 3];
    expect(await spaced({}, across)).toEqual([HOUR - 5, HOUR]);
    expect(await spaced({ ascending: false }, across)).toEqual([HOUR + 3, HOUR - 1]);
  });

  test('looks at all rows, though many batches have come and gone', async () => {
    const many = Array.from({ length: 200 }, (_, b) => batchOf(`b${b}-`, HOUR, [HOUR + b]));
    const kept = await best(many, nodeOf({ intervalNs: 50, k: 10 }));
    expect(kept.map(([time]) => time - HOUR)).toEqual([0, 50, 100, 150]);
  });
});
