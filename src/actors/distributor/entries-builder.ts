import { type ByteRun, byteRun, copyBytes, copyIsAscii } from '../../wire/byte-copy.js';
import type { EntriesBatch } from '../../wire/entries.js';
import { raise } from '../../wire/fault.js';
import { type SharedPairs, sealEntries, sealShared } from '../../wire/seal-entries.js';
import { TimestampView } from '../../wire/time.js';

const FIRST_ROWS = 1024;
const FIRST_PAIRS = 4096;
const FIRST_BYTES = 64 * 1024;
/** Columns that grew beyond this are given back after the request that needed them. */
const KEPT_BYTES = 32 * 1024 * 1024;
/** Offsets are int32. */
const MAX_BYTES = 0x7fffffff;

/** Columns that are somebody else's, to be written to by both. */
export interface LentColumns {
  readonly messages: ByteRun;
  readonly metadata: ByteRun;
  readonly messageOffsets: Int32Array<ArrayBuffer>;
  readonly pairStarts: Int32Array<ArrayBuffer>;
  readonly pairKeys: Int32Array<ArrayBuffer>;
  readonly pairOffsets: Int32Array<ArrayBuffer>;
  readonly times: TimestampView;
  /** The least that a row and a pair take of the text that a lender reads. */
  readonly entryBytes: number;
  readonly pairBytes: number;
}

/**
 * Growable columns of one entries batch. A row is written as its pairs, then its line, then `endRow`; until then
 * `dropRow` takes it back. A stream's rows end with `endStream`.
 */
export class EntriesBuilder {
  rows = 0;
  pairs = 0;
  messages: ByteRun = byteRun(new Uint8Array(FIRST_BYTES));
  messageBytes = 0;
  metadata: ByteRun = byteRun(new Uint8Array(FIRST_BYTES));
  metadataBytes = 0;
  messageOffsets = new Int32Array(FIRST_ROWS + 1);
  pairStarts = new Int32Array(FIRST_ROWS + 1);
  pairKeys = new Int32Array(FIRST_PAIRS);
  pairOffsets = new Int32Array(FIRST_PAIRS + 1);
  readonly streams: string[] = [];
  readonly streamEnds: number[] = [];
  readonly keys: string[] = [];
  #times = new TimestampView(new BigInt64Array(FIRST_ROWS));
  /** While columns are borrowed. */
  #own: Omit<LentColumns, 'entryBytes' | 'pairBytes'> | null = null;

  /** Starts an empty batch, keeping the memory of the one before. */
  reset(): void {
    if (this.#own !== null) this.#use(this.#own);
    this.#own = null;
    if (this.messages.bytes.length + this.metadata.bytes.length > KEPT_BYTES) {
      this.messages = byteRun(new Uint8Array(FIRST_BYTES));
      this.metadata = byteRun(new Uint8Array(FIRST_BYTES));
    }
    if (this.pairKeys.length + this.pairStarts.length > KEPT_BYTES / 4) {
      this.messageOffsets = new Int32Array(FIRST_ROWS + 1);
      this.pairStarts = new Int32Array(FIRST_ROWS + 1);
      this.pairKeys = new Int32Array(FIRST_PAIRS);
      this.pairOffsets = new Int32Array(FIRST_PAIRS + 1);
      this.#times = new TimestampView(new BigInt64Array(FIRST_ROWS));
    }
    this.rows = 0;
    this.pairs = 0;
    this.messageBytes = 0;
    this.metadataBytes = 0;
    this.streams.length = 0;
    this.streamEnds.length = 0;
    this.keys.length = 0;
  }

  /** Of an empty batch: its columns are these as long as they are large enough. */
  borrow(columns: LentColumns): void {
    const { messages, metadata, messageOffsets, pairStarts, pairKeys, pairOffsets } = this;
    this.#own ??= { messages, metadata, messageOffsets, pairStarts, pairKeys, pairOffsets, times: this.#times };
    this.#use(columns);
  }

  /** Whether its pairs are in these columns still. */
  hasPairsIn(lent: LentColumns): boolean {
    return this.metadata === lent.metadata && this.pairKeys === lent.pairKeys;
  }

  /** Whether the batch is in these columns still, and what so many bytes of text hold has room in them. */
  hasRoom(lent: LentColumns, bytes: number): boolean {
    const isThere = this.messages === lent.messages && this.pairStarts === lent.pairStarts && this.hasPairsIn(lent);
    return (
      isThere &&
      this.messageBytes + bytes <= lent.messages.bytes.length &&
      this.metadataBytes + bytes <= lent.metadata.bytes.length &&
      this.rows + bytes / lent.entryBytes < lent.pairStarts.length - 2 &&
      this.pairs + bytes / lent.pairBytes < lent.pairKeys.length
    );
  }

  #use(columns: Omit<LentColumns, 'entryBytes' | 'pairBytes'>): void {
    this.messages = columns.messages;
    this.metadata = columns.metadata;
    this.messageOffsets = columns.messageOffsets;
    this.pairStarts = columns.pairStarts;
    this.pairKeys = columns.pairKeys;
    this.pairOffsets = columns.pairOffsets;
    this.#times = columns.times;
  }

