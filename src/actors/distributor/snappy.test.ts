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
