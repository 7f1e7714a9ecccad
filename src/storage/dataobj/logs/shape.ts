/**
 * The shape of a line is the line without its numbers: every run of digits becomes `0`, and every word of hexadecimal
 * digits that has both letters and digits becomes `1`. Lines that one statement of a program has logged differ in little
 * else, so a section has few shapes, and what a condition on lines says of a shape it says of all its rows. (CLP, Rodrigues
 * et al., OSDI 2021, splits lines into types and variables; we keep lines whole and only look at their shapes first.)
 *
 * A digit in a shape always stands for a run, and every other byte for itself.
 *
 * Shapes are made by line-kernel.wat, in WebAssembly memory of the calling thread. Lines are there only once, so the page's text
 * filter is made there too: lines of one shape have most of their grams in common.
 */
import { foldGrams, GRAM_BYTES_MIN, GRAM_WORDS } from '../pointers/text-filter.js';
import { LINE_KERNEL_WASM } from './line-kernel-wasm.js';

export const DIGITS_MARK = 0x30;
export const HEX_MARK = 0x31;

/** Of those that shapes know: capital letters are none. */
export function isHexDigit(byte: number): boolean {
  return (byte ^ 0x30) < 10 || (byte >= 0x61 && byte <= 0x66);
}

/** What is needed of the standard object, of which Node's types lack the values. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  shapes(text: number, offsets: number, count: number, ends: number, out: number, kinds: number, table: number): void;
  grams(from: number, to: number, table: number): void;
}

/** Shapes of some lines, until the next are made: i is bytes[ends[i-1], rounded up to four..ends[i]], and zeros follow. */
export interface ShapedLines {
  /** Where the text begins, and the first shape. */
  readonly textAt: number;
  readonly start: number;
  readonly ends: Int32Array;
  /** The memory they are in, by the byte and by the word. */
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
}

const WASM_PAGE_BYTES = 65536;
const SLACK_BYTES = 64;
/** The table of kinds lies at the start of memory, and then the text filter's. */
const KINDS_BYTES = 256;
const LINES_AT = KINDS_BYTES + 4 * GRAM_WORDS;
/** What is read before a text, which then is always the same. */
const BEFORE_BYTES = 8;

/** Of a text without shapes so much is in memory at a time. */
const TEXT_BYTES = 1 << 16;

const DIGIT = 1;
const HEX_LETTER = 2;
const LETTER = 4;

const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(LINE_KERNEL_WASM, 'base64')));
const { memory, shapes, grams } = exports as Exports;
new Uint8Array(memory.buffer).set(Uint8Array.from({ length: KINDS_BYTES }, (_, byte) => kindOf(byte)));

/** What a byte is to a word; bytes beyond ASCII end words. */
function kindOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return DIGIT;
  if (byte >= 0x61 && byte <= 0x66) return HEX_LETTER;
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) ? LETTER : 0;
}

/**
 * Makes the shapes of the lines from..to-1, of which i is source[at+offsets[i]..at+offsets[i+1]], and adds those of their grams
 * that lines of the same shape may lack.
 */
export function shapeLines(source: Uint8Array, at: number, offsets: Int32Array, from: number, to: number): ShapedLines {
  const count = to - from;
  const first = offsets[from]!;
  const size = offsets[to]! - first;
  const endsAt = LINES_AT + 4 * (count + 1);
  const start = endsAt + 4 * count;
  const textAt = (start + size + 4 * count + SLACK_BYTES) & ~3;
  const bytes = place(source.subarray(at + first, at + first + size), textAt);
  const words = new Int32Array(memory.buffer);
  words.set(offsets.subarray(from, to + 1), LINES_AT >> 2);
  shapes(textAt - first, LINES_AT, count, endsAt, start, 0, KINDS_BYTES);
  return { textAt, start, ends: words.subarray(endsAt >> 2, start >> 2), bytes, words };
}

function place(text: Uint8Array, at: number): Uint8Array {
  const missing = at + text.length + SLACK_BYTES - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / WASM_PAGE_BYTES));
  const bytes = new Uint8Array(memory.buffer);
  bytes.fill(0, at - BEFORE_BYTES, at);
  bytes.set(text, at);
  return bytes;
}

/** Adds all grams of a line that `shapeLines` has just been given, and which is bytes[from..to-1]. */
export function addLineGrams(from: number, to: number): void {
  grams(from + GRAM_BYTES_MIN - 1, to, KINDS_BYTES);
}

/** Adds all grams of a text. */
export function addTextGrams(text: Uint8Array): void {
  const textAt = LINES_AT + BEFORE_BYTES;
  for (let from = 0; from < text.length; from += TEXT_BYTES) {
    const start = Math.max(0, from - BEFORE_BYTES);
    const part = text.subarray(start, from + TEXT_BYTES);
    place(part, textAt);
    grams(textAt + Math.max(GRAM_BYTES_MIN - 1, from - start), textAt + part.length, KINDS_BYTES);
  }
}

/** The filter of all grams since the last one was taken; empty where it would need more bytes, or not be worth testing. */
export function takeTextFilter(bytesMax: number): Uint8Array {
  return foldGrams(new Int32Array(memory.buffer, KINDS_BYTES, GRAM_WORDS), bytesMax);
}
