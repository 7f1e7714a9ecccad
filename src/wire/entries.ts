import { type Names, NO_NAMES } from './batch-names.js';
import { byteRun } from './byte-copy.js';
import {
  type Refs,
  type Regions,
  readShape,
  readVersion,
  refsOf,
  requireOffsets,
  type Shape,
  viewsOf,
  wordsOf,
} from './entries-layout.js';
import { FIRST_VERSION, openFirstVersion } from './entries-version-1.js';
import { LABEL_CHARS_MAX } from './label-pieces.js';

/**
 * The entries batch: one push of one tenant in columns, encoded once. The same bytes are the message to a replica, the
 * WAL record, the ingester's memory and the input of a live scan, so nothing here makes an object or a string per line.
 * What repeats is there once: pieces of label text, and pairs of structured metadata.
 *
 * Layout of `buffer` (little-endian, every column aligned to 8 bytes), drawn in docs/format/entries.md:
 *
 *   header    16 x u32: magic, version, rows, streams, labels, label refs, keys, pairs, pair refs, ...
 *   times     i64[rows]            nanoseconds since the epoch
 *   messageOffsets  i32[rows+1]    into messages (Arrow Utf8 layout)
 *   pairStarts      i32[rows+1]    row i has the pairs that pairs[pairStarts[i]..pairStarts[i+1]] refer to
 *   pairs           u16|i32[refs]  index of a distinct pair; 32 bits where there are more than 65,536
 *   pairKeys        i32[pairs]     index into keys
 *   pairOffsets     i32[pairs+1]   into metadata (Arrow Utf8 layout)
 *   streamEnds      i32[streams]   rows are grouped by stream: stream s has rows streamEnds[s-1]..streamEnds[s]
 *   labelEnds       i32[streams]   the label text of stream s is what labelRefs[labelEnds[s-1]..labelEnds[s]] refer to, joined
 *   labelRefs       u16|i32[refs]  index of a piece of label text
 *   textOffsets     i32[1+labels+keys+1] into text: the tenant, then pieces of label text, then metadata keys
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
  /** Of the rows' pairs, one after the other, which distinct pair each is. */
  readonly pairs: Refs;
  /** Of each distinct pair. */
  readonly pairKeys: Int32Array;
  readonly pairOffsets: Int32Array;
  /** The values of distinct pairs. */
  readonly metadata: Uint8Array;
  /** Structured metadata keys that occur in the batch. */
  readonly keys: readonly string[];
}

