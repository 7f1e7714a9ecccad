/**
 * The RLE / bit-packing hybrid (Parquet encodings): runs of one value, and groups of 8 values packed with `width` bits.
 * Used for dictionary indices (after one byte that says the width) and for definition levels (width 1).
 */
import { CorruptObject } from '../../corrupt.js';
import { type Cursor, putVarint, takeVarint } from './varint.js';

const GROUP = 8;
export const WIDTH_MAX = 24;

export function bitWidth(max: number): number {
  return 32 - Math.clz32(max);
}

/** Bytes that `encodeHybrid` may need at most. */
export function hybridBytesMax(values: number, width: number): number {
  return 16 + Math.ceil(values / GROUP) * (width + 1) * 2;
}

/** Encodes values[from..to-1] at out[at] and returns the position after them. */
export function encodeHybrid(
  values: Int32Array,
  from: number,
  to: number,
  width: number,
  out: Uint8Array,
  at: number,
): number {
  let i = from;
  while (i < to) {
    const run = runLength(values, i, to);
    if (run >= GROUP || i + run === to) {
      at = putRun(run, values[i]!, width, out, at);
      i += run;
      continue;
    }
    const start = i;
    do i += GROUP;
    while (i < to && runLength(values, i, Math.min(to, i + GROUP)) < GROUP);
    at = putGroups(values, start, Math.min(i, to), width, out, at);
  }
  return at;
}

function runLength(values: Int32Array, from: number, to: number): number {
  const value = values[from]!;
  let i = from + 1;
  while (i < to && values[i] === value) i++;
  return i - from;
}

/** One value `count` times. */
export function putRun(count: number, value: number, width: number, out: Uint8Array, at: number): number {
  at = putVarint(out, at, count * 2);
  for (let bits = 0; bits < width; bits += 8) out[at++] = value >>> bits;
  return at;
}

function putGroups(values: Int32Array, from: number, to: number, width: number, out: Uint8Array, at: number): number {
  const groups = Math.ceil((to - from) / GROUP);
  at = putVarint(out, at, groups * 2 + 1);
  let pending = 0;
  let bits = 0;
  for (let i = from; i < from + groups * GROUP; i++) {
    pending |= (i < to ? values[i]! : 0) << bits;
    bits += width;
    while (bits >= 8) {
      out[at++] = pending;
      pending >>>= 8;
      bits -= 8;
    }
  }
  return at;
}

/** Decodes exactly `count` values below `limit` to out[0..count-1] and moves the cursor behind them. */
export function decodeHybrid(from: Cursor, width: number, count: number, limit: number, out: Int32Array): void {
  if (width > WIDTH_MAX) throw new CorruptObject(`hybrid values of ${width} bits`);
  let i = 0;
  while (i < count) {
    const header = takeVarint(from);
    const runs = Math.floor(header / 2);
    if (header % 2 === 0) {
      if (runs === 0 || runs > count - i) throw new CorruptObject('a run longer than its page');
      out.fill(takeRunValue(from, width, limit), i, i + runs);
      i += runs;
    } else {
      i = takeGroups(from, runs, width, limit, out, i, count);
    }
  }
}

/** The value of a run, whose length has been read. */
export function takeRunValue(from: Cursor, width: number, limit: number): number {
  let value = 0;
  for (let bits = 0; bits < width; bits += 8) {
    if (from.at >= from.end) throw new CorruptObject('a run ends early');
    value |= from.bytes[from.at++]! << bits;
  }
  if (value >= limit) throw new CorruptObject(`value ${value} where ${limit} exist`);
  return value;
}

/** Where packed groups end, of which `left` values are wanted at most. */
export function groupsEnd(from: Cursor, groups: number, width: number, left: number): number {
  if (groups === 0 || groups * GROUP >= left + GROUP) throw new CorruptObject('packed groups longer than their page');
  const end = from.at + groups * width;
  if (end > from.end) throw new CorruptObject('packed groups end early');
  return end;
}

function takeGroups(
  from: Cursor,
  groups: number,
  width: number,
  limit: number,
  out: Int32Array,
  i: number,
  count: number,
): number {
  const end = groupsEnd(from, groups, width, count - i);
  const last = Math.min(count, i + groups * GROUP);
  const whole = groups >= GROUPS_OF_WORDS_MIN ? wholeWords(end - from.at, width, last - i) : 0;
  const max = Math.max(unpackWords(from, width, out, i, whole), unpackBytes(from, width, whole, out, i + whole, last));
  if (max >= limit) throw new CorruptObject(`value ${max} where ${limit} exist`);
  from.at = end;
  return last;
}

/** A view for reading words costs as much as so many groups. */
const GROUPS_OF_WORDS_MIN = 4;

/** How many of the values can be read as part of four bytes, none of which is beyond the end. */
function wholeWords(bytes: number, width: number, values: number): number {
  if (width === 0) return 0;
  return Math.max(0, Math.min(values, Math.floor(((bytes - 4) * 8) / width)));
}

/** A value begins in the first of its four bytes: at most 7 bits before it, and 24 of its own. Returns the largest. */
function unpackWords({ bytes, at }: Cursor, width: number, out: Int32Array, i: number, count: number): number {
  if (count === 0) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
  const mask = (1 << width) - 1;
  let max = 0;
  for (let bit = 0, last = i + count; i < last; bit += width) {
    const value = (view.getUint32(bit >>> 3, true) >>> (bit & 7)) & mask;
    if (value > max) max = value;
    out[i++] = value;
  }
  return max;
}

/** Reads on behind so many values. Returns the largest. */
function unpackBytes(
  { bytes, at }: Cursor,
  width: number,
  skipped: number,
  out: Int32Array,
  i: number,
  last: number,
): number {
  const mask = (1 << width) - 1;
  const skippedBits = skipped * width;
  at += skippedBits >>> 3;
  let bits = 0;
  let pending = 0;
  if ((skippedBits & 7) > 0) {
    pending = bytes[at++]! >>> (skippedBits & 7);
    bits = 8 - (skippedBits & 7);
  }
  let max = 0;
  while (i < last) {
    while (bits < width) {
      pending |= bytes[at++]! << bits;
      bits += 8;
    }
    const value = pending & mask;
    if (value > max) max = value;
    out[i++] = value;
    pending >>>= width;
    bits -= width;
  }
  return max;
}
