import { ByteCache } from './byte-cache.js';
import { type ByteRun, byteRun } from './byte-copy.js';

/**
 * The entries batch: one push of one tenant in columns, encoded once. The same bytes are the message to a replica, the
 * WAL record, the ingester's memory and the input of a live scan, so nothing here makes an object or a string per line.
 *
 * Layout of `buffer` (little-endian, every column aligned to 8 bytes), drawn in docs/format/entries.md:
 *
 *   header    16 x u32: magic, version, rows, streams, pairs, keys, text bytes, message bytes, metadata bytes, ...
 *   times     i64[rows]          nanoseconds since the epoch
 *   messageOffsets  i32[rows+1]  into messages (Arrow Utf8 layout)
 *   pairStarts      i32[rows+1]  into the pair columns: row i has pairs pairStarts[i]..pairStarts[i+1]
 *   pairKeys        i32[pairs]   index into keys
 *   pairOffsets     i32[pairs+1] into metadata (Arrow Utf8 layout)
 *   streamEnds      i32[streams] rows are grouped by stream: stream s has rows streamEnds[s-1]..streamEnds[s]
 *   textOffsets     i32[1+streams+keys+1] into text: the tenant, then stream label strings, then metadata keys
 *   text, messages, metadata: bytes (UTF-8)
 */
export interface EntriesBatch {
  /** Holds everything below; shared memory, so threads read it in place. */
  readonly buffer: SharedArrayBuffer;
  readonly tenant: string;
  readonly rows: number;
  /** Canonical label strings, e.g. `{app="x", env="prod"}`; one per stream, in row order. */
  readonly streams: readonly string[];
  readonly streamEnds: Int32Array;
  readonly times: BigInt64Array;
  readonly messageOffsets: Int32Array;
  readonly messages: Uint8Array;
  readonly pairStarts: Int32Array;
  readonly pairKeys: Int32Array;
  readonly pairOffsets: Int32Array;
  readonly metadata: Uint8Array;
  /** Structured metadata keys that occur in the batch. */
  readonly keys: readonly string[];
}

const MAGIC = 0x4b534542; // "BESK"
const VERSION = 1;
const HEADER_WORDS = 16;

interface Shape {
  readonly rows: number;
  readonly streams: number;
  readonly pairs: number;
  readonly keys: number;
  readonly textBytes: number;
  readonly messageBytes: number;
  readonly metadataBytes: number;
}

interface Regions {
  readonly times: number;
  readonly messageOffsets: number;
  readonly pairStarts: number;
  readonly pairKeys: number;
  readonly pairOffsets: number;
  readonly streamEnds: number;
  readonly textOffsets: number;
  readonly text: number;
  readonly messages: number;
  readonly metadata: number;
  readonly end: number;
}

function regions(shape: Shape): Regions {
  let at = HEADER_WORDS * 4;
  const take = (bytes: number): number => {
    const start = at;
    // Not in int32: a hostile header must not wrap around to a small size.
    at = Math.ceil((at + bytes) / 8) * 8;
    return start;
  };
  return {
    times: take(shape.rows * 8),
    messageOffsets: take((shape.rows + 1) * 4),
    pairStarts: take((shape.rows + 1) * 4),
    pairKeys: take(shape.pairs * 4),
    pairOffsets: take((shape.pairs + 1) * 4),
    streamEnds: take(shape.streams * 4),
    textOffsets: take((shape.streams + shape.keys + 2) * 4),
    text: take(shape.textBytes),
    messages: take(shape.messageBytes),
    metadata: take(shape.metadataBytes),
    end: at,
  };
}

const kept = new WeakMap<SharedArrayBuffer, EntriesBatch>();

/**
 * From now on `openEntries` of the batch's buffer returns the batch itself, on this thread: nobody may write to the buffer
 * any more. For who has made it; what others send is looked at each time.
 */
export function keepOpen(batch: EntriesBatch): EntriesBatch {
  kept.set(batch.buffer, batch);
  return batch;
}

/** The names in batches that are opened one after the other: one string for each, however many batches have it. */
export class BatchNames {
  readonly #known = new ByteCache<string>(NAMES_MAX, NAME_BYTES_MAX);

