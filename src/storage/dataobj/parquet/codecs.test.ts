import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptObject } from '../../corrupt.js';
import { decodeDelta, deltaBytesMax, encodeDelta } from './delta.js';
import { bitWidth, decodeHybrid, encodeHybrid, hybridBytesMax, putRun } from './hybrid.js';
import { decodeHybridAt, decodeHybridStretch, decodeRanksAt } from './hybrid-at.js';
import { decodePlain, decodeTexts, encodeLengths, encodePlain, lengthsBytesMax } from './text.js';
import { cursor, putVarint, putZigzag, putZigzagBig, takeVarint, takeZigzag, takeZigzagBig } from './varint.js';

const SPAN = 2 ** 52 - 1;

describe('varints', () => {
  test('come back as they were, up to the bounds of their type', () => {
    const out = new Uint8Array(16);
    const safe = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(fc.property(safe, (value) => takeVarint(cursor(out, 0, putVarint(out, 0, value))) === value));
    const signed = fc.integer({ min: -SPAN, max: SPAN });
    fc.assert(fc.property(signed, (value) => takeZigzag(cursor(out, 0, putZigzag(out, 0, value))) === value));
    const wide = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
    fc.assert(fc.property(wide, (value) => takeZigzagBig(cursor(out, 0, putZigzagBig(out, 0, value))) === value));
  });

  test('that do not end, or end too late, are refused', () => {
    expect(() => takeVarint(cursor(Uint8Array.of(0x80, 0x80)))).toThrow(CorruptObject);
    expect(() => takeVarint(cursor(new Uint8Array(20).fill(0xff)))).toThrow(CorruptObject);
    expect(() => takeZigzagBig(cursor(new Uint8Array(20).fill(0xff)))).toThrow(CorruptObject);
  });
});

describe('delta-packed integers', () => {
  const values = fc.oneof(
    fc.array(fc.integer({ min: 0, max: SPAN }), { maxLength: 400 }),
    fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 400 }),
    fc.array(fc.constantFrom(0, 1, SPAN, SPAN - 1, 2 ** 31, 2 ** 32), { maxLength: 300 }),
    fc.nat(600).map((count) => Array.from({ length: count }, (_, i) => i * 1_000_000_007)),
  );
  const base = fc.constantFrom(0n, 1_793_491_200_000_000_000n, 5n - (1n << 63n), (1n << 63n) - 1n - BigInt(SPAN));

  test('come back exactly, relative to their base', () => {
    fc.assert(
      fc.property(values, base, (list, from) => {
        const out = new Uint8Array(deltaBytesMax(list.length));
        const end = encodeDelta(Float64Array.from(list), 0, list.length, from, out, 0);
        expect(end).toBeLessThanOrEqual(out.length);
        const back = new Float64Array(list.length);
        const at = cursor(out, 0, end);
        decodeDelta(at, list.length, from, back);
        expect([...back]).toEqual(list);
        expect(at.at).toBe(end);
        const first = back.subarray(0, list.length >> 1).fill(0);
        decodeDelta(cursor(out, 0, end), list.length, from, first, first.length);
        expect([...first]).toEqual(list.slice(0, first.length));
      }),
      { numRuns: 300 },
    );
  });

  test('of any bytes end in values or in CorruptObject', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(500), (bytes, count) => {
        expectCorruptOr(() => decodeDelta(cursor(bytes), count, 0n, new Float64Array(count)));
      }),
      { numRuns: 500 },
    );
  });
});

