/**
 * The shape of a line is the line without its numbers: every run of digits becomes `0`, and every word of hexadecimal
 * digits that has both letters and digits becomes `1`. Lines that one statement of a program has logged differ in little
 * else, so a section has few shapes, and what a condition on lines says of a shape it says of all its rows. (CLP, Rodrigues
 * et al., OSDI 2021, splits lines into types and variables; we keep lines whole and only look at their shapes first.)
 *
 * A digit in a shape always stands for a run, and every other byte for itself.
 *
 * Shapes are made by shape.wat, in WebAssembly memory of the calling thread.
 */
import { SHAPE_WASM } from './shape-wasm.js';

export const DIGITS_MARK = 0x30;
export const HEX_MARK = 0x31;

/** What is needed of the standard object, of which Node's types lack the values. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  shapes(text: number, offsets: number, count: number, ends: number, out: number, kinds: number): void;
}

/** Shapes of some lines, until the next are made: i is bytes[ends[i-1], rounded up to four..ends[i]], and zeros follow. */
export interface ShapedLines {
  /** Where the first shape begins. */
  readonly start: number;
  readonly ends: Int32Array;
  /** The memory they are in, by the byte and by the word. */
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
}

const WASM_PAGE_BYTES = 65536;
const SLACK_BYTES = 64;
/** The table of kinds lies at the start of memory. */
const KINDS_BYTES = 256;

const DIGIT = 1;
const HEX_LETTER = 2;
const LETTER = 4;

const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(SHAPE_WASM, 'base64')));
const { memory, shapes } = exports as Exports;
new Uint8Array(memory.buffer).set(Uint8Array.from({ length: KINDS_BYTES }, (_, byte) => kindOf(byte)));

/** What a byte is to a word; bytes beyond ASCII end words. */
function kindOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return DIGIT;
  if (byte >= 0x61 && byte <= 0x66) return HEX_LETTER;
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) ? LETTER : 0;
}

/** Makes the shapes of the lines from..to-1, of which i is source[at+offsets[i]..at+offsets[i+1]]. */
export function shapeLines(source: Uint8Array, at: number, offsets: Int32Array, from: number, to: number): ShapedLines {
  const count = to - from;
  const first = offsets[from]!;
  const size = offsets[to]! - first;
  const endsAt = KINDS_BYTES + 4 * (count + 1);
  const start = endsAt + 4 * count;
  const textAt = (start + size + 4 * count + SLACK_BYTES) & ~3;
  const missing = textAt + size + SLACK_BYTES - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / WASM_PAGE_BYTES));
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(source.subarray(at + first, at + first + size), textAt);
  const words = new Int32Array(memory.buffer);
  words.set(offsets.subarray(from, to + 1), KINDS_BYTES >> 2);
  shapes(textAt - first, KINDS_BYTES, count, endsAt, start, 0);
  return { start, ends: words.subarray(endsAt >> 2, start >> 2), bytes, words };
}