  read(text: ByteRun, start: number, end: number): string {
    const known = this.#known.get(text.view, start, end);
    if (known !== undefined) return known;
    const name = Buffer.from(text.bytes.buffer, text.bytes.byteOffset + start, end - start).utf8Slice();
    this.#known.put(text, start, end, name);
    return name;
  }
}

const NAMES_MAX = 1 << 15;
const NAME_BYTES_MAX = 4 << 20;

/**
 * Opens a batch over its bytes without copying. Throws a RangeError on anything that is not a whole batch. Who opens many
 * gives `names`.
 */
export function openEntries(buffer: SharedArrayBuffer, names?: BatchNames): EntriesBatch {
  return kept.get(buffer) ?? openBytes(buffer, names);
}

/**
 * Opens a batch that another thread of this process has opened: what its columns say is not looked at again, and `streams` is
 * left empty. Throws a RangeError on what never was a batch.
 */
export function openNameless(buffer: SharedArrayBuffer): EntriesBatch {
  return viewBytes(buffer, false);
}

function openBytes(buffer: SharedArrayBuffer, names: BatchNames | undefined): EntriesBatch {
  const batch = viewBytes(buffer, true, names);
  requireConsistent(batch);
  return batch;
}

function viewBytes(buffer: SharedArrayBuffer, isNamed: boolean, names?: BatchNames): EntriesBatch {
  if (buffer.byteLength < HEADER_WORDS * 4) throw new RangeError('entries batch: shorter than its header');
  const header = new Uint32Array(buffer, 0, HEADER_WORDS);
  if (header[0] !== MAGIC || header[1] !== VERSION) throw new RangeError('entries batch: unknown magic or version');
  const shape: Shape = {
    rows: header[2]!,
    streams: header[3]!,
    pairs: header[4]!,
    keys: header[5]!,
    textBytes: header[6]!,
    messageBytes: header[7]!,
    metadataBytes: header[8]!,
  };
  const at = regions(shape);
  if (at.end !== buffer.byteLength) {
    throw new RangeError(`entries batch: ${buffer.byteLength} bytes, header says ${at.end}`);
  }
  const textOffsets = new Int32Array(buffer, at.textOffsets, shape.streams + shape.keys + 2);
  requireOffsets('text', textOffsets, shape.textBytes);
  const text = Buffer.from(buffer, at.text, shape.textBytes);
  const run = byteRun(text);
  const word = (i: number): string => {
    const start = textOffsets[i]!;
    const end = textOffsets[i + 1]!;
    return names ? names.read(run, start, end) : text.utf8Slice(start, end);
  };
  return viewsOf(buffer, shape, at, {
    tenant: word(0),
    streams: isNamed ? Array.from({ length: shape.streams }, (_, s) => word(1 + s)) : [],
    keys: Array.from({ length: shape.keys }, (_, k) => word(1 + shape.streams + k)),
  });
}

/** Every reader indexes by these columns without looking again. */
function requireConsistent(batch: EntriesBatch): void {
  requireOffsets('message', batch.messageOffsets, batch.messages.length);
  requireOffsets('pair', batch.pairOffsets, batch.metadata.length);
  requireOffsets('row', batch.pairStarts, batch.pairKeys.length);
  const { pairKeys, streamEnds, keys, rows } = batch;
  for (let p = 0; p < pairKeys.length; p++) {
    if (pairKeys[p]! < 0 || pairKeys[p]! >= keys.length) throw new RangeError('entries batch: pair of an unknown key');
  }
  let last = 0;
  for (let s = 0; s < streamEnds.length; s++) {
    if (streamEnds[s]! < last) throw new RangeError('entries batch: stream ends are not in order');
    last = streamEnds[s]!;
  }
  if (last !== rows) throw new RangeError(`entries batch: streams have ${last} rows of ${rows}`);
}

function requireOffsets(what: string, offsets: Int32Array, end: number): void {
  if (offsets[0] !== 0 || offsets[offsets.length - 1] !== end) {
    throw new RangeError(`entries batch: ${what} offsets do not cover their ${end}`);
  }
  for (let i = 1; i < offsets.length; i++) {
    if (offsets[i]! < offsets[i - 1]!) throw new RangeError(`entries batch: ${what} offsets are not in order`);
  }
}

