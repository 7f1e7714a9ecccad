import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptObject } from '../../corrupt.js';
import type { Counts } from '../types.js';
import { CountedRows, countRows, decodeCounts, encodeCounts } from './counts.js';
import { joinIds } from './joined-ids.js';

const row = fc.record({
  stream: fc.nat(2),
  time: fc.nat(300),
  bytes: fc.nat(50),
  value: fc.integer({ min: -1, max: 2 }),
});

/** Rows and bytes by group and bin, of a table. */
function tallied(counts: Counts, keys: number): Map<string, [number, number]> {
  const found = new Map<string, [number, number]>();
  for (let g = 0; g < counts.stream.length; g++) {
    const value = Array.from(counts.value.subarray(g * keys, (g + 1) * keys));
    for (let b = counts.starts[g]!; b < counts.starts[g + 1]!; b++) {
      const end = counts.origin + (counts.bin[b]! + 1) * counts.widthNs;
      found.set(`${counts.stream[g]} ${value} ${end}`, [counts.rows[b]!, counts.messageBytes[b]!]);
    }
  }
  return found;
}

describe('tables of counts', () => {
  it('say of every bin what is in it, narrow or wide', () => {
    const tables = fc.record({
      rows: fc.array(row, { minLength: 1, maxLength: 60 }),
      base: fc.bigInt({ min: -1000n, max: 1000n }),
      byValue: fc.boolean(),
    });
    fc.assert(
      fc.property(tables, ({ rows: given, base, byValue }) => {
        const rows = given.toSorted((a, b) => a.stream - b.stream || a.time - b.time);
        const column = (of: (one: (typeof rows)[number]) => number): Int32Array => Int32Array.from(rows, of);
        const times = Float64Array.from(rows, ({ time }) => time);
        const counted = new CountedRows(
          column(({ stream }) => stream),
          times,
          column(({ bytes }) => bytes),
          base,
        );
        const joined = byValue ? joinIds([{ ids: column(({ value }) => value), values: 3 }], rows.length) : undefined;
        const made = countRows(counted, joined, { countBinsNs: [3, 12, 120], rowsPerBinMin: 1 });
        expect(made.length).toBeGreaterThan(0);
        for (const counts of made) {
          const expected = new Map<string, [number, number]>();
          for (const { stream, time, bytes, value } of rows) {
            const width = counts.widthNs;
            const end = Math.ceil((Number(base) + time) / width) * width - Number(base);
            const key = `${stream} ${byValue ? value : ''} ${end}`;
            const [count, sum] = expected.get(key) ?? [0, 0];
            expected.set(key, [count + 1, sum + bytes]);
          }
          expect(tallied(counts, byValue ? 1 : 0)).toEqual(expected);
        }
      }),
    );
  });

  it('of wider bins are kept where they are far fewer, and none where bins are nearly as many as rows', () => {
    const of = (rows: number, every: number, rowsPerBinMin: number): number[] => {
      const zeros = new Int32Array(rows);
      const counted = new CountedRows(
        zeros,
        Float64Array.from(zeros, (_, i) => (i + 1) * every),
        zeros,
        0n,
      );
      return countRows(counted, undefined, { countBinsNs: [10, 20, 50, 200], rowsPerBinMin }).map(
        ({ widthNs }) => widthNs,
      );
    };
    expect(of(400, 1, 8)).toEqual([10, 50, 200]);
    expect(of(400, 10, 8)).toEqual([200]);
    expect(of(10, 1000, 2)).toEqual([]);
  });

  it('are refused where they are not those that the index lists', () => {
    const rows = new CountedRows(Int32Array.of(0, 0), Float64Array.of(0, 7), Int32Array.of(1, 1), 0n);
    const [counts] = countRows(rows, joinIds([{ ids: Int32Array.of(0, 1), values: 2 }], 2), {
      ...{ countBinsNs: [10], rowsPerBinMin: 1 },
    });
    const { bytes, rawBytes } = encodeCounts(counts!);
    const listed = { keys: ['level'], values: [['a', 'b']], widthNs: 10, bins: counts!.bin.length };
    const decode = (part: Partial<typeof listed>) =>
      decodeCounts(bytes, rawBytes, { ...listed, ...part }, { path: 'o' });
    expect(decode({})).toEqual(counts);
    expect(() => decode({ widthNs: 20 })).toThrow(CorruptObject);
    expect(() => decode({ bins: 9 })).toThrow(CorruptObject);
    expect(() => decode({ values: [['a']] })).toThrow(CorruptObject);
    expect(() => decode({ keys: ['level', 'pod'], values: [['a'], ['b']] })).toThrow(CorruptObject);
  });
});
