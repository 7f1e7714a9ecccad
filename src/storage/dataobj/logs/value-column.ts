/**
 * One metadata column of a section while it is built: which rows have a value, and which. Values are kept once each, with
 * their hash, as long as they repeat; a column of mostly distinct values (trace ids) keeps one text per row instead.
 */
import { quickHash } from '../../../wire/byte-cache.js';
import { type ByteRun, byteRun, copyBytes, equalBytes } from '../../../wire/byte-copy.js';
import { hashBytes } from '../pointers/value-hash.js';

/** A dictionary pays while a section has at most this many distinct values, each used at least three times on average. */
const DICTIONARY_VALUES_MAX = 65536;
const DICTIONARY_USES_MIN = 3;
/** After so many values a column whose every second value was new stops looking for repeats. */
const TRIAL_VALUES = 4096;

export class ValueColumn {
  readonly name: string;
  /** Section row of each value, ascending. */
  readonly rows: Int32Array;
  /** Text number of each value; in a column without dictionary, its own number. */
  readonly ids: Int32Array;
  count = 0;
  /** Text i is bytes[offsets[i]..offsets[i+1]] and has hash hashes[i]. */
  offsets = new Int32Array(65);
  hashes = new Int32Array(64);
  texts = 0;
  /** False once texts and values are the same in number and order. */
  dictionary = true;

  #text = byteRun(new Uint8Array(1024));
  /** Open addressing, linear probing by quick hashes: text number + 1, or 0. */
  #slots = new Int32Array(64);
  #quickHashes = new Int32Array(64);

  constructor(name: string, valuesMax: number) {
    this.name = name;
    this.rows = new Int32Array(valuesMax);
    this.ids = new Int32Array(valuesMax);
  }

  get bytes(): Uint8Array {
    return this.#text.bytes;
  }

  /**
   * Adds source[from..to-1] as the value of a row not before the last one; a second value of a row replaces the first.
   * Returns its text's number.
   */
  add(row: number, source: ByteRun, from: number, to: number): number {
    const at = this.#place(row);
    this.ids[at] = this.dictionary
      ? this.#intern(source, from, to)
      : this.#append(source, from, to, hashBytes(source.bytes, from, to));
    if (this.dictionary && this.#hopeless()) this.#expand();
    return this.ids[at]!;
  }

  /** As `add`, of a text that has this number; false, without adding anything, where each row has a text of its own by now. */
  addKnown(row: number, id: number): boolean {
    if (!this.dictionary) return false;
    const at = this.#place(row);
    this.ids[at] = id;
    if (this.#hopeless()) this.#expand();
    return true;
  }

  #place(row: number): number {
    if (this.count > 0 && this.rows[this.count - 1] === row) this.#dropLast();
    this.rows[this.count] = row;
    return this.count++;
  }

  /** Decides the encoding; call once after the last value. */
  finish(): void {
    if (this.dictionary && this.texts * DICTIONARY_USES_MIN > this.count) this.#expand();
    this.#slots = new Int32Array(0);
    this.#quickHashes = this.#slots;
  }

  /** The texts as strings. */
  values(): string[] {
    const bytes = Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    return Array.from({ length: this.texts }, (_, i) => bytes.utf8Slice(this.offsets[i]!, this.offsets[i + 1]!));
  }

  /** Text number of every section row, -1 where it has no value. */
  idsOf(rows: number): Int32Array {
    const ids = new Int32Array(rows).fill(-1);
    for (let i = 0; i < this.count; i++) ids[this.rows[i]!] = this.ids[i]!;
    return ids;
  }

  #dropLast(): void {
    this.count--;
    if (!this.dictionary) this.texts--;
  }

  #hopeless(): boolean {
    return this.texts > DICTIONARY_VALUES_MAX || (this.count === TRIAL_VALUES && this.texts * 2 > this.count);
  }

  #intern(source: ByteRun, from: number, to: number): number {
    if (this.count > 1) {
      const last = this.ids[this.count - 2]!;
      if (this.#equals(last, source, from, to)) return last;
    }
    const hash = quickHash(source.view, from, to - from);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let id = this.#slots[slot]! - 1; id >= 0; id = this.#slots[slot]! - 1) {
      if (this.#quickHashes[id] === hash && this.#equals(id, source, from, to)) return id;
      slot = (slot + 1) & mask;
    }
    const id = this.#append(source, from, to, hashBytes(source.bytes, from, to));
    this.#slots[slot] = id + 1;
    this.#quickHashes[id] = hash;
    if (this.texts * 2 > this.#slots.length) this.#rehash();
    return id;
  }

  #equals(id: number, source: ByteRun, from: number, to: number): boolean {
    const start = this.offsets[id]!;
    const length = to - from;
    return this.offsets[id + 1]! - start === length && equalBytes(this.#text.view, start, source.view, from, length);
  }

  #append(source: ByteRun, from: number, to: number, hash: number): number {
    const id = this.texts++;
    const start = this.offsets[id]!;
    const end = start + to - from;
    const { bytes } = this;
    if (end > bytes.length) this.#text = byteRun(grown(bytes, new Uint8Array(Math.max(end, bytes.length * 2))));
    if (id === this.hashes.length) {
      this.hashes = grown(this.hashes, new Int32Array(id * 2));
      this.offsets = grown(this.offsets, new Int32Array(id * 2 + 1));
    }
    copyBytes(source, from, this.#text, start, to - from);
    this.offsets[id + 1] = end;
    this.hashes[id] = hash;
    return id;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    this.#quickHashes = grown(this.#quickHashes, new Int32Array(slots.length));
    for (let id = 0; id < this.texts; id++) {
      let slot = this.#quickHashes[id]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }

  /** From texts that values refer to, to one text per value. */
  #expand(): void {
    const { offsets, hashes } = this;
    const text = this.#text;
    const capacity = Math.max(64, this.count * 2);
    this.#text = byteRun(new Uint8Array(text.bytes.length * 2));
    this.offsets = new Int32Array(capacity + 1);
    this.hashes = new Int32Array(capacity);
    this.texts = 0;
    this.dictionary = false;
    for (let i = 0; i < this.count; i++) {
      const id = this.ids[i]!;
      this.ids[i] = this.#append(text, offsets[id]!, offsets[id + 1]!, hashes[id]!);
    }
  }
}

function grown<T extends Uint8Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
