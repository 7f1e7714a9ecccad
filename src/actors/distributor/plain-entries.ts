import { type ByteRun, byteRun } from '../../wire/byte-copy.js';
import type { SharedPairs } from '../../wire/seal-entries.js';
import { TimestampView } from '../../wire/time.js';
import type { EntriesBuilder, LentColumns } from './entries-builder.js';
import { LEVEL_NAMES } from './level-names.js';
import type { MetadataKey, MetadataName, MetadataNames } from './metadata.js';
import { PLAIN_ENTRIES_WASM } from './plain-entries-wasm.js';
import { TEXT_AT, type WasmMemory } from './snappy.js';
import type { EntryBounds } from './validate.js';

/** Places of plain-entries.wat, in words. */
const COLUMNS = 32;
const CALL = 36;
const OPEN_ROW = 40;
const KEY_COUNT = 44;
const LIMITS = 45;
const TIMES = 25; // of 8 bytes
const PLACES = 54;
const KEYS = 256;
const NEW_KEYS = 2304;
const NAMES = 3072;
const LEVELS_AT = 32;
const NAME_BYTES_AT = 28672;
const KEYS_MAX = 512;
const SLOTS = 1024;
const NAME_LENGTH_MAX = 255;
const DETECTED_LEVEL_KIND = 1;
const SEVERITY_KIND = 2;

/** Longer texts are read without this: their columns would stay in memory. */
const TEXT_BYTES_MAX = 2 << 20;
/** Behind snappy's input and its output. */
const COLUMNS_AT = TEXT_AT + (5 * TEXT_BYTES_MAX) / 2;
const ROWS = TEXT_BYTES_MAX / 4;
const PAIRS = TEXT_BYTES_MAX / 4;
/** The least that an entry and a pair take in the text. */
const ENTRY_BYTES = 6;
const PAIR_BYTES = 8;
const SLACK_BYTES = 64;
const PAGE_BYTES = 65536;
const INT32_MAX = 0x7fffffff;
/** Distinct pairs are numbered from 1 on in 16 bits. */
const DISTINCT_MAX = 65_535;
const DISTINCT_SLOTS = 1 << 17;

interface Exports {
  isPlain(at: number, end: number): number;
  hash(at: number, length: number): number;
  entries(at: number, end: number): number;
  distinct(pairs: number, mask: number): number;
}

/** What is needed of the standard object, of which Node's types lack the values. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

const wasm = new WebAssembly.Module(Buffer.from(PLAIN_ENTRIES_WASM, 'base64'));

/**
 * Reads protobuf entries in WebAssembly, where snappy has put them, and writes them to columns beside them: those that are
 * as encoders write them, with names that were met before, ASCII values, a level, and within the limits. Before any other
 * it stops, and that one is read as if there were nothing else (protobuf.ts, push-intake.ts): so this has no errors of its own.
 */
export class PlainEntries {
  #memory: WasmMemory | null = null;
  #buffer: ArrayBuffer | null = null;
  #exports!: Exports;
  #words = new Int32Array(0);
  #bytes = new Uint8Array(0);
  #times = new BigInt64Array(0);
  #columns!: LentColumns;
  #distinct!: DistinctColumns;
  /** Whose names these are; their keys by number. */
  #names: MetadataNames | null = null;
  #generation = 0;
  readonly #keys: MetadataKey[] = [];
  #nameCount = 0;
  #nameBytesEnd = NAME_BYTES_AT;
  /** Changes when all names are forgotten. */
  #epoch = 0;

