/** The shapes of a section's lines while it is built: each once, numbered as they come, and the number of every row's. */
import { putShape } from './shape.js';

const SHAPES_MAX = 65536;
/** After so many more rows than the shapes found call for, lines are taken to be too different. */
const TRIAL_ROWS = 4096;

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
  /** Open addressing, linear probing: number + 1, or 0. */
  #slots = new Int32Array(4096);
  /** The end of the last shape, rounded up. */
  #end = 0;

  /** `rowsPerShapeMin`: as in BuildSettings. */
  constructor(rowsMax: number, rowsPerShapeMin: number) {
    this.#rowsPerShapeMin = rowsPerShapeMin;
    this.ids = new Int32Array(rowsMax);
  }

  /** Whether lines are alike enough for shapes to be kept. */
  get worthwhile(): boolean {
    return this.#worthwhile && this.rows > 0 && this.count * this.#rowsPerShapeMin <= this.rows;
  }

  /** Adds the lines source[at+offsets[i]..at+offsets[i+1]], as long as they may be alike enough. */
  add(source: Uint8Array, at: number, offsets: Int32Array): void {
    for (let i = 0; i + 1 < offsets.length && this.#worthwhile; i++) {
      this.ids[this.rows++] = this.#intern(source, at + offsets[i]!, at + offsets[i + 1]!);
      const tooMany = this.count * this.#rowsPerShapeMin > this.rows + TRIAL_ROWS || this.count > SHAPES_MAX;
      if (tooMany) this.#worthwhile = false;
    }
  }

  /** Makes the shape behind the last one, and takes it in there if it is new. */
  #intern(source: Uint8Array, from: number, to: number): number {
    const start = this.#end;
    this.#reserve(start + to - from + 4);
    const length = putShape(source, from, to, this.bytes, start) - start;
    const end = (start + length + 3) & ~3;
    this.bytes.fill(0, start + length, end);
    const hash = this.#hash(start >> 2, end >> 2, length);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let id = this.#slots[slot]! - 1; id >= 0; id = this.#slots[slot]! - 1) {
      if (this.#hashes[id] === hash && this.#equals(id, start >> 2, length)) return id;
      slot = (slot + 1) & mask;
    }
    return this.#keep(slot, start, length, hash);
  }

  #keep(slot: number, start: number, length: number, hash: number): number {
    const id = this.count++;
    if (id === this.starts.length) {
      this.starts = doubled(this.starts);
      this.lengths = doubled(this.lengths);
      this.#hashes = doubled(this.#hashes);
    }
    this.starts[id] = start;
    this.lengths[id] = length;
    this.#hashes[id] = hash;
    this.#slots[slot] = id + 1;
    this.#end = (start + length + 3) & ~3;
    if (this.count * 2 > this.#slots.length) this.#rehash();
    return id;
  }

  /** A word at a time, finished as Murmur3 does. */
  #hash(from: number, to: number, length: number): number {
    const words = this.#words;
    let hash = length;
    for (let i = from; i < to; i++) {
      hash = Math.imul(hash ^ words[i]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return hash ^ (hash >>> 16);
  }

  #equals(id: number, word: number, length: number): boolean {
    if (this.lengths[id] !== length) return false;
    const words = this.#words;
    const known = this.starts[id]! >> 2;
    const count = (length + 3) >> 2;
    for (let i = 0; i < count; i++) if (words[known + i] !== words[word + i]) return false;
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

function doubled(from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const to = new Int32Array(from.length * 2);
  to.set(from);
  return to;
}
