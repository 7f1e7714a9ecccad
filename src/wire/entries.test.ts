import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../test/support/push.js';
import {
  BatchNames,
  type EntriesBatch,
  type EntriesColumns,
  keepOpen,
  openEntries,
  openNameless,
  sealEntries,
} from './entries.js';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

/** Two streams, three rows, two keys; columns with room to spare, as a builder hands them over. */
const COLUMNS: EntriesColumns = {
  tenant: 'täglich',
  streams: ['{app="x"}', '{app="ü"}'],
  streamEnds: [2, 3],
  keys: ['trace_id', 'level'],
  rows: 3,
  timeWords: new Int32Array([1, 0, -1, -1, 0, 1, 99, 99]),
  messageOffsets: Int32Array.of(0, 3, 3, 8, 77),
  messages: bytes('onethree and more'),
  pairs: 3,
  pairStarts: Int32Array.of(0, 2, 2, 3, 77),
  pairKeys: Int32Array.of(0, 1, 0, 77),
  pairOffsets: Int32Array.of(0, 2, 6, 7, 77),
  metadata: bytes('abinfocXXX'),
};

function withHeader(batch: EntriesBatch, word: number, value: number): SharedArrayBuffer {
  const copy = batch.buffer.slice(0);
  new Uint32Array(copy)[word] = value;
  return copy;
}

/** The batch again with one of its columns changed. */
function withColumn(change: (batch: EntriesBatch) => void): SharedArrayBuffer {
  const batch = openEntries(sealEntries(COLUMNS).buffer.slice(0));
  change(batch);
  return batch.buffer;
}

describe('entries batch', () => {
  it('opens on another thread as it is, but for the names of its streams', () => {
    const batch = sealEntries(COLUMNS);
    expect(openNameless(batch.buffer)).toEqual({ ...openEntries(batch.buffer), streams: [] });
    expect(() => openNameless(withHeader(batch, 0, 7))).toThrow(RangeError);
    expect(() => openNameless(withHeader(batch, 2, 4))).toThrow(RangeError);
  });

  it('holds exactly the used part of the columns', () => {
    const batch = sealEntries(COLUMNS);
    expect(batch.tenant).toBe('täglich');
    expect(rowsOf(batch)).toEqual([
      { stream: '{app="x"}', time: 1n, line: 'one', metadata: { trace_id: 'ab', level: 'info' } },
      { stream: '{app="x"}', time: -1n, line: '', metadata: {} },
      { stream: '{app="ü"}', time: 4294967296n, line: 'three', metadata: { trace_id: 'c' } },
    ]);
    expect(batch.buffer.byteLength % 8).toBe(0);
  });

  it('is the same after its bytes have travelled', () => {
    const batch = sealEntries(COLUMNS);
    expect(openEntries(batch.buffer.slice(0))).toEqual(batch);
  });

  it('is the same where names are shared with batches before, whatever their bytes are', () => {
    const names = new BatchNames();
    const other = sealEntries({ ...COLUMNS, tenant: '', streams: ['{app="ü"}', '\u{1f600}'], keys: ['level', 'x'] });
    for (const batch of [sealEntries(COLUMNS), other, sealEntries(COLUMNS)]) {
      expect(openEntries(batch.buffer.slice(0), names)).toEqual(batch);
    }
    const broken = withColumn(({ pairKeys }) => pairKeys.fill(9));
    expect(() => openEntries(broken, names)).toThrow(RangeError);
  });

  it('is opened without copying', () => {
    const batch = sealEntries(COLUMNS);
    expect(openEntries(batch.buffer).messages.buffer).toBe(batch.buffer);
  });

  it('that is kept open is itself again when its buffer is opened; a copy of its bytes is looked at', () => {
    const batch = keepOpen(sealEntries(COLUMNS));
    expect(openEntries(batch.buffer)).toBe(batch);
    const copy = new SharedArrayBuffer(batch.buffer.byteLength);
    new Uint8Array(copy).set(new Uint8Array(batch.buffer));
    expect(rowsOf(openEntries(copy))).toEqual(rowsOf(batch));
    new Uint8Array(copy)[0]! ^= 1;
    expect(() => openEntries(copy)).toThrow(RangeError);
  });

  it('may be empty', () => {
    const one = Int32Array.of(0);
    const empty = { ...COLUMNS, streams: [], streamEnds: [], keys: [], rows: 0, pairs: 0, messageOffsets: one };
    expect(openEntries(sealEntries({ ...empty, pairStarts: one, pairOffsets: one }).buffer).rows).toBe(0);
  });

  it('is refused when cut short or followed by more', () => {
    const { buffer } = sealEntries(COLUMNS);
    for (let length = 0; length < buffer.byteLength; length += 4) {
      expect(() => openEntries(buffer.slice(0, length))).toThrow(RangeError);
    }
    const longer = new SharedArrayBuffer(buffer.byteLength + 8);
    new Uint8Array(longer).set(new Uint8Array(buffer));
    expect(() => openEntries(longer)).toThrow(RangeError);
  });

  it('is refused when its magic or version is another', () => {
    const batch = sealEntries(COLUMNS);
    expect(() => openEntries(withHeader(batch, 0, 1))).toThrow('unknown magic or version');
    expect(() => openEntries(withHeader(batch, 1, 2))).toThrow('unknown magic or version');
  });

  it('is refused when a count wraps around to the right size', () => {
    const batch = sealEntries(COLUMNS);
    for (let word = 2; word <= 8; word++) {
      const count = new Uint32Array(batch.buffer)[word]!;
      for (const more of [2 ** 29, 2 ** 30, 2 ** 31]) {
        expect(() => openEntries(withHeader(batch, word, count + more))).toThrow(RangeError);
      }
    }
  });

  it.each<[string, (batch: EntriesBatch) => void]>([
    ['a message that ends before it begins', (batch) => (batch.messageOffsets[1] = 9)],
    ['messages that do not begin at the start', (batch) => (batch.messageOffsets[0] = 1)],
    ['messages that go beyond their bytes', (batch) => (batch.messageOffsets[3] = 100)],
    ['rows whose pairs overlap', (batch) => (batch.pairStarts[1] = 3)],
    ['a pair value that ends before it begins', (batch) => (batch.pairOffsets[1] = -1)],
    ['a pair of a key that is not there', (batch) => (batch.pairKeys[2] = 2)],
    ['a pair of a negative key', (batch) => (batch.pairKeys[0] = -1)],
    ['streams that end out of order', (batch) => (batch.streamEnds[0] = 4)],
    ['streams that leave rows over', (batch) => (batch.streamEnds[1] = 2)],
  ])('is refused with %s', (_, change) => {
    expect(() => openEntries(withColumn(change))).toThrow(RangeError);
  });

  it('is opened or refused with a RangeError whatever byte is changed', () => {
    const { buffer } = sealEntries(COLUMNS);
    fc.assert(
      fc.property(fc.nat(buffer.byteLength - 1), fc.nat(255), (at, byte) => {
        const copy = buffer.slice(0);
        new Uint8Array(copy)[at] = byte;
        try {
          rowsOf(openEntries(copy));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