describe('the hybrid of runs and packed groups', () => {
  const sequences = fc.integer({ min: 0, max: 20 }).chain((width) =>
    fc.record({
      width: fc.constant(width),
      values: fc
        .array(fc.tuple(fc.nat(2 ** width - 1), fc.integer({ min: 1, max: 20 })), { maxLength: 60 })
        .map((runs) => runs.flatMap(([value, count]) => Array<number>(count).fill(value))),
    }),
  );

  test('comes back exactly', () => {
    fc.assert(
      fc.property(sequences, ({ width, values }) => {
        const out = new Uint8Array(hybridBytesMax(values.length, width));
        const end = encodeHybrid(Int32Array.from(values), 0, values.length, width, out, 0);
        expect(end).toBeLessThanOrEqual(out.length);
        const back = new Int32Array(values.length);
        decodeHybrid(cursor(out.slice(0, end)), width, values.length, 2 ** width, back);
        expect([...back]).toEqual(values);
      }),
      { numRuns: 500 },
    );
  });

  test('stores a run in a few bytes', () => {
    const out = new Uint8Array(16);
    const end = putRun(100_000, 3, 2, out, 0);
    expect(end).toBeLessThan(5);
    const back = new Int32Array(100_000);
    decodeHybrid(cursor(out, 0, end), 2, back.length, 4, back);
    expect(back.every((value) => value === 3)).toBe(true);
  });

  test('refuses values beyond the dictionary, runs beyond the page, and missing bytes', () => {
    const out = new Uint8Array(16);
    const decode = (bytes: Uint8Array, width: number, count: number, limit: number) => () =>
      decodeHybrid(cursor(bytes), width, count, limit, new Int32Array(count));
    expect(decode(out.subarray(0, putRun(10, 3, 2, out, 0)), 2, 10, 3)).toThrow(CorruptObject);
    expect(decode(out.subarray(0, putRun(11, 1, 2, out, 0)), 2, 10, 4)).toThrow(CorruptObject);
    expect(decode(Uint8Array.of(3, 0xff), 2, 8, 4)).toThrow(CorruptObject);
    expect(decode(Uint8Array.of(5, 0xff, 0xff), 1, 8, 4)).toThrow(CorruptObject);
    expect(decode(Uint8Array.of(), 1, 1, 4)).toThrow(CorruptObject);
    expect(decode(Uint8Array.of(0), 1, 1, 4)).toThrow(CorruptObject);
    expect(decode(Uint8Array.of(2, 0), 25, 1, 4)).toThrow(CorruptObject);
  });

  test('of any bytes ends in values or in CorruptObject', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(30), fc.nat(100), (bytes, width, count) => {
        expectCorruptOr(() => decodeHybrid(cursor(bytes), width, count, 50, new Int32Array(count)));
      }),
      { numRuns: 500 },
    );
  });

  test('has widths just large enough', () => {
    expect([0, 1, 2, 3, 4, 255, 256].map(bitWidth)).toEqual([0, 1, 2, 2, 3, 8, 9]);
  });
});

describe('texts', () => {
  const texts = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 300 });
  const offsetsOf = (list: readonly Uint8Array[]): Int32Array => {
    const offsets = new Int32Array(list.length + 1);
    list.forEach((one, i) => {
      offsets[i + 1] = offsets[i]! + one.length;
    });
    return offsets;
  };

  test('come back as offsets into the page itself', () => {
    fc.assert(
      fc.property(texts, (list) => {
        const offsets = offsetsOf(list);
        const page = new Uint8Array(lengthsBytesMax(list.length) + offsets[list.length]!);
        const at = encodeLengths(offsets, 0, list.length, page, 3);
        page.set(Buffer.concat(list), at);
        const end = at + offsets[list.length]!;
        const back = decodeTexts(page.subarray(0, end), 3, list.length);
        expect(back.offsets).toEqual(offsets);
        expect(back.bytes.equals(Buffer.concat(list))).toBe(true);
        expect(back.bytes.buffer).toBe(page.buffer);
      }),
    );
  });

  test('of any bytes end in texts or in CorruptObject', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(40), (bytes, count) => {
        expectCorruptOr(() => decodeTexts(bytes, 0, count));
        expectCorruptOr(() => decodePlain(bytes, count));
      }),
      { numRuns: 500 },
    );
  });

  test('of a dictionary come back as strings', () => {
    const values = ['', 'a', 'snö ❄', 'x'.repeat(70_000)];
    const list = values.map((value) => Buffer.from(value));
    const page = encodePlain(offsetsOf(list), list.length, Buffer.concat(list));
    expect(decodePlain(page, list.length)).toEqual(values);
    expect(() => decodePlain(page, list.length - 1)).toThrow(CorruptObject);
    expect(() => decodePlain(page.subarray(0, page.length - 1), list.length)).toThrow(CorruptObject);
  });
});

