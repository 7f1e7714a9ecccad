import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../test/support/push.js';
import { BatchNames } from './batch-names.js';
import { type EntriesBatch, keepOpen, openEntries, openFirst, openNameless, openRows, valueBytes } from './entries.js';
import { readShape, refsOf } from './entries-layout.js';
import { type EntriesColumns, sealEntries } from './seal-entries.js';

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

/** What COLUMNS were before version 2. */
const FIRST_VERSION =
  'QkVTSwEAAAADAAAAAgAAAAMAAAACAAAAKAAAAAgAAAAHAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAA//////////8AAAAAAQAA' +
  'AAAAAAADAAAAAwAAAAgAAAAAAAAAAgAAAAIAAAADAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAACAAAABgAAAAcAAAACAAAAAwAAAAAAAAAIAAAAEQAAABsA' +
  'AAAjAAAAKAAAAHTDpGdsaWNoe2FwcD0ieCJ9e2FwcD0iw7wifXRyYWNlX2lkbGV2ZWxvbmV0aHJlZWFiaW5mb2MA';

function firstVersion(): SharedArrayBuffer {
  const stored = Buffer.from(FIRST_VERSION, 'base64');
  const buffer = new SharedArrayBuffer(stored.length);
  new Uint8Array(buffer).set(stored);
  return buffer;
}

