/** ULEB128 and zigzag integers as Parquet and Thrift's compact protocol use them. */
import { CorruptObject } from '../../corrupt.js';

/** A position in bytes, moved by the decoders. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
}

export function cursor(bytes: Uint8Array, from = 0, to = bytes.length): Cursor {
  return { bytes, at: from, end: to };
}

/** Writes an integer of 0..2^53 and returns the position after it. */
export function putVarint(out: Uint8Array, at: number, value: number): number {
  while (value > 0x7fffffff) {
    out[at++] = (value % 128) | 0x80;
    value = Math.floor(value / 128);
  }
  while (value > 0x7f) {
    out[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  out[at++] = value;
  return at;
}

/** Writes an integer of -2^52..2^52. */
export function putZigzag(out: Uint8Array, at: number, value: number): number {
  return putVarint(out, at, value >= 0 ? value * 2 : -value * 2 - 1);
}

export function putZigzagBig(out: Uint8Array, at: number, value: bigint): number {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  while (rest > 0x7fn) {
    out[at++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  out[at++] = Number(rest);
  return at;
}

/** Reads an integer; refuses one above 2^53. */
export function takeVarint(from: Cursor): number {
  let value = 0;
  let scale = 1;
  for (let i = 0; i < 8; i++) {
    if (from.at >= from.end) throw new CorruptObject('a varint runs past the end');
    const byte = from.bytes[from.at++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      if (value > Number.MAX_SAFE_INTEGER) break;
      return value;
    }
    scale *= 128;
  }
  throw new CorruptObject('a varint is too large');
}

export function takeZigzag(from: Cursor): number {
  const value = takeVarint(from);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

export function takeZigzagBig(from: Cursor): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    if (from.at >= from.end) throw new CorruptObject('a varint runs past the end');
    const byte = from.bytes[from.at++]!;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
  }
  throw new CorruptObject('a varint is too large');
}
