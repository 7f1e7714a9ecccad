/**
 * SIMD searches over lines that lie end to end (line-search.wat), in WebAssembly memory of the calling thread. What is
 * searched is copied there first: a page fits the processor's cache, so that costs a tenth of searching it by bytes.
 */

import { byteShare } from '../../../planning/regex/byte-share.js';
import { FACTOR_BYTES, type Factor } from '../../../planning/regex/factors.js';
import { LINE_SEARCH_WASM } from './line-search-wasm.js';

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What is needed of the standard object, of which Node's types lack the values. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface Exports {
  readonly memory: Memory;
  literal(
    ...pointers: [
      text: number,
      offsets: number,
      count: number,
      keep: number,
      needle: number,
      length: number,
      first: number,
      second: number,
    ]
  ): number;
  factors(text: number, offsets: number, count: number, keep: number, tables: number, need: number): number;
}

/** Longer needles are not searched for here. */
const NEEDLE_BYTES_MAX = 1024;
/** Nor is this much text at once: memory of WebAssembly never shrinks. */
const TEXT_BYTES_MAX = 1 << 26;
/** Below it, laying out the text costs more than it saves. */
const TEXT_BYTES_MIN = 512;
const OPERAND = 0;
const LINES = 2 * NEEDLE_BYTES_MAX;
/** Readable behind the last line. */
const SLACK_BYTES = 64;
const PAGE_BYTES = 65536;

const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(LINE_SEARCH_WASM, 'base64')));
const { memory, literal, factors } = exports as Exports;

/** What is looked for, ready to be copied to the start of memory. */
export interface Operand {
  readonly bytes: Uint8Array;
  run(text: number, offsets: number, count: number, keep: number): number;
}

/**
 * Lines with a needle of 2 to `NEEDLE_BYTES_MAX` bytes. With `ignoreCase` it is in lower case, and letters of ASCII are found
 * in both cases.
 */
function needleOperand(needle: Uint8Array, ignoreCase: boolean): Operand {
  const [first, second] = rarestPlaces(needle);
  const mask = needle.map((byte) => (ignoreCase && byte >= 0x61 && byte <= 0x7a ? 0x20 : 0));
  return {
    bytes: Buffer.concat([needle, mask]),
    run: (text, offsets, count, keep) => literal(text, offsets, count, keep, OPERAND, needle.length, first!, second!),
  };
}

/** Undefined for needles that are not searched for here. */
export function operandOf(needle: Uint8Array, ignoreCase = false): Operand | undefined {
  const fits = needle.length >= 2 && needle.length <= NEEDLE_BYTES_MAX;
  return fits ? needleOperand(needle, ignoreCase) : undefined;
}

/** Lines with at least `need` occurrences of the factors; some with fewer may be among them. */
export function factorsOperand(wanted: readonly Factor[], need: number): Operand {
  const tables = new Uint8Array(FACTOR_BYTES * 32);
  wanted.forEach((factor, bit) => {
    factor.forEach((set, place) => {
      for (const byte of set) {
        tables[place * 32 + (byte & 15)]! |= 1 << bit;
        tables[place * 32 + 16 + (byte >> 4)]! |= 1 << bit;
      }
    });
  });
  return { bytes: tables, run: (text, offsets, count, keep) => factors(text, offsets, count, keep, OPERAND, need) };
}

/** Whether so many bytes are worth and fit to be searched here. */
export function suitsSimd(textBytes: number): boolean {
  return textBytes >= TEXT_BYTES_MIN && textBytes <= TEXT_BYTES_MAX;
}

/**
 * Writes the rows of from..to-1 in which the operand is found to `keep`, ascending, and returns how many they are. Line i is
 * bytes[offsets[i]..offsets[i+1]).
 */
export function searchLines(
  operand: Operand,
  offsets: Int32Array,
  bytes: Uint8Array,
  from: number,
  to: number,
  keep: Int32Array,
): number {
  const count = to - from;
  const start = offsets[from]!;
  const end = offsets[to]!;
  const keepAt = LINES + 4 * (count + 1);
  const textAt = keepAt + 4 * count;
  const missing = textAt + (end - start) + SLACK_BYTES - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
  const target = new Uint8Array(memory.buffer);
  target.set(operand.bytes, OPERAND);
  target.set(bytes.subarray(start, end), textAt);
  new Int32Array(memory.buffer, LINES, count + 1).set(offsets.subarray(from, to + 1));
  const found = operand.run(textAt - start, LINES, count, keepAt);
  const rows = new Int32Array(memory.buffer, keepAt, found);
  if (from === 0) keep.set(rows);
  else for (let i = 0; i < found; i++) keep[i] = rows[i]! + from;
  return found;
}

/** Two places of a needle, in order, whose bytes are thought to be rare. */
function rarestPlaces(needle: Uint8Array): number[] {
  const places = Array.from(needle, (byte, place) => ({ place, byte, share: byteShare(byte) }));
  places.sort((a, b) => a.share - b.share);
  const first = places[0]!;
  // Another byte than the first, if there is one: the same byte twice says little more than once.
  const second = places.find(({ byte }) => byte !== first.byte) ?? places[1]!;
  return [first.place, second.place].sort((a, b) => a - b);
}
