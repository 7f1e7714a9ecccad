/** The shapes of a section's lines while it is built: each once, numbered as they come, and the number of every row's. */
import { addLineGrams, type ShapedLines, shapeLines } from './shape.js';

const SHAPES_MAX = 65536;
/** After so many more rows than the shapes found call for, lines are taken to be too different. */
const TRIAL_ROWS = 4096;
/** Lines are taken so many bytes at a time; memory of WebAssembly never shrinks. A longer line ends it all. */
const LINES_BYTES_MAX = 1 << 20;

export class ShapeTable {
  /** Shape of each row so far. */
  readonly ids: Int32Array;
  rows = 0;
  /** Shape i is bytes[starts[i]..starts[i]+lengths[i]]; starts are multiples of four. */
  bytes = new Uint8Array(1 << 16);
  starts = new Int32Array(1024);
  lengths = new Int32Array(1024);
  count = 0;
  readonly #rowsPerShapeMin: number;
  #worthwhile = true;
  #words = new Int32Array(this.bytes.buffer);
  #hashes = new Int32Array(1024);
  /** Pages so far, and the last one each shape was met in. */
  #page = 0;
  #pages = new Int32Array(1024);
  /** Open addressing, linear probing: number + 1, or 0. */
  #slots = new Int32Array(4096);
  /** The end of the last shape, rounded up. */
  #end = 0;

  /** `rowsPerShapeMin`: as in BuildSettings. */
  constructor(rowsMax: number, rowsPerShapeMin: number) {
    this.#rowsPerShapeMin = rowsPerShapeMin;
    this.ids = new Int32Array(rowsMax);
  }

  /** False once lines have turned out to be too different: nothing is going to be kept. */
  get promising(): boolean {
    return this.#worthwhile;
  }

  /** Whether lines are alike enough for shapes to be kept. */
  get worthwhile(): boolean {
    return this.#worthwhile && this.rows > 0 && this.count * this.#rowsPerShapeMin <= this.rows;
  }

  /**
   * Adds the lines of a page, source[at+offsets[i]..at+offsets[i+1]], as long as they may be alike enough, and their grams to the
   * page's text filter: all of a line that is the first of its shape in the page. Returns of how many lines.
   */
  add(source: Uint8Array, at: number, offsets: Int32Array): number {
    this.#page++;
    const count = offsets.length - 1;
    let from = 0;
    for (let to = 0; from < count && this.#worthwhile; from = to) {
      while (to < count && offsets[to + 1]! - offsets[from]! <= LINES_BYTES_MAX) to++;
      if (to === from) this.#worthwhile = false;
      else this.#addShaped(shapeLines(source, at, offsets, from, to), offsets, from);
    }
    return from;
  }

  #addShaped({ textAt, start, ends, words }: ShapedLines, offsets: Int32Array, firstLine: number): void {
    const shift = textAt - offsets[firstLine]!;
    let from = start;
    for (let i = 0; i < ends.length; i++) {
      const id = this.#intern(words, from >> 2, ends[i]! - from);
      this.ids[this.rows++] = id;
      from = (ends[i]! + 3) & ~3;
      if (this.#pages[id] === this.#page) continue;
      this.#pages[id] = this.#page;
      addLineGrams(shift + offsets[firstLine + i]!, shift + offsets[firstLine + i + 1]!);
    }
    const tooMany = this.count * this.#rowsPerShapeMin > this.rows + TRIAL_ROWS || this.count > SHAPES_MAX;
    if (tooMany) this.#worthwhile = false;
  }

  /** The number of the shape in words[from..], which has so many bytes. */
  #intern(words: Int32Array, from: number, length: number): number {
    const to = from + ((length + 3) >> 2);
    const hash = hashOf(words, from, to, length);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let id = this.#slots[slot]! - 1; id >= 0; id = this.#slots[slot]! - 1) {
      if (this.#hashes[id] === hash && this.lengths[id] === length && this.#equals(id, words, from, to)) return id;
      slot = (slot + 1) & mask;
    }
    const start = this.#end;
    this.#reserve(start + 4 * (to - from));
    this.#words.set(words.subarray(from, to), start >> 2);
    return this.#keep(slot, start, length, hash);
  }

  #keep(slot: number, start: number, length: number, hash: number): number {
    const id = this.count++;
    if (id === this.starts.length) {
      this.starts = doubled(this.starts);
      this.lengths = doubled(this.lengths);
      this.#hashes = doubled(this.#hashes);
      this.#pages = doubled(this.#pages);
    }
    this.starts[id] = start;
    this.lengths[id] = length;
    this.#hashes[id] = hash;
    this.#slots[slot] = id + 1;
    this.#end = (start + length + 3) & ~3;
    if (this.count * 2 > this.#slots.length) this.#rehash();
    return id;
  }

  #equals(id: number, words: Int32Array, from: number, to: number): boolean {
    const own = this.#words;
    for (let i = from, known = this.starts[id]! >> 2; i < to; i++, known++) if (own[known] !== words[i]) return false;
    return true;
  }

  #reserve(size: number): void {
    if (size <= this.bytes.length) return;
    const bytes = new Uint8Array(Math.max(size + 4, this.bytes.length * 2) & ~3);
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.#words = new Int32Array(bytes.buffer);
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let id = 0; id < this.count; id++) {
      let slot = this.#hashes[id]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}

/** Two words at a time, each with a hash of its own for the sake of speed; finished as Murmur3 does. */
function hashOf(words: Int32Array, from: number, to: number, length: number): number {
  let even = length;
  let odd = 0;
  let i = from;
  for (; i + 1 < to; i += 2) {
    even = Math.imul(even ^ words[i]!, 0x9e3779b1);
    odd = Math.imul(odd ^ words[i + 1]!, 0x85ebca6b);
    even ^= even >>> 15;
    odd ^= odd >>> 15;
  }
  if (i < to) even = Math.imul(even ^ words[i]!, 0x9e3779b1);
  let hash = even ^ Math.imul(odd, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function doubled(from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const to = new Int32Array(from.length * 2);
  to.set(from);
  return to;
}
