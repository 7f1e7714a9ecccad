import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteRun, copyBytes, copyIsAscii, equalBytes } from './byte-copy.js';

const source = fc.uint8Array({ minLength: 1, maxLength: 400 });
const range = source.chain((bytes) =>
  fc
    .tuple(fc.constant(bytes), fc.nat(bytes.length))
    .chain(([all, start]) => fc.tuple(fc.constant(all), fc.constant(start), fc.nat(all.length - start), fc.nat(20))),
);

describe('copying bytes', () => {
  it('copies the range and nothing else', () => {
    fc.assert(
      fc.property(range, ([bytes, start, length, at]) => {
        const target = byteRun(new Uint8Array(450).fill(7));
        copyBytes(byteRun(bytes), start, target, at, length);
        const expected = new Uint8Array(450).fill(7);
        expected.set(bytes.subarray(start, start + length), at);
        expect(Buffer.compare(target.bytes, expected)).toBe(0);
      }),
    );
  });

  it('tells ASCII from other bytes wherever they are', () => {
    fc.assert(
      fc.property(range, fc.boolean(), ([bytes, start, length, at], plain) => {
        const from = plain ? bytes.map((byte) => byte & 0x7f) : bytes;
        const target = byteRun(new Uint8Array(450));
        const isAscii = from.subarray(start, start + length).every((byte) => byte < 0x80);
        expect(copyIsAscii(byteRun(from), start, target, at, length)).toBe(isAscii);
      }),
    );
  });

  it('compares ranges', () => {
    fc.assert(
      fc.property(range, fc.nat(), ([bytes, start, length], where) => {
        const other = Uint8Array.from(bytes.subarray(start, start + length));
        const run = byteRun(other);
        expect(equalBytes(byteRun(bytes).view, start, run.view, 0, length)).toBe(true);
        if (length === 0) return;
        other[where % length]! ^= 0x10;
        expect(equalBytes(byteRun(bytes).view, start, run.view, 0, length)).toBe(false);
      }),
    );
  });
});