/** Bytes of the metadata values of rows [from, to). */
export function valueBytes({ pairStarts, pairs, pairOffsets }: EntriesBatch, from: number, to: number): number {
  let bytes = 0;
  for (let at = pairStarts[from]!; at < pairStarts[to]!; at++) {
    const pair = pairs[at]!;
    bytes += pairOffsets[pair + 1]! - pairOffsets[pair]!;
  }
  return bytes;
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

/**
 * Opens a batch over its bytes without copying; only one of the first version becomes another batch. Throws a RangeError on
 * anything that is not a whole batch. Who opens many gives `names`.
 */
export function openEntries(buffer: SharedArrayBuffer, names: Names = NO_NAMES): EntriesBatch {
  return kept.get(buffer) ?? openBytes(buffer, names);
}

/**
 * Opens a batch that another thread of this process has opened: what its columns say is not looked at again, and `streams` is
 * left empty. Throws a RangeError on what never was a batch.
 */
export function openNameless(buffer: SharedArrayBuffer): EntriesBatch {
  const { shape, at } = readShape(buffer);
  return viewBytes(buffer, shape, at, NO_NAMES, false);
}

/** Of a batch as for `openNameless`, where the rows of each of its streams end. */
export function streamEndsOf(buffer: SharedArrayBuffer): Int32Array {
  const { shape, at } = readShape(buffer);
  return new Int32Array(buffer, at.streamEnds, shape.streams);
}

/** As `openEntries`, of a batch that is the first so many bytes of a buffer that is used again; null where it is of the first version. */
export function openFirst(buffer: SharedArrayBuffer, bytes: number, names: Names): EntriesBatch | null {
  if (readVersion(buffer) === FIRST_VERSION) return null;
  return openCurrent(buffer, names, bytes);
}

/** As `openEntries`, for who knows the streams by other means: `streams` is left empty, which is most of the work. */
export function openRows(buffer: SharedArrayBuffer): EntriesBatch {
  const known = kept.get(buffer);
  if (known) return known;
  if (readVersion(buffer) === FIRST_VERSION) return openFirstVersion(buffer);
  const batch = openNameless(buffer);
  requireConsistent(batch);
  return batch;
}

function openBytes(buffer: SharedArrayBuffer, names: Names): EntriesBatch {
  if (readVersion(buffer) === FIRST_VERSION) return openFirstVersion(buffer);
  return openCurrent(buffer, names, buffer.byteLength);
}

function openCurrent(buffer: SharedArrayBuffer, names: Names, bytes: number): EntriesBatch {
  const { shape, at } = readShape(buffer, bytes);
  requireLabels(buffer, shape, at);
  const batch = viewBytes(buffer, shape, at, names, true);
  requireConsistent(batch);
  return batch;
}

function viewBytes(buffer: SharedArrayBuffer, shape: Shape, at: Regions, names: Names, isNamed: boolean): EntriesBatch {
  const offsets = new Int32Array(buffer, at.textOffsets, wordsOf(shape) + 1);
  requireOffsets('text', offsets, shape.textBytes);
  const text = byteRun(new Uint8Array(buffer, at.text, shape.textBytes));
  const word = (i: number): string => names.read(text, offsets[i]!, offsets[i + 1]!);
  return viewsOf(buffer, shape, at, {
    tenant: word(0),
    streams: isNamed ? streamsOf(buffer, shape, at, word, names) : [],
    keys: Array.from({ length: shape.keys }, (_, k) => word(1 + shape.labels + k)),
  });
}

function streamsOf(
  buffer: SharedArrayBuffer,
  shape: Shape,
  at: Regions,
  word: (i: number) => string,
  names: Names,
): string[] {
  const labels = Array.from({ length: shape.labels }, (_, label) => word(1 + label));
  const refs = refsOf(buffer, at.labelRefs, shape.labelRefs, shape.labels);
  // None of them has more than all of them: mostly that is enough to know.
  if (refs.length * shape.textBytes > LABEL_CHARS_MAX) requireChars(labels, refs);
  return names.join(labels, refs, new Int32Array(buffer, at.labelEnds, shape.streams));
}

function requireChars(labels: readonly string[], refs: Refs): void {
  let chars = 0;
  for (let i = 0; i < refs.length; i++) chars += labels[refs[i]!]!.length;
  if (chars > LABEL_CHARS_MAX) throw new RangeError(`entries batch: ${chars} characters of label text`);
}

function requireLabels(buffer: SharedArrayBuffer, shape: Shape, at: Regions): void {
  requireEnds('labels', new Int32Array(buffer, at.labelEnds, shape.streams), shape.labelRefs);
  requireRefs('label', refsOf(buffer, at.labelRefs, shape.labelRefs, shape.labels), shape.labels);
}

/** Every reader indexes by these columns without looking again. */
function requireConsistent(batch: EntriesBatch): void {
  requireOffsets('message', batch.messageOffsets, batch.messages.length);
  requireOffsets('pair', batch.pairOffsets, batch.metadata.length);
  requireOffsets('row', batch.pairStarts, batch.pairs.length);
  requireRefs('pair', batch.pairs, batch.pairKeys.length);
  requireRefs('key', batch.pairKeys, batch.keys.length);
  requireEnds('rows', batch.streamEnds, batch.rows);
}

function requireRefs(what: string, refs: Refs, count: number): void {
  for (let i = 0; i < refs.length; i++) {
    if (refs[i]! < 0 || refs[i]! >= count) throw new RangeError(`entries batch: no such ${what}`);
  }
}

function requireEnds(what: string, ends: Int32Array, count: number): void {
  let last = 0;
  for (let s = 0; s < ends.length; s++) {
    if (ends[s]! < last) throw new RangeError(`entries batch: ${what} of streams are not in order`);
    last = ends[s]!;
  }
  if (last !== count) throw new RangeError(`entries batch: streams have ${last} ${what} of ${count}`);
}
