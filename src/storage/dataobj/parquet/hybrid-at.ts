/** Single values out of the RLE / bit-packing hybrid (see hybrid.ts), for readers that want few rows of a page. */
import { CorruptObject } from '../../corrupt.js';
import { groupsEnd, takeRunValue, WIDTH_MAX } from './hybrid.js';
import { type Cursor, takeVarint } from './varint.js';

const GROUP = 8;

/** Bits that are set in a byte. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

/**
 * Decodes those of `count` values below `limit` that are at the given positions (ascending, below `count`) to out[0..];
 * values between them are passed over unseen, and the cursor stays wherever the last one was. `out` may be `positions`.
 */
export function decodeHybridAt(
  from: Cursor,
  width: number,
  count: number,
  limit: number,
  positions: Int32Array,
  out: Int32Array,
): void {
  if (width > WIDTH_MAX) throw new CorruptObject(`hybrid values of ${width} bits`);
  let next = 0;
  for (let i = 0; next < positions.length; ) {
    const header = takeVarint(from);
    const runs = Math.floor(header / 2);
    if (header % 2 === 0) {
      if (runs === 0 || runs > count - i) throw new CorruptObject('a run longer than its page');
      const value = takeRunValue(from, width, limit);
      i += runs;
      while (next < positions.length && positions[next]! < i) out[next++] = value;
    } else {
      const end = groupsEnd(from, runs, width, count - i);
      const last = i + runs * GROUP;
      for (; next < positions.length && positions[next]! < last; next++) {
        const value = unpackAt(from, (positions[next]! - i) * width, width);
        if (value >= limit) throw new CorruptObject(`value ${value} where ${limit} exist`);
        out[next] = value;
      }
      from.at = end;
      i = last;
    }
  }
}

/** The same of values first..last-1. */
export function decodeHybridStretch(
  from: Cursor,
  width: number,
  count: number,
  limit: number,
  first: number,
  last: number,
  out: Int32Array,
): void {
  if (width > WIDTH_MAX) throw new CorruptObject(`hybrid values of ${width} bits`);
  for (let i = 0, next = first; next < last; ) {
    const header = takeVarint(from);
    const runs = Math.floor(header / 2);
    const start = i;
    if (header % 2 === 0) {
      if (runs === 0 || runs > count - i) throw new CorruptObject('a run longer than its page');
      const value = takeRunValue(from, width, limit);
      i += runs;
      if (next < i) out.fill(value, next - first, Math.min(i, last) - first);
    } else {
      const end = groupsEnd(from, runs, width, count - i);
      i += runs * GROUP;
      for (let at = next, to = Math.min(i, last); at < to; at++) {
        const value = unpackAt(from, (at - start) * width, width);
        if (value >= limit) throw new CorruptObject(`value ${value} where ${limit} exist`);
        out[at - first] = value;
      }
      from.at = end;
    }
    if (next < i) next = i;
  }
}

function unpackAt({ bytes, at }: Cursor, bit: number, width: number): number {
  const byte = at + (bit >>> 3);
  const word = bytes[byte]! | (bytes[byte + 1]! << 8) | (bytes[byte + 2]! << 16) | (bytes[byte + 3]! << 24);
  return (word >>> (bit & 7)) & ((1 << width) - 1);
}

/**
 * Reads `count` definition levels of 0 and 1: for rows[i] (ascending, below `count`) out[i] becomes its rank among
 * those of level 1, or -1 at level 0. Returns how many are of level 1 in all.
 */
export function decodeRanksAt(from: Cursor, count: number, rows: Int32Array, out: Int32Array): number {
  let present = 0;
  let next = 0;
  for (let i = 0; i < count; ) {
    const header = takeVarint(from);
    const runs = Math.floor(header / 2);
    if (header % 2 === 0) {
      if (runs === 0 || runs > count - i) throw new CorruptObject('a run longer than its page');
      const level = takeRunValue(from, 1, 2);
      for (; next < rows.length && rows[next]! < i + runs; next++)
        out[next] = level === 0 ? -1 : present + rows[next]! - i;
      present += level * runs;
      i += runs;
    } else {
      const end = groupsEnd(from, runs, 1, count - i);
      for (; from.at < end; from.at++, i += GROUP) {
        const left = count - i;
        const flags = left < GROUP ? from.bytes[from.at]! & ((1 << left) - 1) : from.bytes[from.at]!;
        for (; next < rows.length && rows[next]! < i + GROUP; next++) {
          const bit = 1 << (rows[next]! - i);
          out[next] = (flags & bit) === 0 ? -1 : present + ONES[flags & (bit - 1)]!;
        }
        present += ONES[flags]!;
      }
    }
  }
  return present;
}
