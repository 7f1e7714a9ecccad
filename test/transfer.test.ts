import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { transferred } from './support/transfer.js';

describe('a message that crosses as bytes', () => {
  it('keeps bigints of the whole int64 range', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (time) => {
        expect(transferred({ time }).time).toBe(time);
      }),
    );
  });

  it('keeps typed arrays with their type and contents, wherever they lie in their buffer', () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => i);
    const views = {
      ints: new Int32Array(bytes.buffer, 4, 3),
      floats: Float64Array.of(1.5, Number.NaN, Number.NEGATIVE_INFINITY),
      times: BigInt64Array.of(-1n, 2n ** 62n),
      empty: new Int32Array(0),
    };
    expect(transferred(views)).toStrictEqual(views);
    const part = transferred({ bytes: bytes.subarray(3, 9) }).bytes;
    expect(part).toBeInstanceOf(Uint8Array);
    expect([...part]).toEqual([3, 4, 5, 6, 7, 8]);
  });

  it('copies shared memory', () => {
    const buffer = new SharedArrayBuffer(16);
    new Uint8Array(buffer).fill(7);
    const copy = transferred({ batch: buffer }).batch;
    new Uint8Array(buffer).fill(8);
    expect(copy).toBeInstanceOf(SharedArrayBuffer);
    expect([...new Uint8Array(copy)]).toEqual(new Array(16).fill(7));
  });

  it('tells an undefined field from an absent one and from null', () => {
    const message: { a: undefined; b: null; c?: number } = { a: undefined, b: null };
    expect(transferred(message)).toStrictEqual(message);
  });

  it('keeps any plain data', () => {
    const number = fc.oneof(fc.integer(), fc.double()).map((value) => (value === 0 ? 0 : value)); // -0 arrives as 0
    const plain = fc.object({
      values: [number, fc.boolean(), fc.string({ unit: 'grapheme' }), fc.constantFrom(null, undefined)],
      maxDepth: 3,
      key: fc.stringMatching(/^[a-z]{1,4}$/),
    });
    fc.assert(
      fc.property(plain, (value) => {
        expect(transferred({ value })).toStrictEqual({ value });
      }),
    );
  });

  it('shares nothing with what was sent', () => {
    const sent = { list: [{ a: 1 }] };
    const got = transferred(sent);
    got.list[0]!.a = 2;
    expect(sent.list[0]!.a).toBe(1);
  });

  it('leaves the signal of a caller behind', () => {
    expect(transferred({ kind: 'flush', signal: new AbortController().signal })).toStrictEqual({ kind: 'flush' });
  });
});