  addLine(from: ByteRun, start: number, end: number): void {
    const length = end - start;
    const at = this.messageBytes;
    if (at + length > this.messages.bytes.length) this.messages = grownRun(this.messages, at, at + length);
    copyBytes(from, start, this.messages, at, length);
    this.messageBytes = at + length;
  }

  /** False where the value has bytes beyond ASCII. */
  addPair(key: number, from: ByteRun, start: number, end: number): boolean {
    const length = end - start;
    const at = this.metadataBytes;
    if (at + length > this.metadata.bytes.length) this.metadata = grownRun(this.metadata, at, at + length);
    const isAscii = copyIsAscii(from, start, this.metadata, at, length);
    this.metadataBytes = at + length;
    const pair = this.pairs;
    if (pair === this.pairKeys.length) this.#growPairs();
    this.pairKeys[pair] = key;
    this.pairOffsets[pair + 1] = at + length;
    this.pairs = pair + 1;
    return isAscii;
  }

  /** Takes back the pair added last. */
  dropPair(): void {
    this.pairs--;
    this.metadataBytes = this.pairOffsets[this.pairs]!;
  }

  endRow(seconds: number, nanos: number): void {
    this.#times.set(this.rows, seconds, nanos);
    this.endTimedRow();
  }

  /** Ends a row that has got its time. */
  endTimedRow(): void {
    const row = this.rows;
    this.messageOffsets[row + 1] = this.messageBytes;
    this.pairStarts[row + 1] = this.pairs;
    this.rows = row + 1;
    if (row + 1 === this.pairStarts.length - 1) this.#growRows();
  }

  dropRow(): void {
    this.pairs = this.pairStarts[this.rows]!;
    this.metadataBytes = this.pairOffsets[this.pairs]!;
    this.messageBytes = this.messageOffsets[this.rows]!;
  }

  /** Removes the open row's pairs whose key was set to -1. */
  compactRow(): void {
    const first = this.pairStarts[this.rows]!;
    let kept = first;
    let start = this.pairOffsets[first]!;
    let to = start;
    for (let pair = first; pair < this.pairs; pair++) {
      const end = this.pairOffsets[pair + 1]!;
      if (this.pairKeys[pair] !== -1) {
        this.metadata.bytes.copyWithin(to, start, end);
        to += end - start;
        this.pairKeys[kept] = this.pairKeys[pair]!;
        this.pairOffsets[++kept] = to;
      }
      start = end;
    }
    this.pairs = kept;
    this.metadataBytes = to;
  }

  /** Closes the rows since the last stream's end; false where there are none. */
  endStream(labels: string): boolean {
    const count = this.streamEnds.length;
    if (this.rows === (count === 0 ? 0 : this.streamEnds[count - 1])) return false;
    this.streams.push(labels);
    this.streamEnds.push(this.rows);
    return true;
  }

  /** `shared`: its pairs, where somebody knows which of them are equal. */
  seal(tenant: string, shared: SharedPairs | null = null): EntriesBatch {
    const columns = {
      tenant,
      streams: this.streams,
      streamEnds: this.streamEnds,
      keys: this.keys,
      rows: this.rows,
      timeWords: this.#times.words,
      messageOffsets: this.messageOffsets,
      messages: this.messages.bytes,
      pairs: this.pairs,
      pairStarts: this.pairStarts,
      pairKeys: this.pairKeys,
      pairOffsets: this.pairOffsets,
      metadata: this.metadata.bytes,
    };
    return shared ? sealShared(columns, shared) : sealEntries(columns);
  }

  #growRows(): void {
    const rows = 2 * this.rows;
    this.messageOffsets = grownInts(this.messageOffsets, rows + 1);
    this.pairStarts = grownInts(this.pairStarts, rows + 1);
    const times = new TimestampView(new BigInt64Array(rows));
    times.words.set(this.#times.words);
    this.#times = times;
  }

  #growPairs(): void {
    const pairs = 2 * this.pairs;
    this.pairKeys = grownInts(this.pairKeys, pairs);
    this.pairOffsets = grownInts(this.pairOffsets, pairs + 1);
  }
}

function grownInts(column: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length);
  grown.set(column);
  return grown;
}

function grownRun(run: ByteRun, used: number, needed: number): ByteRun {
  if (needed > MAX_BYTES) raise('too-large', `request body too large: ${needed} bytes in one column`);
  const grown = byteRun(new Uint8Array(Math.min(MAX_BYTES, Math.max(needed, 2 * run.bytes.length))));
  grown.bytes.set(run.bytes.subarray(0, used));
  return grown;
}