function expectCorruptOr(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    expect(error).toBeInstanceOf(CorruptObject);
  }
}

describe('single values of the hybrid', () => {
  const sequences = fc.integer({ min: 0, max: 20 }).chain((width) =>
    fc.record({
      width: fc.constant(width),
      values: fc
        .array(fc.tuple(fc.nat(2 ** width - 1), fc.integer({ min: 1, max: 20 })), { maxLength: 60 })
        .map((runs) => runs.flatMap(([value, count]) => Array<number>(count).fill(value))),
      picks: fc.array(fc.nat(2000), { maxLength: 30 }),
    }),
  );
  const positionsOf = (picks: readonly number[], count: number): Int32Array =>
    count === 0 ? new Int32Array() : Int32Array.from(new Set(picks.map((pick) => pick % count))).sort();

  test('are those that decoding all of them gives', () => {
    fc.assert(
      fc.property(sequences, ({ width, values, picks }) => {
        const out = new Uint8Array(hybridBytesMax(values.length, width));
        const end = encodeHybrid(Int32Array.from(values), 0, values.length, width, out, 0);
        const positions = positionsOf(picks, values.length);
        const found = new Int32Array(positions.length);
        decodeHybridAt(cursor(out, 0, end), width, values.length, 2 ** width, positions, found);
        expect([...found]).toEqual(Array.from(positions, (position) => values[position]));
        const [first, last] = [positions[0] ?? 0, positions.at(-1) ?? 0];
        const stretch = new Int32Array(last - first);
        decodeHybridStretch(cursor(out, 0, end), width, values.length, 2 ** width, first, last, stretch);
        expect([...stretch]).toEqual(values.slice(first, last));
      }),
      { numRuns: 500 },
    );
  });

  test('or their ranks among present rows', () => {
    const levels = fc
      .array(fc.tuple(fc.nat(1), fc.integer({ min: 1, max: 20 })), { maxLength: 60 })
      .map((runs) => runs.flatMap(([level, count]) => Array<number>(count).fill(level)));
    fc.assert(
      fc.property(levels, fc.array(fc.nat(2000), { maxLength: 30 }), (values, picks) => {
        const out = new Uint8Array(hybridBytesMax(values.length, 1));
        const end = encodeHybrid(Int32Array.from(values), 0, values.length, 1, out, 0);
        const rows = positionsOf(picks, values.length);
        const ranks = new Int32Array(rows.length);
        const present = decodeRanksAt(cursor(out, 0, end), values.length, rows, ranks);
        expect(present).toBe(values.filter((level) => level === 1).length);
        const before = (row: number): number => values.slice(0, row).filter((level) => level === 1).length;
        expect([...ranks]).toEqual(Array.from(rows, (row) => (values[row] === 1 ? before(row) : -1)));
      }),
      { numRuns: 500 },
    );
  });

  test('of any bytes are values or CorruptObject', () => {
    const bytes = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(bytes, fc.nat(30), fc.nat(100), fc.array(fc.nat(99)), (input, width, count, picks) => {
        const positions = positionsOf(picks, count);
        const out = new Int32Array(positions.length);
        expectCorruptOr(() => decodeHybridAt(cursor(input), width, count, 50, positions, out));
        expectCorruptOr(() => decodeRanksAt(cursor(input), count, positions, out));
        const end = (positions.at(-1) ?? -1) + 1;
        expectCorruptOr(() => decodeHybridStretch(cursor(input), width, count, 50, end - out.length, end, out));
        expect(out.every((value) => value < Math.max(50, count))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
