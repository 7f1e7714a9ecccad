/**
 * DELTA_BINARY_PACKED (Parquet encodings): blocks of 128 deltas in 4 miniblocks of 32, each packed with its own width.
 *
 * Values are float64 integers relative to a base, so that nanosecond times need no BigInt per row: any two values of a
 * page must differ by less than 2^52. Only the first value is written whole, as int64.
 */
import { CorruptObject } from '../../corrupt.js';
import { type Cursor, putVarint, putZigzag, putZigzagBig, takeVarint, takeZigzag, takeZigzagBig } from './varint.js';

const BLOCK = 128;
const MINIBLOCKS = 4;
const MINIBLOCK = BLOCK / MINIBLOCKS;
const WIDTH_MAX = 53;
const TWO_32 = 4294967296;

/** Bytes that `encodeDelta` may need at most for so many values. */
export function deltaBytesMax(values: number): number {
  return 32 + (Math.ceil(values / BLOCK) + 1) * (10 + MINIBLOCKS + BLOCK * 7);
}

const deltas = new Float64Array(BLOCK);
const words = new Uint32Array(MINIBLOCK * 2 + 2);

/** Encodes values[from..to-1], each plus `base`, at out[at] and returns the position after them. */
export function encodeDelta(
  values: Float64Array | Int32Array,
  from: number,
  to: number,
  base: bigint,
  out: Uint8Array,
  at: number,
): number {
  at = putVarint(out, at, BLOCK);
  at = putVarint(out, at, MINIBLOCKS);
  at = putVarint(out, at, to - from);
  at = putZigzagBig(out, at, to > from ? base + BigInt(values[from]!) : 0n);
  for (let start = from + 1; start < to; start += BLOCK) {
    const count = Math.min(BLOCK, to - start);
    for (let i = 0; i < count; i++) deltas[i] = values[start + i]! - values[start + i - 1]!;
    at = encodeBlock(count, out, at);
  }
  return at;
}

/** Writes the first `count` of `deltas`; unused miniblocks get width 0 and no bytes. */
function encodeBlock(count: number, out: Uint8Array, at: number): number {
  let min = deltas[0]!;
  for (let i = 1; i < count; i++) if (deltas[i]! < min) min = deltas[i]!;
  at = putZigzag(out, at, min);
  for (let i = 0; i < count; i++) deltas[i] = deltas[i]! - min;
  const widthsAt = at;
  at += MINIBLOCKS;
  for (let m = 0; m < MINIBLOCKS; m++) {
    const first = m * MINIBLOCK;
    const last = Math.min(count, first + MINIBLOCK);
    const width = first < last ? widthOf(first, last) : 0;
    out[widthsAt + m] = width;
    if (width > 0) at = packMiniblock(first, last, width, out, at);
  }
  return at;
}

function widthOf(first: number, last: number): number {
  let max = 0;
  for (let i = first; i < last; i++) if (deltas[i]! > max) max = deltas[i]!;
  return max < TWO_32 ? 32 - Math.clz32(max) : 64 - Math.clz32(Math.floor(max / TWO_32));
}

/** 32 values of `width` bits are exactly `width` little-endian words. */
function packMiniblock(first: number, last: number, width: number, out: Uint8Array, at: number): number {
  words.fill(0, 0, width + 2);
  let bit = 0;
  for (let i = first; i < last; i++, bit += width) {
    const value = deltas[i]!;
    const high = Math.floor(value / TWO_32);
    putBits(bit, value - high * TWO_32);
    if (width > 32) putBits(bit + 32, high);
  }
  for (let w = 0; w < width; w++) {
    const word = words[w]!;
    out[at] = word;
    out[at + 1] = word >>> 8;
    out[at + 2] = word >>> 16;
    out[at + 3] = word >>> 24;
    at += 4;
  }
  return at;
}

function putBits(bit: number, value: number): void {
  const word = bit >>> 5;
  const shift = bit & 31;
  words[word] = words[word]! | (value << shift);
  if (shift > 0) words[word + 1] = words[word + 1]! | (value >>> (32 - shift));
}

/** Decodes the first `wanted` of exactly `count` values, minus `base`, to out[0..wanted-1], and moves the cursor behind them. */
export function decodeDelta(from: Cursor, count: number, base: bigint, out: Float64Array, wanted = count): void {
  if (takeVarint(from) !== BLOCK || takeVarint(from) !== MINIBLOCKS) {
    throw new CorruptObject('delta blocks of an unknown size');
  }
  if (takeVarint(from) !== count) throw new CorruptObject('a delta page with the wrong number of values');
  const first = takeZigzagBig(from) - base;
  if (wanted === 0) return;
  let value = Number(first);
  out[0] = value;
  for (let start = 1; start < wanted; start += BLOCK) {
    const min = takeZigzag(from);
    const widthsAt = from.at;
    from.at += MINIBLOCKS;
    if (from.at > from.end) throw new CorruptObject('a delta page ends early');
    for (let m = 0; m < MINIBLOCKS; m++) {
      const first = start + m * MINIBLOCK;
      const last = Math.min(wanted, first + MINIBLOCK);
      const width = from.bytes[widthsAt + m]!;
      if (first < last) value = unpackMiniblock(from, width, min, value, out, first, last);
    }
  }
}

function unpackMiniblock(
  from: Cursor,
  width: number,
  min: number,
  value: number,
  out: Float64Array,
  first: number,
  last: number,
): number {
  if (width > WIDTH_MAX) throw new CorruptObject(`deltas of ${width} bits`);
  if (from.at + width * 4 > from.end) throw new CorruptObject('a delta page ends early');
  const bytes = from.bytes;
  let at = from.at;
  for (let w = 0; w < width; w++, at += 4) {
    words[w] = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  }
  from.at = at;
  const lowWidth = Math.min(width, 32);
  const lowMask = width === 0 ? 0 : 0xffffffff >>> (32 - lowWidth);
  const highMask = width > 32 ? (1 << (width - 32)) - 1 : 0;
  let bit = 0;
  for (let i = first; i < last; i++, bit += width) {
    let delta = (bitsAt(bit) & lowMask) >>> 0;
    if (highMask !== 0) delta += (bitsAt(bit + 32) & highMask) * TWO_32;
    value += min + delta;
    out[i] = value;
  }
  return value;
}

/** The 32 bits from position `bit`; those past the miniblock are garbage, to be masked off. */
function bitsAt(bit: number): number {
  const word = bit >>> 5;
  const shift = bit & 31;
  return shift === 0 ? words[word]! : (words[word]! >>> shift) | (words[word + 1]! << (32 - shift));
}
