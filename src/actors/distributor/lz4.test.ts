import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultError } from '../../wire/fault.js';
import { decodeLz4 } from './lz4.js';

const MAX = 1 << 20;
const MAGIC = [0x04, 0x22, 0x4d, 0x18];
/** Version 1, independent blocks, no checksums; blocks up to 64 KB; the header's checksum, which is not looked at. */
const HEADER = [...MAGIC, 0x60, 0x40, 0x82];
const END = [0, 0, 0, 0];

const size = (bytes: number): number[] => [bytes & 255, (bytes >> 8) & 255, (bytes >> 16) & 255, bytes >>> 24];
const frame = (...blocks: number[][]): Uint8Array =>
  Uint8Array.from([...HEADER, ...blocks.flatMap((block) => [...size(block.length), ...block]), ...END]);
const ascii = (text: string): number[] => [...Buffer.from(text)];
const decoded = (bytes: Uint8Array, max = MAX): string => Buffer.from(decodeLz4(bytes, max)).toString();

describe('an LZ4 frame', () => {
  it('has literals and matches that overlap themselves', () => {
    // 6 literals, then 10 + 4 bytes from 6 before, then the last literals.
    expect(decoded(frame([0x6a, ...ascii('hello '), 6, 0, 0x10, ...ascii('!')]))).toBe('hello hello hello he!');
  });

  it('has lengths of more than one byte', () => {
    const literals = 'a'.repeat(300);
    const block = [0xff, 255, 30, ...ascii(literals), 1, 0, 255, 0, 0x10, ...ascii('b')];
    expect(decoded(frame(block))).toBe(`${literals}${'a'.repeat(15 + 255 + 4)}b`);
  });

  it('has stored blocks, sizes and checksums', () => {
    const flags = 0x40 | 0x10 | 0x08 | 0x04; // linked, with checksums and the content's size
    const stored = [...size(0x80000000 + 3), ...ascii('abc'), 1, 2, 3, 4];
    const linked = [0x00, 3, 0, 0x10, ...ascii('!')];
    const second = [...size(linked.length), ...linked, 1, 2, 3, 4];
    const bytes = [...MAGIC, flags, 0x40, ...size(8), ...END, 0, ...stored, ...second, ...END, 5, 6, 7, 8];
    expect(decoded(Uint8Array.from(bytes))).toBe('abcabca!');
  });

  it('may follow another one, or something to be passed over', () => {
    const skippable = [0x5f, 0x2a, 0x4d, 0x18, ...size(2), 9, 9];
    const one = frame([0x10, ...ascii('a')]);
    expect(decoded(Uint8Array.from([...skippable, ...one, ...one]))).toBe('aa');
  });

  it('may be empty', () => {
    expect(decoded(frame())).toBe('');
  });

  it.each([
    ['nothing', []],
    ['another format', [1, 2, 3, 4, 5]],
    ['another version', [...MAGIC, 0xa0, 0x40, 0]],
    ['no end', [...HEADER, ...size(1), 0x10]],
    ['a match before the beginning', [...frame([0x14, 97, 2, 0, 0x10, 98])]],
    ['a match of no distance', [...frame([0x14, 97, 0, 0, 0x10, 98])]],
    ['literals beyond the block', [...frame([0xf0, 255, 1, 97])]],
    ['a match into the block before, of independent ones', [...frame([0x20, 97, 97], [0x00, 1, 0, 0x10, 98])]],
  ])('of %s is corrupt', (_, bytes) => {
    expect(() => decodeLz4(Uint8Array.from(bytes), MAX)).toThrow('lz4: corrupt input');
  });

  it('of more than is allowed is refused before it is there', () => {
    const lengths = Array(60_000).fill(255);
    const bomb = frame([0x1f, 97, 1, 0, ...lengths, 0, 0x10, 98]);
    expect(() => decodeLz4(bomb, MAX)).toThrow('request body too large');
    expect(decodeLz4(bomb, 1 << 25)).toHaveLength(1 + 15 + 60_000 * 255 + 4 + 1);
  });

  it('of any bytes is content or one kind of error', () => {
    const whole = frame([0x6a, ...ascii('hello '), 6, 0, 0x10, ...ascii('!')]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(whole.length), (noise, at) => {
        const bytes = Uint8Array.from([...whole.subarray(0, at), ...noise, ...whole.subarray(at)]);
        try {
          expect(decodeLz4(bytes, 4096).length).toBeLessThanOrEqual(4096);
        } catch (error) {
          expect(error).toBeInstanceOf(FaultError);
        }
      }),
    );
  });
});