  /** Makes ready for a request whose text is in the memory; false where it is somewhere else, or is too long. */
  begin(memory: WasmMemory, text: Uint8Array, names: MetadataNames): boolean {
    if (text.buffer !== memory.buffer || text.length > TEXT_BYTES_MAX) return false;
    if (text.byteOffset + text.length + SLACK_BYTES > COLUMNS_AT) return false;
    if (memory.buffer.byteLength < COLUMNS_END) return false;
    if (memory !== this.#memory) this.#instantiate(memory);
    if (memory.buffer !== this.#buffer) this.#lookAt(memory.buffer);
    if (names !== this.#names || names.generation !== this.#generation || this.#nameCount >= KEYS_MAX)
      this.#forget(names);
    for (let key = 0; key < this.#keys.length; key++) this.#words[KEYS + 4 * key] = -1;
    this.#words[KEY_COUNT] = 0;
    return true;
  }

  /** Lends the columns to a builder, and keeps to these limits. */
  lend(builder: EntriesBuilder, bounds: EntryBounds, hasLevels: boolean): void {
    builder.borrow(this.#columns);
    this.#words[LIMITS] = bounds.lineBytes;
    this.#words[LIMITS + 1] = bounds.pairs;
    this.#words[LIMITS + 2] = Math.min(bounds.pairBytes, INT32_MAX);
    this.#words[LIMITS + 3] = hasLevels ? 1 : 0;
    this.#times[TIMES] = bounds.oldest;
    this.#times[TIMES + 1] = bounds.newest;
  }

  /** Whether a stream is its labels and then entries. */
  isPlain(start: number, end: number): boolean {
    return this.#exports.isPlain(start, end) === 1;
  }

  /** Appends the plain entries that come first to the builder; where the others begin. Numbers new keys of the batch. */
  read(start: number, end: number, builder: EntriesBuilder, batch: number): number {
    if (!builder.hasRoom(this.#columns, end - start)) return start;
    const words = this.#words;
    words[COLUMNS] = builder.rows;
    words[COLUMNS + 1] = builder.pairs;
    words[COLUMNS + 2] = builder.messageBytes;
    words[COLUMNS + 3] = builder.metadataBytes;
    const at = this.#exports.entries(start, end);
    builder.rows = words[COLUMNS]!;
    builder.pairs = words[COLUMNS + 1]!;
    builder.messageBytes = words[COLUMNS + 2]!;
    builder.metadataBytes = words[COLUMNS + 3]!;
    for (let i = 0; i < words[CALL + 1]!; i++) {
      const key = this.#keys[words[NEW_KEYS + i]!]!;
      key.batch = batch;
      key.id = builder.keys.push(key.name) - 1;
      key.entry = -1;
    }
    return at;
  }

  /** Of lines and metadata that the last `read` took. */
  get bytesTaken(): number {
    return this.#words[CALL]!;
  }

  /** Whether the last row of the last `read` still needs a level, and the end of the row. */
  get isOpen(): boolean {
    return this.#words[CALL + 2] === 1;
  }

  get levelPair(): number {
    return this.#words[OPEN_ROW]!;
  }

  get levelRank(): number {
    return this.#words[OPEN_ROW + 1]!;
  }

  get severityPair(): number {
    return this.#words[OPEN_ROW + 2]!;
  }

  /**
   * The builder's pairs where equal ones are one, in memory that the next call writes to; null where these are in other columns by
   * now, or too many. A pair is not found again where eight others are in its place, which costs bytes and nothing else.
   */
  distinct(builder: EntriesBuilder): SharedPairs | null {
    const { pairs } = builder;
    if (this.#buffer === null || !builder.hasPairsIn(this.#columns)) return null;
    if (pairs === 0 || pairs > DISTINCT_MAX) return null;
    this.#distinct.pairs = this.#exports.distinct(pairs, 2 ** (33 - Math.clz32(pairs)) - 1);
    return this.#distinct;
  }

  /** A name that others have read is known from now on, and what number its key has in the batch, if any. */
  learn(name: MetadataName, from: ByteRun, start: number, end: number, batch: number): void {
    if (name.learnt === this.#epoch || name.problem !== '') return;
    const length = end - start;
    if (length > NAME_LENGTH_MAX || this.#nameCount >= KEYS_MAX) return;
    if (this.#nameBytesEnd + length + SLACK_BYTES > TEXT_AT) return;
    name.learnt = this.#epoch;
    const at = this.#nameBytesEnd;
    this.#nameBytesEnd += length;
    this.#bytes.set(from.bytes.subarray(start, end), at);
    const hash = this.#exports.hash(at, length);
    let slot = NAMES + 4 * (hash & (SLOTS - 1));
    while (this.#words[slot + 2] !== 0) slot = NAMES + ((slot - NAMES + 4) & (4 * SLOTS - 1));
    this.#words.set([hash, at, length, this.#keyOf(name.key, batch)], slot);
    this.#nameCount++;
  }

  /** A key has got the next number of the batch. */
  number(key: MetadataKey): void {
    this.#words[KEY_COUNT]!++;
    if (this.#keys[key.place] === key) this.#words[KEYS + 4 * key.place] = key.id;
  }

  #keyOf(key: MetadataKey, batch: number): number {
    if (this.#keys[key.place] === key) return key.place;
    key.place = this.#keys.push(key) - 1;
    const kind = (key.isDetectedLevel ? DETECTED_LEVEL_KIND : 0) | (key.isSeverityNumber ? SEVERITY_KIND : 0);
    this.#words.set([key.batch === batch ? key.id : -1, -1, key.levelRank, kind], KEYS + 4 * key.place);
    return key.place;
  }

  #forget(names: MetadataNames): void {
    this.#names = names;
    this.#generation = names.generation;
    this.#epoch = ++epochs;
    this.#keys.length = 0;
    this.#nameCount = 0;
    this.#nameBytesEnd = NAME_BYTES_AT;
    this.#words.fill(0, NAMES, NAMES + 4 * SLOTS);
  }

  #instantiate(memory: WasmMemory): void {
    this.#memory = memory;
    this.#exports = new WebAssembly.Instance(wasm, { snappy: { memory } }).exports as Exports;
    this.#names = null;
  }

  #lookAt(buffer: ArrayBuffer): void {
    this.#buffer = buffer;
    this.#words = new Int32Array(buffer, 0, TEXT_AT / 4);
    this.#bytes = new Uint8Array(buffer, 0, TEXT_AT);
    this.#times = new BigInt64Array(buffer, 0, TEXT_AT / 8);
    LEVEL_NAMES.forEach((level, i) => {
      this.#bytes.set(Buffer.from(level), LEVELS_AT + 8 * i);
    });
    this.#columns = columnsOf(buffer);
    this.#distinct = distinctOf(buffer);
    this.#words.set(PLACES_OF, PLACES);
  }
}

let epochs = 0;

let end = COLUMNS_AT;
const place = (bytes: number): number => {
  const at = end;
  end = (end + bytes + SLACK_BYTES + 7) & ~7;
  return at;
};
const TIMES_AT = place(8 * ROWS);
const MESSAGE_OFFSETS_AT = place(4 * ROWS + 4);
const PAIR_STARTS_AT = place(4 * ROWS + 4);
const PAIR_KEYS_AT = place(4 * PAIRS);
const PAIR_OFFSETS_AT = place(4 * PAIRS + 4);
const MESSAGES_AT = place(TEXT_BYTES_MAX);
const METADATA_AT = place(2 * TEXT_BYTES_MAX);
const DISTINCT_REFS_AT = place(2 * DISTINCT_MAX);
const DISTINCT_KEYS_AT = place(4 * DISTINCT_MAX);
const DISTINCT_OFFSETS_AT = place(4 * DISTINCT_MAX + 4);
const DISTINCT_VALUES_AT = place(2 * TEXT_BYTES_MAX);
const DISTINCT_HASHES_AT = place(4 * DISTINCT_MAX);
const DISTINCT_SLOTS_AT = place(2 * DISTINCT_SLOTS);
const COLUMNS_END = end;
const PLACES_OF = [
  TIMES_AT,
  MESSAGE_OFFSETS_AT,
  PAIR_STARTS_AT,
  PAIR_KEYS_AT,
  PAIR_OFFSETS_AT,
  MESSAGES_AT,
  METADATA_AT,
  DISTINCT_REFS_AT,
  DISTINCT_KEYS_AT,
  DISTINCT_OFFSETS_AT,
  DISTINCT_VALUES_AT,
  DISTINCT_HASHES_AT,
  DISTINCT_SLOTS_AT,
];

/** Memory that plain entries need; what is not written to costs nothing. */
export const PLAIN_PAGES = Math.ceil(COLUMNS_END / PAGE_BYTES);

function columnsOf(buffer: ArrayBuffer): LentColumns {
  const columns = {
    times: new TimestampView(new BigInt64Array(buffer, TIMES_AT, ROWS)),
    messageOffsets: new Int32Array(buffer, MESSAGE_OFFSETS_AT, ROWS + 1),
    pairStarts: new Int32Array(buffer, PAIR_STARTS_AT, ROWS + 1),
    pairKeys: new Int32Array(buffer, PAIR_KEYS_AT, PAIRS),
    pairOffsets: new Int32Array(buffer, PAIR_OFFSETS_AT, PAIRS + 1),
    messages: byteRun(new Uint8Array(buffer, MESSAGES_AT, TEXT_BYTES_MAX)),
    metadata: byteRun(new Uint8Array(buffer, METADATA_AT, 2 * TEXT_BYTES_MAX)),
    ...{ entryBytes: ENTRY_BYTES, pairBytes: PAIR_BYTES },
  };
  columns.messageOffsets[0] = 0;
  columns.pairStarts[0] = 0;
  columns.pairOffsets[0] = 0;
  return columns;
}

type DistinctColumns = { -readonly [K in keyof SharedPairs]: SharedPairs[K] };

function distinctOf(buffer: ArrayBuffer): DistinctColumns {
  const columns = {
    pairs: 0,
    pairRefs: new Uint16Array(buffer, DISTINCT_REFS_AT, DISTINCT_MAX),
    pairKeys: new Int32Array(buffer, DISTINCT_KEYS_AT, DISTINCT_MAX),
    pairOffsets: new Int32Array(buffer, DISTINCT_OFFSETS_AT, DISTINCT_MAX + 1),
    metadata: new Uint8Array(buffer, DISTINCT_VALUES_AT, 2 * TEXT_BYTES_MAX),
  };
  columns.pairOffsets[0] = 0;
  return columns;
}
