import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptObject } from '../corrupt.js';
import { bytesOf, packFields, unpackFields } from './fields.js';

const place = { path: 'x', part: 'test' };
const read = (record: Parameters<typeof packFields>[0]) => unpackFields(packFields(record), place);

describe('packed fields', () => {
  test('come back with their types, whatever their alignment', () => {
    const fields = read({
      odd: 'x',
      text: 'snö',
      count: 2 ** 40,
      small: 5n,
      time: 1_793_491_200_000_000_001n,
      before: -(1n << 62n),
      ints: bytesOf(Int32Array.of(-1, 2, 3)),
      floats: bytesOf(Float64Array.of(0.5, 2 ** 52)),
      texts: ['a', ''],
      nested: { a: 1 },
      list: [{ a: 1 }, { a: 2 }],
    });
    expect(fields.text('text')).toBe('snö');
    expect(fields.count('count')).toBe(2 ** 40);
    expect([fields.nanos('small'), fields.nanos('time'), fields.nanos('before')]).toEqual([
      5n,
      1_793_491_200_000_000_001n,
      -(1n << 62n),
    ]);
    expect([...fields.int32s('ints', 3)]).toEqual([-1, 2, 3]);
    expect([...fields.float64s('floats', 2)]).toEqual([0.5, 2 ** 52]);
    expect(fields.texts('texts')).toEqual(['a', '']);
    expect(fields.record('nested').count('a')).toBe(1);
    expect(fields.records('list').map((one) => one.count('a'))).toEqual([1, 2]);
    expect([fields.has('text'), fields.has('toString')]).toEqual([true, false]);
  });

  test('that are missing, of another type, or out of range are refused', () => {
    const fields = read({
      text: 'x',
      number: 7,
      negative: -1,
      half: 0.5,
      bytes: Uint8Array.of(1, 2, 3),
      mixed: ['a', 1],
    });
    const refusals = [
      () => fields.text('missing'),
      () => fields.text('toString'),
      () => fields.text('number'),
      () => fields.count('text'),
      () => fields.count('negative'),
      () => fields.count('half'),
      () => fields.count('number', 6),
      () => fields.nanos('half'),
      () => fields.int32s('bytes', 1),
      () => fields.int32s('text', 1),
      () => fields.texts('mixed'),
      () => fields.record('text'),
      () => fields.records('mixed'),
    ];
    for (const refusal of refusals) expect(refusal).toThrow(CorruptObject);
    const ints = read({ ints: bytesOf(Int32Array.of(5)) });
    expect(() => ints.int32s('ints', 1, 4)).toThrow(CorruptObject);
  });

  test('of any bytes are read or refused, and a claimed size allocates nothing', () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.constantFrom(
        Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff),
        Uint8Array.of(0xdf, 0xff, 0xff, 0xff, 0xff, 0xa1, 0x61),
        Uint8Array.of(0xdb, 0x7f, 0xff, 0xff, 0xff),
        Uint8Array.of(0xc6, 0x7f, 0xff, 0xff, 0xff),
        new Uint8Array(20_000).fill(0x91),
        new Uint8Array(20_000).fill(0x81),
      ),
    );
    fc.assert(
      fc.property(hostile, (bytes) => {
        try {
          unpackFields(bytes, place);
        } catch (error) {
          expect(error).toBeInstanceOf(CorruptObject);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