type Words = Pick<EntriesBatch, 'tenant' | 'streams' | 'keys'>;

function viewsOf(buffer: SharedArrayBuffer, shape: Shape, at: Regions, words: Words): EntriesBatch {
  return {
    buffer,
    tenant: words.tenant,
    rows: shape.rows,
    streams: words.streams,
    streamEnds: new Int32Array(buffer, at.streamEnds, shape.streams),
    times: new BigInt64Array(buffer, at.times, shape.rows),
    messageOffsets: new Int32Array(buffer, at.messageOffsets, shape.rows + 1),
    messages: new Uint8Array(buffer, at.messages, shape.messageBytes),
    pairStarts: new Int32Array(buffer, at.pairStarts, shape.rows + 1),
    pairKeys: new Int32Array(buffer, at.pairKeys, shape.pairs),
    pairOffsets: new Int32Array(buffer, at.pairOffsets, shape.pairs + 1),
    metadata: new Uint8Array(buffer, at.metadata, shape.metadataBytes),
    keys: words.keys,
  };
}

/** What a builder hands over: columns of any capacity with their used lengths. */
export interface EntriesColumns {
  readonly tenant: string;
  readonly streams: readonly string[];
  readonly streamEnds: readonly number[];
  readonly keys: readonly string[];
  readonly rows: number;
  /** int64 words, low word first; 2 x rows used. */
  readonly timeWords: Int32Array;
  readonly messageOffsets: Int32Array;
  readonly messages: Uint8Array;
  readonly pairs: number;
  readonly pairStarts: Int32Array;
  readonly pairKeys: Int32Array;
  readonly pairOffsets: Int32Array;
  readonly metadata: Uint8Array;
}

/** Copies columns into one exact buffer in the layout above. */
export function sealEntries(columns: EntriesColumns): EntriesBatch {
  const words = [columns.tenant, ...columns.streams, ...columns.keys];
  const text = words.join('');
  const textBytes = Buffer.byteLength(text);
  const shape: Shape = {
    rows: columns.rows,
    streams: columns.streams.length,
    pairs: columns.pairs,
    keys: columns.keys.length,
    textBytes,
    messageBytes: columns.messageOffsets[columns.rows]!,
    metadataBytes: columns.pairOffsets[columns.pairs]!,
  };
  const at = regions(shape);
  const buffer = new SharedArrayBuffer(at.end);
  const header = new Uint32Array(buffer, 0, HEADER_WORDS);
  header[0] = MAGIC;
  header[1] = VERSION;
  header[2] = shape.rows;
  header[3] = shape.streams;
  header[4] = shape.pairs;
  header[5] = shape.keys;
  header[6] = shape.textBytes;
  header[7] = shape.messageBytes;
  header[8] = shape.metadataBytes;
  const batch = viewsOf(buffer, shape, at, {
    tenant: columns.tenant,
    streams: [...columns.streams],
    keys: [...columns.keys],
  });
  new Int32Array(buffer, at.times, shape.rows * 2).set(columns.timeWords.subarray(0, shape.rows * 2));
  batch.messageOffsets.set(columns.messageOffsets.subarray(0, shape.rows + 1));
  batch.pairStarts.set(columns.pairStarts.subarray(0, shape.rows + 1));
  batch.pairKeys.set(columns.pairKeys.subarray(0, shape.pairs));
  batch.pairOffsets.set(columns.pairOffsets.subarray(0, shape.pairs + 1));
  batch.streamEnds.set(columns.streamEnds);
  batch.messages.set(columns.messages.subarray(0, shape.messageBytes));
  batch.metadata.set(columns.metadata.subarray(0, shape.metadataBytes));
  writeWords(
    words,
    text,
    Buffer.from(buffer, at.text, textBytes),
    new Int32Array(buffer, at.textOffsets, words.length + 1),
  );
  return batch;
}

function writeWords(words: readonly string[], text: string, into: Buffer, offsets: Int32Array): void {
  into.utf8Write(text, 0);
  const isAscii = into.length === text.length;
  let at = 0;
  for (let i = 0; i < words.length; i++) {
    at += isAscii ? words[i]!.length : Buffer.byteLength(words[i]!);
    offsets[i + 1] = at;
  }
}
