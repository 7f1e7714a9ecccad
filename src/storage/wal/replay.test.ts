import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeHeader, GROUP_END, HEADER_BYTES, type WalRecord } from './record.js';
import { type Damage, readSegment } from './replay.js';

const bytes = (...texts: string[]): Uint8Array[] => texts.map((text) => Buffer.from(text));
const records = (...texts: string[]): WalRecord[] => bytes(...texts).map((payload, i) => ({ seq: 7 + i, payload }));

function segmentOf(all: readonly WalRecord[]): Buffer {
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const record of all) {
    parts.push(encodeHeader(record, offset), record.payload);
    offset += HEADER_BYTES + record.payload.length;
  }
  return Buffer.concat(parts);
}

function read(segment: Buffer, firstSeq?: number): { texts: string[]; seqs: number[]; damage: readonly Damage[] } {
  const texts: string[] = [];
  const seqs: number[] = [];
  const found = readSegment(segment, firstSeq);
  let item = found.next();
  for (; !item.done; item = found.next()) {
    texts.push(Buffer.from(item.value.payload).toString());
    seqs.push(item.value.seq);
  }
  return { texts, seqs, damage: item.value };
}

describe('reading a segment', () => {
  const three = segmentOf(records('first', 'second', 'third'));
  const secondAt = HEADER_BYTES + 5;

  it('returns what was written, in order', () => {
    expect(read(three)).toEqual({ texts: ['first', 'second', 'third'], seqs: [7, 8, 9], damage: [] });
  });

  it('reads the image in docs/format/wal.md, and writes the same', () => {
    const image = Buffer.from(
      '534b573105000000070000000100000086a6103652973d0b68656c6c6f534b573103000000080000000100000052d01d96c62b9de677616c',
      'hex',
    );
    const first = 2 ** 32 + 7;
    expect(read(image)).toEqual({ texts: ['hello', 'wal'], seqs: [first, first + 1], damage: [] });
    const again = records('hello', 'wal').map((record, i) => ({ ...record, seq: first + i }));
    expect(segmentOf(again)).toEqual(image);
  });

  it('keeps sequence numbers beyond 2^32', () => {
    const seq = Number.MAX_SAFE_INTEGER;
    expect(read(segmentOf([{ seq, payload: Buffer.from('x') }])).seqs).toEqual([seq]);
  });

  it('finds nothing wrong with an empty segment or one of zeros', () => {
    expect(read(Buffer.alloc(0))).toEqual({ texts: [], seqs: [], damage: [] });
    expect(read(Buffer.alloc(70_000))).toEqual({ texts: [], seqs: [], damage: [] });
    expect(read(Buffer.concat([three, Buffer.alloc(4096)])).damage).toEqual([]);
  });

  it('cut anywhere keeps every whole record and reports the rest as torn', () => {
    const ends = [0, secondAt, secondAt + HEADER_BYTES + 6, three.length];
    for (let length = 0; length <= three.length; length++) {
      const whole = ends.filter((end) => end <= length).length - 1;
      const { texts, damage } = read(three.subarray(0, length));
      expect(texts).toEqual(['first', 'second', 'third'].slice(0, whole));
      expect(damage.map((one) => one.kind)).toEqual(ends.includes(length) ? [] : ['torn']);
    }
  });

  it('steps over a record whose payload rotted and says which', () => {
    const rotten = Buffer.from(three);
    rotten[secondAt + HEADER_BYTES + 2]! ^= 4;
    const { texts, damage } = read(rotten);
    expect(texts).toEqual(['first', 'third']);
    expect(damage).toEqual([
      { kind: 'corrupt', offset: secondAt, bytes: HEADER_BYTES + 6, reason: expect.stringContaining('record 8') },
    ]);
  });

  it('a flipped bit anywhere in a record costs that record only', () => {
    for (let offset = secondAt; offset < secondAt + HEADER_BYTES + 6; offset++) {
      for (let bit = 0; bit < 8; bit++) {
        const rotten = Buffer.from(three);
        rotten[offset]! ^= 1 << bit;
        const { texts, damage } = read(rotten);
        expect(texts).toEqual(['first', 'third']);
        expect(damage).toHaveLength(1);
        expect(damage[0]).toMatchObject({ kind: 'corrupt', offset: secondAt, bytes: HEADER_BYTES + 6 });
      }
    }
  });

  it('does not take a record inside a payload for a record when it searches behind damage', () => {
    const forged = segmentOf(records('forged'));
    const segment = segmentOf([
      { seq: 1, payload: Buffer.concat([Buffer.from('a line with '), forged, Buffer.from(' inside')]) },
      { seq: 2, payload: Buffer.from('after') },
    ]);
    segment[4]! ^= 1;
    expect(read(segment).texts).toEqual(['after']);
  });

  describe('that was used before', () => {
    const old = segmentOf(
      Array.from({ length: 9 }, (_, i) => ({ seq: 1 + i, payload: Buffer.from('sixteen bytes...') })),
    );
    const fresh = (...texts: string[]) => segmentOf(bytes(...texts).map((payload, i) => ({ seq: 20 + i, payload })));
    const over = (written: Uint8Array): Buffer => Buffer.concat([written, old.subarray(written.length)]);

    it('ends with the last group, wherever what is older begins', () => {
      for (let length = 1; length < 60; length++) {
        const written = Buffer.concat([fresh('first', 'x'.repeat(length)), GROUP_END]);
        expect(read(over(written), 20)).toEqual({ texts: ['first', 'x'.repeat(length)], seqs: [20, 21], damage: [] });
      }
    });

    it('holds nothing before it is written to', () => {
      expect(read(old, 20).texts).toEqual([]);
      expect(read(over(Buffer.from(GROUP_END)), 20)).toEqual({ texts: [], seqs: [], damage: [] });
    });

    it('cut anywhere keeps every whole record of the last group and takes the rest for torn', () => {
      const first = Buffer.concat([fresh('first'), GROUP_END]);
      const both = Buffer.concat([fresh('first', 'second', 'third'), GROUP_END]);
      for (let length = first.length - HEADER_BYTES; length <= both.length; length++) {
        const segment = over(Buffer.concat([both.subarray(0, length), first.subarray(length)]));
        const { texts, damage } = read(segment, 20);
        expect(texts).toEqual(['first', 'second', 'third'].slice(0, texts.length));
        expect(damage.filter(({ kind }) => kind !== 'torn')).toEqual([]);
        if (length === both.length) expect([texts.length, damage.length]).toEqual([3, 0]);
      }
    });

    it('tells a last record that rotted from one that was not written to its end', () => {
      const segment = over(Buffer.concat([fresh('first', 'second'), GROUP_END]));
      segment[2 * HEADER_BYTES + 7]! ^= 1;
      expect(read(segment, 20)).toMatchObject({
        texts: ['first'],
        damage: [{ kind: 'corrupt', bytes: HEADER_BYTES + 6 }],
      });
    });
  });

  it('ends and never throws, whatever the bytes', () => {
    const magic = fc.constant(Buffer.from('SKW1'));
    const noise = fc.array(fc.oneof(fc.uint8Array({ maxLength: 40 }), magic, fc.constant(three)), { maxLength: 12 });
    fc.assert(
      fc.property(noise, (parts) => {
        const segment = Buffer.concat(parts);
        const { damage } = read(segment);
        for (const { offset, bytes: length } of damage) expect(offset + length).toBeLessThanOrEqual(segment.length);
      }),
    );
  });
});
