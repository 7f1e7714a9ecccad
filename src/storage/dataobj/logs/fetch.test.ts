import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coalesce, readRanges } from './fetch.js';

const MIB = 1 << 20;

describe('ranges of an object', () => {
  test('that lie near each other are read at once, others are not', () => {
    const near = { offset: 0, length: 100 };
    expect(coalesce([near, { offset: 100, length: 50 }])).toEqual([{ offset: 0, length: 150 }]);
    expect(coalesce([near, { offset: 60_000, length: 50 }])).toEqual([{ offset: 0, length: 60_050 }]);
    expect(coalesce([near, { offset: 100_000, length: 50 }])).toEqual([near, { offset: 100_000, length: 50 }]);
    const large = { offset: 100, length: 8 * MIB };
    expect(coalesce([near, large])).toEqual([near, large]);
    expect(coalesce([])).toEqual([]);
  });

  test('are read at once the more rarely the less another read costs', async () => {
    const reads: [number, number][] = [];
    const read = async (offset: number, length: number) => {
      reads.push([offset, length]);
      return new Uint8Array(length);
    };
    const ranges = [0, 4000, 9000].map((offset) => ({ offset, length: 100 }));
    await readRanges({ size: 10_000, gapBytes: 4096, read }, ranges);
    expect(reads).toEqual([
      [0, 4100],
      [9000, 100],
    ]);
  });

  test('may be empty where another one begins', async () => {
    const reader = {
      size: 3,
      read: async (from: number, length: number) => Uint8Array.of(7, 8, 9).subarray(from, from + length),
    };
    const read = await readRanges(reader, [
      { offset: 0, length: 1 },
      { offset: 0, length: 0 },
    ]);
    expect(read.map((bytes) => [...bytes])).toEqual([[7], []]);
  });

  test('come back in the order they were asked for, whatever was read together', async () => {
    const object = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) >>> 3);
    const reader = {
      size: object.length,
      read: async (offset: number, length: number) => object.subarray(offset, offset + length),
    };
    const gaps = fc.array(fc.tuple(fc.constantFrom(0, 1, 50_000, 70_000), fc.nat(3000)), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(gaps, fc.infiniteStream(fc.nat()), async (parts, order) => {
        let at = 0;
        const ranges = parts.map(([gap, length]) => {
          at += gap + length;
          return { offset: at - length, length };
        });
        const shuffled = ranges
          .filter(({ offset, length }) => offset + length <= object.length)
          .map((range) => ({ range, key: order.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ range }) => range);
        const read = await readRanges(reader, shuffled);
        shuffled.forEach(({ offset, length }, i) => {
          expect(Buffer.compare(read[i]!, object.subarray(offset, offset + length))).toBe(0);
        });
      }),
    );
  });
});
