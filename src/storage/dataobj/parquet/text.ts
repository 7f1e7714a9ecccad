/**
 * Byte-array pages. DELTA_LENGTH_BYTE_ARRAY is all lengths followed by all bytes in one run, which read back is an Arrow
 * Utf8 vector: offsets plus the same bytes, not copied. PLAIN (dictionary pages only) is length-prefixed values.
 */
import { CorruptObject } from '../../corrupt.js';
import type { TextPage } from '../types.js';
import { decodeDelta, deltaBytesMax, encodeDelta } from './delta.js';
import { type Cursor, cursor } from './varint.js';

let lengths = new Int32Array(16384);
let decoded = new Float64Array(16384);

/** Bytes that `encodeLengths` may need at most; the values' bytes follow them. */
export function lengthsBytesMax(values: number): number {
  return deltaBytesMax(values);
}

/** Encodes the lengths of values from..to-1, value i being offsets[i]..offsets[i+1]; returns the position after them. */
export function encodeLengths(offsets: Int32Array, from: number, to: number, out: Uint8Array, at: number): number {
  const count = to - from;
  if (count > lengths.length) lengths = new Int32Array(count * 2);
  for (let i = 0; i < count; i++) lengths[i] = offsets[from + i + 1]! - offsets[from + i]!;
  return encodeDelta(lengths, 0, count, 0n, out, at);
}

/** Decodes a DELTA_LENGTH_BYTE_ARRAY page of `count` values that fills `page` from `at` on. */
export function decodeTexts(page: Uint8Array, at: number, count: number): TextPage {
  const from: Cursor = cursor(page, at);
  if (count > decoded.length) decoded = new Float64Array(count * 2);
  decodeDelta(from, count, 0n, decoded);
  const offsets = new Int32Array(count + 1);
  const size = page.length - from.at;
  let end = 0;
  for (let i = 0; i < count; i++) {
    const length = decoded[i]!;
    if (length < 0 || length > size - end) throw new CorruptObject('text longer than its page');
    end += length;
    offsets[i + 1] = end;
  }
  if (end !== size) throw new CorruptObject('text shorter than its page');
  return { offsets, bytes: Buffer.from(page.buffer, page.byteOffset + from.at, size) };
}

/** PLAIN values of a dictionary: value i is bytes[offsets[i]..offsets[i+1]]. */
export function encodePlain(offsets: Int32Array, count: number, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(count * 4 + offsets[count]!);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const start = offsets[i]!;
    const length = offsets[i + 1]! - start;
    out[at] = length;
    out[at + 1] = length >>> 8;
    out[at + 2] = length >>> 16;
    out[at + 3] = length >>> 24;
    out.set(bytes.subarray(start, start + length), at + 4);
    at += 4 + length;
  }
  return out;
}

/** Value i is bytes[starts[i]..ends[i]]. */
export interface PlainRanges {
  readonly count: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly bytes: Buffer;
}

/** Where the PLAIN values of a dictionary lie in its page. */
export function plainRanges(page: Uint8Array, count: number): PlainRanges {
  if (count * 4 > page.length) throw new CorruptObject('a dictionary ends early');
  const bytes = Buffer.from(page.buffer, page.byteOffset, page.byteLength);
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 4 > bytes.length) throw new CorruptObject('a dictionary ends early');
    const end = at + 4 + bytes.readUInt32LE(at);
    if (end > bytes.length) throw new CorruptObject('a dictionary ends early');
    starts[i] = at + 4;
    ends[i] = end;
    at = end;
  }
  if (at !== bytes.length) throw new CorruptObject('a dictionary has more values than it says');
  return { count, starts, ends, bytes };
}

/** Decodes PLAIN values to strings. */
export function decodePlain(page: Uint8Array, count: number): string[] {
  const { starts, ends, bytes } = plainRanges(page, count);
  return Array.from(starts, (start, i) => bytes.utf8Slice(start, ends[i]!));
}
