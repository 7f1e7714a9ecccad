/** Where the columns of an entries batch are in its buffer, drawn in docs/format/entries.md. */
import type { EntriesBatch } from './entries.js';

export const MAGIC = 0x4b534542; // "BESK"
export const VERSION = 2;
const HEADER_WORDS = 16;
/** What has at most this many is numbered in 16 bits. */
const NARROW_MAX = 1 << 16;

/** Numbers of what a batch has once for all that refer to it. */
export type Refs = Uint16Array | Int32Array;

export interface Shape {
  readonly rows: number;
  readonly streams: number;
  /** Pieces of label text, and how often streams refer to one. */
  readonly labels: number;
  readonly labelRefs: number;
  readonly keys: number;
  /** Distinct pairs, and how often rows refer to one. */
  readonly pairs: number;
  readonly pairRefs: number;
  readonly textBytes: number;
  readonly messageBytes: number;
  readonly metadataBytes: number;
}

export interface Regions {
  readonly times: number;
  readonly messageOffsets: number;
  readonly pairStarts: number;
  readonly pairRefs: number;
  readonly pairKeys: number;
  readonly pairOffsets: number;
  readonly streamEnds: number;
  readonly labelEnds: number;
  readonly labelRefs: number;
  readonly textOffsets: number;
  readonly text: number;
  readonly messages: number;
  readonly metadata: number;
  readonly end: number;
}

export function regions(shape: Shape): Regions {
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
    pairRefs: take(shape.pairRefs * refBytes(shape.pairs)),
    pairKeys: take(shape.pairs * 4),
    pairOffsets: take((shape.pairs + 1) * 4),
    streamEnds: take(shape.streams * 4),
    labelEnds: take(shape.streams * 4),
    labelRefs: take(shape.labelRefs * refBytes(shape.labels)),
    textOffsets: take((wordsOf(shape) + 1) * 4),
    text: take(shape.textBytes),
    messages: take(shape.messageBytes),
    metadata: take(shape.metadataBytes),
    end: at,
  };
}

function refBytes(count: number): number {
  return count <= NARROW_MAX ? 2 : 4;
}

/** The tenant, labels and keys. */
export function wordsOf({ labels, keys }: Shape): number {
  return 1 + labels + keys;
}

export function refsOf(buffer: SharedArrayBuffer, at: number, refs: number, count: number): Refs {
  return count <= NARROW_MAX ? new Uint16Array(buffer, at, refs) : new Int32Array(buffer, at, refs);
}

export function writeHeader(buffer: SharedArrayBuffer, shape: Shape): void {
  const header = new Uint32Array(buffer, 0, HEADER_WORDS);
  header[0] = MAGIC;
  header[1] = VERSION;
  header[2] = shape.rows;
  header[3] = shape.streams;
  header[4] = shape.labels;
  header[5] = shape.labelRefs;
  header[6] = shape.keys;
  header[7] = shape.pairs;
  header[8] = shape.pairRefs;
  header[9] = shape.textBytes;
  header[10] = shape.messageBytes;
  header[11] = shape.metadataBytes;
}

/** Magic and version; throws a RangeError where there is no header. */
export function readVersion(buffer: SharedArrayBuffer): number {
  if (buffer.byteLength < HEADER_WORDS * 4) throw new RangeError('entries batch: shorter than its header');
  const header = new Uint32Array(buffer, 0, 2);
  if (header[0] !== MAGIC) throw new RangeError('entries batch: unknown magic or version');
  return header[1]!;
}

/** The header's counts, of a batch that is as long as they say; else throws a RangeError. */
export function readShape(
  buffer: SharedArrayBuffer,
  bytes = buffer.byteLength,
): { readonly shape: Shape; readonly at: Regions } {
  if (readVersion(buffer) !== VERSION) throw new RangeError('entries batch: unknown magic or version');
  const header = new Uint32Array(buffer, 0, HEADER_WORDS);
  const shape: Shape = {
    rows: header[2]!,
    streams: header[3]!,
    labels: header[4]!,
    labelRefs: header[5]!,
    keys: header[6]!,
    pairs: header[7]!,
    pairRefs: header[8]!,
    textBytes: header[9]!,
    messageBytes: header[10]!,
    metadataBytes: header[11]!,
  };
  const at = regions(shape);
  if (at.end !== bytes || bytes > buffer.byteLength) {
    throw new RangeError(`entries batch: ${bytes} bytes, header says ${at.end}`);
  }
  return { shape, at };
}

export type Words = Pick<EntriesBatch, 'tenant' | 'streams' | 'keys'>;

export function viewsOf(buffer: SharedArrayBuffer, shape: Shape, at: Regions, words: Words): EntriesBatch {
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
    pairs: refsOf(buffer, at.pairRefs, shape.pairRefs, shape.pairs),
    pairKeys: new Int32Array(buffer, at.pairKeys, shape.pairs),
    pairOffsets: new Int32Array(buffer, at.pairOffsets, shape.pairs + 1),
    metadata: new Uint8Array(buffer, at.metadata, shape.metadataBytes),
    keys: words.keys,
  };
}

export function requireOffsets(what: string, offsets: Int32Array, end: number): void {
  if (offsets[0] !== 0 || offsets[offsets.length - 1] !== end) {
    throw new RangeError(`entries batch: ${what} offsets do not cover their ${end}`);
  }
  for (let i = 1; i < offsets.length; i++) {
    if (offsets[i]! < offsets[i - 1]!) throw new RangeError(`entries batch: ${what} offsets are not in order`);
  }
}
