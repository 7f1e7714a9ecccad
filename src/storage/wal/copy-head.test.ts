import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entriesOf } from '../../../test/support/entries.js';
import type { BatchCopy } from '../../wire/batch-copy.js';
import { decodeCopyHead, encodeCopyHead } from './copy-head.js';
import { encodeHeader, HEADER_BYTES, recordBytes } from './record.js';
import { readSegment } from './replay.js';

const COPY: BatchCopy = { origin: 'd/1/a/t', seq: 2 ** 32 + 5, owner: 'a', replicas: ['a', 'b', 'c'] };
const name = fc.string({ unit: 'grapheme', maxLength: 40 });
const copy: fc.Arbitrary<BatchCopy> = fc.record({
  origin: name,
  seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  owner: name,
  replicas: fc.array(name, { maxLength: 6 }),
});

describe('the head of a replicated part', () => {
  it('comes back as it was, at a multiple of 8 bytes', () => {
    fc.assert(
      fc.property(copy, (one) => {
        const head = encodeCopyHead(one);
        expect(head.length % 8).toBe(0);
        expect(decodeCopyHead(Buffer.concat([head, Buffer.from('batch')]))).toEqual({
          copy: one,
          headBytes: head.length,
        });
      }),
    );
  });

  it('is the image in docs/format/wal.md', () => {
    const image = '534b50312000000007000000010000000300000003006f2f3101006101006100';
    const one = { origin: 'o/1', seq: 2 ** 32 + 7, owner: 'a', replicas: ['a'] };
    expect(Buffer.from(encodeCopyHead(one)).toString('hex')).toBe(image);
  });

  it('goes before the batch in a record without copying it, and is read back with it', () => {
    const { buffer } = entriesOf({ '{app="a"}': [[1, 'one']] });
    const record = { seq: 9, head: encodeCopyHead(COPY), payload: new Uint8Array(buffer) };
    const segment = Buffer.concat([encodeHeader(record, 0), record.head, record.payload]);
    expect(segment.length).toBe(recordBytes(record));
    const read = readSegment(segment).next();
    const { seq, payload } = read.value as { seq: number; payload: Uint8Array };
    const { copy: found, headBytes } = decodeCopyHead(payload)!;
    expect([seq, found]).toEqual([9, COPY]);
    expect(Buffer.from(payload.subarray(headBytes))).toEqual(Buffer.from(record.payload));
    expect(segment.length - payload.length).toBe(HEADER_BYTES);
  });

  it('is not seen in an entries batch', () => {
    expect(decodeCopyHead(new Uint8Array(entriesOf({ '{app="a"}': [[1, 'x']] }).buffer))).toBeNull();
    expect(decodeCopyHead(new Uint8Array(0))).toBeNull();
  });

  it('that is cut short is refused', () => {
    const head = encodeCopyHead(COPY);
    for (let length = 4; length < head.length; length++) {
      expect(() => decodeCopyHead(head.subarray(0, length))).toThrow(RangeError);
    }
  });

  it('with any bytes behind its magic is decoded or refused, within its bounds', () => {
    const noise = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(noise, (bytes) => {
        const payload = Buffer.concat([Buffer.from('SKP1'), bytes]);
        try {
          const found = decodeCopyHead(payload)!;
          expect(found.headBytes).toBeLessThanOrEqual(payload.length);
          expect(found.copy.replicas.length).toBeLessThanOrEqual(64);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
    for (let bit = 32; bit < encodeCopyHead(COPY).length * 8; bit++) {
      const head = Buffer.from(encodeCopyHead(COPY));
      head[bit >>> 3]! ^= 1 << (bit & 7);
      try {
        expect(decodeCopyHead(head)!.headBytes).toBeLessThanOrEqual(head.length);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  });

  it('is not made of more than it may hold', () => {
    expect(() => encodeCopyHead({ ...COPY, origin: 'x'.repeat(1025) })).toThrow(RangeError);
    expect(() => encodeCopyHead({ ...COPY, replicas: Array.from({ length: 65 }, String) })).toThrow(RangeError);
    expect(() => encodeCopyHead({ ...COPY, seq: 0 })).toThrow(RangeError);
  });
});