describe('entries batch', () => {
  it('of the first version has the same rows', () => {
    const batch = openEntries(firstVersion());
    expect(rowsOf(batch)).toEqual(rowsOf(sealEntries(COLUMNS)));
    expect(batch.tenant).toBe('täglich');
    const short = firstVersion();
    for (let length = 0; length < short.byteLength; length += 8) {
      expect(() => openEntries(short.slice(0, length))).toThrow(RangeError);
    }
  });

  it('opens on another thread as it is, but for the names of its streams', () => {
    const batch = sealEntries(COLUMNS);
    expect(openNameless(batch.buffer)).toEqual({ ...openEntries(batch.buffer), streams: [] });
    expect(() => openNameless(withHeader(batch, 0, 7))).toThrow(RangeError);
    expect(() => openNameless(withHeader(batch, 2, 4))).toThrow(RangeError);
  });

  it('opens without the names of its streams for who knows them', () => {
    const copy = sealEntries(COLUMNS).buffer.slice(0);
    expect(openRows(copy)).toEqual({ ...openEntries(copy), streams: [] });
    expect(openRows(firstVersion()).rows).toBe(3);
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

  it('may be the first bytes of memory that had another one before', () => {
    const names = new BatchNames();
    const batch = sealEntries(COLUMNS);
    const { byteLength } = batch.buffer;
    const memory = new SharedArrayBuffer(2 * byteLength);
    new Uint8Array(memory).set(new Uint8Array(batch.buffer));
    const { buffer: _, ...opened } = openFirst(memory, byteLength, names)!;
    expect({ ...opened, buffer: batch.buffer }).toEqual(batch);
    for (const bytes of [0, 63, byteLength - 8, byteLength + 8, 3 * byteLength]) {
      expect(() => openFirst(memory, bytes, names)).toThrow(RangeError);
    }
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
    expect(() => openEntries(withHeader(batch, 1, 3))).toThrow('unknown magic or version');
  });

  it('is refused when a count wraps around to the right size', () => {
    const batch = sealEntries(COLUMNS);
    for (let word = 2; word <= 11; word++) {
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
    ['a row of a pair that is not there', (batch) => (batch.pairs[1] = 3)],
    ['a pair of a negative key', (batch) => (batch.pairKeys[0] = -1)],
    ['streams that end out of order', (batch) => (batch.streamEnds[0] = 4)],
    ['streams that leave rows over', (batch) => (batch.streamEnds[1] = 2)],
  ])('is refused with %s', (_, change) => {
    expect(() => openEntries(withColumn(change))).toThrow(RangeError);
    expect(() => openRows(withColumn(change))).toThrow(RangeError);
  });

  it('has equal pairs once, and what label texts have in common', () => {
    const batch = sealEntries({
      ...COLUMNS,
      streams: ['{app="x", env="prod"}', '{app="y", env="prod"}'],
      pairKeys: Int32Array.of(0, 1, 0),
      pairOffsets: Int32Array.of(0, 2, 6, 8),
      metadata: bytes('abinfoab'),
    });
    expect(Buffer.from(batch.metadata).toString()).toBe('abinfo');
    expect([...batch.pairs]).toEqual([0, 1, 0]);
    expect([batch.metadata.length, valueBytes(batch, 0, 3), valueBytes(batch, 2, 3)]).toEqual([6, 8, 2]);
    expect(rowsOf(batch)[2]!.metadata).toEqual({ trace_id: 'ab' });
    const text = Buffer.from(new Uint8Array(batch.buffer)).toString('latin1');
    expect(text.split('env="prod"}')).toHaveLength(2);
    expect(openEntries(batch.buffer.slice(0)).streams).toEqual(['{app="x", env="prod"}', '{app="y", env="prod"}']);
  });

  it('has label texts back as they were, whatever they are', () => {
    const pieces = fc.constantFrom('{', 'a="', '", ', '\\', '"', 'ü', ', ', '}', ' ');
    const texts = fc.array(
      fc.array(pieces).map((some) => some.join('')),
      { minLength: 2, maxLength: 2 },
    );
    fc.assert(
      fc.property(texts, (streams) => {
        expect(openEntries(sealEntries({ ...COLUMNS, streams }).buffer.slice(0)).streams).toEqual(streams);
      }),
    );
    const long = `{a="${'x", '.repeat(2000)}"}`;
    const { buffer } = sealEntries({ ...COLUMNS, streams: [long, long] });
    expect(openEntries(buffer.slice(0)).streams).toEqual([long, long]);
  });

  it('is refused when few bytes refer to more label text than a batch may have', () => {
    const streams = Array.from({ length: 150_000 }, (_, i) => (i === 0 ? `{app="${'x'.repeat(4000)}"}` : '{}'));
    const { buffer } = sealEntries({ ...COLUMNS, streams, streamEnds: streams.map(() => 3) });
    expect(openEntries(buffer).streams).toHaveLength(150_000);
    const { shape, at } = readShape(buffer);
    refsOf(buffer, at.labelRefs, shape.labelRefs, shape.labels).fill(0);
    expect(() => openEntries(buffer)).toThrow(RangeError);
  });

  it('keeps each of so many pairs that their numbers take 32 bits', () => {
    const rows = 70_000;
    const values = Array.from({ length: rows }, (_, row) => `${row}`.padStart(6, '0'));
    const count = Int32Array.from({ length: rows + 1 }, (_, row) => row);
    const batch = sealEntries({
      ...{ tenant: 't', streams: ['{a="b"}'], streamEnds: [rows], keys: ['id'], rows },
      ...{ timeWords: new Int32Array(2 * rows), messageOffsets: new Int32Array(rows + 1), messages: bytes('') },
      ...{ pairs: rows, pairStarts: count, pairKeys: new Int32Array(rows), pairOffsets: count.map((row) => 6 * row) },
      metadata: bytes(values.join('')),
    });
    expect(batch.pairs).toBeInstanceOf(Int32Array);
    const opened = rowsOf(openEntries(batch.buffer.slice(0)));
    expect([opened[0]!.metadata, opened[rows - 1]!.metadata]).toEqual([{ id: '000000' }, { id: '069999' }]);
  });

  it('is opened or refused with a RangeError whatever byte is changed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(sealEntries(COLUMNS).buffer, firstVersion()),
        fc.nat(400),
        fc.nat(255),
        (from, at, byte) => {
          const copy = from.slice(0);
          new Uint8Array(copy)[at % copy.byteLength] = byte;
          try {
            rowsOf(openEntries(copy));
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
