import fc from 'fast-check';
import { snappyCompress } from 'hysnappy';
import { describe, expect, it } from 'vitest';
import { varint } from '../../../test/support/push.js';
import { FaultError } from '../../wire/fault.js';
import { SnappyDecoder } from './snappy.js';

const MAX = 1 << 20;
const decoder = new SnappyDecoder();

function refusal(block: Uint8Array, max = MAX): string {
  try {
    decoder.decode(block, max);
  } catch (error) {
    if (error instanceof FaultError) return `${error.fault.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

const CORRUPT = 'bad-request: snappy: corrupt input';
const abcde = [5, 16, 97, 98, 99, 100, 101];

/** The element, whose bytes go to `text`; its length takes the bytes it needs at least. */
function literal(bytes: Uint8Array, lengthBytes: number, text: number[]): number[] {
  const length = bytes.length - 1;
  const width = Math.max(lengthBytes, length < 60 ? 0 : length < 256 ? 1 : 2);
  text.push(...bytes);
  if (width === 0) return [length << 2, ...bytes];
  return [(59 + width) << 2, ...Array.from({ length: width }, (_, i) => (length >>> (8 * i)) & 255), ...bytes];
}

/** The element, of the kind unless that cannot hold it. */
function copy(kind: number, length: number, back: number, text: number[]): number[] {
  for (let i = 0; i < length; i++) text.push(text[text.length - back]!);
  if (kind === 1 && back < 2048 && length >= 4 && length < 12)
    return [((back >>> 8) << 5) | ((length - 4) << 2) | 1, back & 255];
  const bytes = [back & 255, (back >>> 8) & 255];
  return kind === 3 ? [((length - 1) << 2) | 3, ...bytes, 0, 0] : [((length - 1) << 2) | 2, ...bytes];
}

describe('a snappy block', () => {
  it('comes back as it was compressed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), fc.nat(20), (bytes, repeats) => {
        const text = Buffer.concat(Array.from({ length: repeats + 1 }, () => bytes));
        expect(Buffer.from(decoder.decode(snappyCompress(text), MAX)).equals(text)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('may consist of all kinds of elements, near and far copies among them', () => {
    const element = fc.oneof(
      fc.record({ literal: fc.uint8Array({ minLength: 1, maxLength: 300 }), lengthBytes: fc.nat(4) }),
      fc.record({ back: fc.nat(), length: fc.integer({ min: 1, max: 64 }), kind: fc.constantFrom(1, 2, 3) }),
    );
    fc.assert(
      fc.property(fc.array(element, { maxLength: 40 }), (elements) => {
        const text: number[] = [];
        const parts = elements.flatMap((one) => {
          if ('literal' in one) return literal(one.literal, one.lengthBytes, text);
          return text.length === 0 ? [] : copy(one.kind, one.length, 1 + (one.back % text.length), text);
        });
        const block = Uint8Array.from([...varint(BigInt(text.length)), ...parts]);
        if (text.length > 22 * block.length) return;
        expect([...decoder.decode(block, MAX)]).toEqual(text);
        expect(refusal(block.subarray(0, -1))).toBe(CORRUPT);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, number[]]>([
    ['nothing at all', []],
    ['a length that does not end', [0x80, 0x80, 0x80, 0x80, 0x80, 0]],
    ['a length beyond 32 bits', [0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['only a length', [5]],
    ['less than it announces', [50, ...abcde.slice(1)]],
    ['more than it announces', [...abcde, 0, 65]],
    ['a cut literal', [5, 16, 97, 98]],
    ['a literal of 4 GiB', [5, 63 << 2, 255, 255, 255, 255, 97]],
    ['a copy from before its start', [12, ...abcde.slice(1), (3 << 2) | 1, 20]],
    ['a far copy from before its start', [12, ...abcde.slice(1), (6 << 2) | 3, 255, 255, 255, 255]],
    ['a copy from offset 0', [12, ...abcde.slice(1), (3 << 2) | 1, 0]],
  ])('is refused with %s', (_, bytes) => {
    expect(refusal(Uint8Array.from(bytes))).toBe(CORRUPT);
  });

  it('is refused before anything is allocated when it announces more than allowed', () => {
    expect(refusal(Buffer.concat([varint(1001n), Buffer.alloc(100)]), 1000)).toBe(
      'too-large: request body too large: decompressed message size too large than max (1001 vs 1000)',
    );
  });

  it('is refused when it announces more than its bytes could become', () => {
    expect(refusal(Buffer.concat([varint(4_000_000_000n), Buffer.alloc(100)]), 2 ** 33)).toBe(CORRUPT);
  });

  it('never shows bytes of the block decoded before it', () => {
    decoder.decode(snappyCompress(Buffer.from('secret '.repeat(1000))), MAX);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (noise) => {
        const block = Buffer.concat([varint(64n), noise]);
        if (refusal(block) !== 'accepted') return;
        expect(Buffer.from(decoder.decode(block, MAX)).includes('secret')).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('is accepted or refused with a fault whatever bytes are changed, and the next one is not affected', () => {
    const text = Buffer.from('level=info msg="request done" '.repeat(40));
    const block = snappyCompress(text);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(block.length - 1), fc.nat(255)), { maxLength: 5 }), (changes) => {
        const changed = Uint8Array.from(block);
        for (const [at, byte] of changes) changed[at] = byte;
        refusal(changed);
        expect(Buffer.from(decoder.decode(block, MAX)).equals(text)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
