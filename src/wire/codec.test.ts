import { describe, expect, it } from 'vitest';
import { decode, encode, MessageError } from './codec.js';

function nested(depth: number): object {
  let value: object = {};
  for (let i = 0; i < depth; i++) value = { left: value };
  return value;
}

describe('bytes that are no message are refused with one kind of error', () => {
  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

  it.each<[string, Uint8Array]>([
    ['nothing at all', bytes()],
    ['a token that means nothing', bytes(0xc1)],
    ['a text that ends early', bytes(0xd9, 200, 65)],
    ['an array of four billion items', bytes(0xdd, 0xff, 0xff, 0xff, 0xff, 1, 2, 3)],
    ['an array of more items than follow', bytes(0x93, 1, 2)],
    ['a map of four billion keys', bytes(0xdf, 0xff, 0xff, 0xff, 0xff)],
    ['bytes behind the end', bytes(0x90, 0x90)],
    ['a reference', bytes(0x92, 0xd6, 0x69, 0, 0, 0, 1, 0x90, 0xd6, 0x70, 0, 0, 0, 1)],
    ['a regular expression', bytes(0xc7, 0, 0x78, 0x92, 0xa1, 0x61, 0xa0)],
    ['an error', bytes(0xc7, 0, 0x65, 0x93, 0xa1, 0x61, 0xa0, 0xc0)],
    ['a record', bytes(0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 1)],
    ['a typed array of no type', bytes(0xc7, 2, 0x74, 99, 0)],
    ['a typed array of half a number', bytes(0xc7, 4, 0x74, 5, 0, 0, 0)],
    ['a huge integer', new Uint8Array([0xc8, 0x40, 0, 0x42, ...new Array(0x4000).fill(1)])],
  ])('%s', (_, hostile) => {
    expect(() => decode(hostile)).toThrow(MessageError);
  });

  it('every container that promises the rest of the message again', () => {
    const levels = Array.from({ length: 1000 }, () => [0xdd, 0, 0, 0x0f, 0xff]).flat();
    expect(() => decode(Uint8Array.from([...levels, ...new Array(4096).fill(0)]))).toThrow(/promises more/);
  });

  it('values nested without end', () => {
    expect(() => decode(new Uint8Array(1 << 20).fill(0x91))).toThrow(/nested too deeply/);
  });
});

describe('messages', () => {
  it('may be nested as deeply as queries are', () => {
    const value = nested(1100);
    expect(Buffer.compare(encode(decode(encode(value)) as object), encode(value))).toBe(0);
  });

  it('of every kind of plain data come back', () => {
    const value = {
      numbers: [0, 1, 63, 64, 127, 128, 65_536, 2 ** 40, -1, -33, -(2 ** 40), 1.5, Number.NaN],
      big: [0n, -1n, 2n ** 63n - 1n, 2n ** 64n - 1n, -(2n ** 63n)],
      texts: ['', 'a', 'ž'.repeat(40), 'x'.repeat(70_000)],
      others: [undefined, null, true, false, new Uint8Array(70_000), Int32Array.of(1, -1), new Float64Array(0)],
      map: Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`key ${i}`, i])),
    };
    expect(decode(encode(value))).toEqual(value);
  });
});
