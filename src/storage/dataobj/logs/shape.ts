/**
 * The shape of a line is the line without its numbers: every run of digits becomes `0`, and every word of hexadecimal
 * digits that has both letters and digits becomes `1`. Lines that one statement of a program has logged differ in little
 * else, so a section has few shapes, and what a condition on lines says of a shape it says of all its rows. (CLP, Rodrigues
 * et al., OSDI 2021, splits lines into types and variables; we keep lines whole and only look at their shapes first.)
 *
 * A digit in a shape always stands for a run, and every other byte for itself.
 *
 * Shapes are made, and numbered, by line-kernel.wat, in WebAssembly memory of the calling thread: those of one section at a time.
 * Lines are there only once, so the page's text filter is made there too: lines of one shape have most of their grams in common.
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
  readonly count: { readonly value: number };
  readonly end: { readonly value: number };
  begin(): void;
  shapes(text: number, count: number, page: number): void;
  grams(from: number, to: number): void;
}

// Where line-kernel.wat has what.
const GRAMS_AT = 0x100;
const STARTS_AT = 0x10000;
const LENGTHS_AT = 0x60000;
const OFFSETS_AT = 0x250000;
const IDS_AT = 0x261000;
const TEXT_AT = 0x271010;
const SHAPES_AT = 0x372000;
/** Lines are taken so many, and so many bytes of them, at a time. */
export const LINES_MAX = 1 << 14;
export const LINES_BYTES_MAX = 1 << 20;

const WASM_PAGE_BYTES = 65536;
/** Behind a shape: it is written 16 bytes at a time, and zeros follow it. */
const SLACK_BYTES = 32;
/** What is read before a text, which then is always the same. */
const BEFORE_BYTES = 8;

const DIGIT = 1;
const HEX_LETTER = 2;
const LETTER = 4;

const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(LINE_KERNEL_WASM, 'base64')));
const kernel = exports as Exports;
let bytes = new Uint8Array(kernel.memory.buffer);
bytes.set(Uint8Array.from({ length: GRAMS_AT }, (_, byte) => kindOf(byte)));

/** What a byte is to a word; bytes beyond ASCII end words. */
function kindOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return DIGIT;
  if (byte >= 0x61 && byte <= 0x66) return HEX_LETTER;
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) ? LETTER : 0;
}

function wordsAt(at: number, count: number): Int32Array {
  return new Int32Array(kernel.memory.buffer, at, count);
}

/** Shapes that were met so far: i is bytes[starts[i]..starts[i]+lengths[i]]. Views, until lines are added. */
export interface KnownShapes {
  readonly count: number;
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  readonly bytes: Uint8Array;
}

export function knownShapes(): KnownShapes {
  const count = kernel.count.value;
  return { count, starts: wordsAt(STARTS_AT, count), lengths: wordsAt(LENGTHS_AT, count), bytes };
}

/** How many bytes they take. */
export function shapesBytes(): number {
  return kernel.end.value - SHAPES_AT;
}

export function forgetShapes(): void {
  kernel.begin();
}

/**
 * The numbers of the shapes of the lines from..to-1, of which i is source[at+offsets[i]..at+offsets[i+1]]; a view. Adds those of their
 * grams that other lines of the same shape in the page may lack, and all of those of a shape's first line in it.
 */
export function shapeLines(
  source: Uint8Array,
  at: number,
  offsets: Int32Array,
  from: number,
  to: number,
  page: number,
): Int32Array {
  const first = offsets[from]!;
  const size = offsets[to]! - first;
  reserve(kernel.end.value + size + (to - from) * 16 + SLACK_BYTES);
  place(source.subarray(at + first, at + first + size));
  wordsAt(OFFSETS_AT, to - from + 1).set(offsets.subarray(from, to + 1));
  kernel.shapes(TEXT_AT - first, to - from, page);
  return wordsAt(IDS_AT, to - from);
}

function reserve(size: number): void {
  const missing = size - bytes.length;
  if (missing <= 0) return;
  kernel.memory.grow(Math.ceil(missing / WASM_PAGE_BYTES));
  bytes = new Uint8Array(kernel.memory.buffer);
}

function place(text: Uint8Array): void {
  bytes.fill(0, TEXT_AT - BEFORE_BYTES, TEXT_AT);
  bytes.set(text, TEXT_AT);
}

/** Adds all grams of a text. */
export function addTextGrams(text: Uint8Array): void {
  for (let from = 0; from < text.length; from += LINES_BYTES_MAX - BEFORE_BYTES) {
    const start = Math.max(0, from - BEFORE_BYTES);
    const part = text.subarray(start, from + LINES_BYTES_MAX - BEFORE_BYTES);
    place(part);
    kernel.grams(TEXT_AT + Math.max(GRAM_BYTES_MIN - 1, from - start), TEXT_AT + part.length);
  }
}

/** The filter of all grams since the last one was taken; empty where it would need more bytes, or not be worth testing. */
export function takeTextFilter(bytesMax: number): Uint8Array {
  return foldGrams(wordsAt(GRAMS_AT, GRAM_WORDS), bytesMax);
}
