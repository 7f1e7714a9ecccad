import { getOrCreate } from '../../wire/get-or-create.js';

/** Distinct values a dictionary may hold before its owner starts a new one: bounds memory on high-cardinality columns. */
export const DICTIONARY_VALUES_MAX = 65_536;

/** Numbers below are looked up at their place, for so many units. */
const SMALL_NUMBERS = 16_384;
const UNITS_MAX = 8;

/**
 * Interns UTF-8 spans as small integers without making a string for a value it has seen: FNV-1a, open addressing,
 * bytes compared on every hit. `values` is append-only, so an id means the same for as long as the dictionary lives.
 */
export class Dictionary {
  readonly values: string[] = [];
  #table = new Int32Array(256); // id + 1; 0 is free
  #hashes = new Int32Array(128);
  #ends = new Int32Array(129); // value i is arena[ends[i]..ends[i+1])
  #arena = Buffer.allocUnsafeSlow(4096);
  #scratch = Buffer.allocUnsafeSlow(256);
  // Of small numbers with a unit: id + 1.
  readonly #numbersByUnit = new Map<string, Int32Array>();
  #numbers: Int32Array = new Int32Array(0);
  #unit: string | undefined;

  get full(): boolean {
    return this.values.length >= DICTIONARY_VALUES_MAX;
  }

  intern(source: Uint8Array, start: number, end: number): number {
    let hash = 0x811c9dc5 | 0;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ source[i]!, 0x01000193);
    hash ^= hash >>> 15;
    const mask = this.#table.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = this.#table[slot]! - 1;
      if (id < 0) return this.#add(slot, hash, source, start, end);
      if (this.#hashes[id] === hash && this.#equals(id, source, start, end)) return id;
    }
  }

  internText(text: string): number {
    if (this.#scratch.length < text.length * 3) this.#scratch = Buffer.allocUnsafeSlow(text.length * 4);
    return this.intern(this.#scratch, 0, this.#scratch.utf8Write(text, 0));
  }

  /** A whole number and what stands behind it, as text. */
  internNumber(value: number, unit: string): number {
    if (value >= SMALL_NUMBERS) return this.internText(value + unit);
    if (unit !== this.#unit) this.#setUnit(unit);
    let id = this.#numbers[value]! - 1;
    if (id < 0) {
      id = this.internText(value + unit);
      this.#numbers[value] = id + 1;
    }
    return id;
  }

  #setUnit(unit: string): void {
    if (this.#numbersByUnit.size >= UNITS_MAX) this.#numbersByUnit.clear();
    this.#numbers = getOrCreate(this.#numbersByUnit, unit, () => new Int32Array(SMALL_NUMBERS));
    this.#unit = unit;
  }

  #equals(id: number, source: Uint8Array, start: number, end: number): boolean {
    const from = this.#ends[id]!;
    if (this.#ends[id + 1]! - from !== end - start) return false;
    const arena = this.#arena;
    for (let i = start, j = from; i < end; i++, j++) if (source[i] !== arena[j]) return false;
    return true;
  }

  #add(slot: number, hash: number, source: Uint8Array, start: number, end: number): number {
    const id = this.values.length;
    if (id === this.#hashes.length) this.#growColumns();
    const from = this.#ends[id]!;
    const to = from + end - start;
    if (to > this.#arena.length) this.#growArena(to);
    this.#arena.set(source.subarray(start, end), from);
    this.values.push(this.#arena.utf8Slice(from, to));
    this.#hashes[id] = hash;
    this.#ends[id + 1] = to;
    this.#table[slot] = id + 1;
    if (this.values.length * 2 > this.#table.length) this.#rehash();
    return id;
  }

  #growColumns(): void {
    const hashes = new Int32Array(this.#hashes.length * 2);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    const ends = new Int32Array(hashes.length + 1);
    ends.set(this.#ends);
    this.#ends = ends;
  }

  #growArena(bytes: number): void {
    const arena = Buffer.allocUnsafeSlow(Math.max(bytes, this.#arena.length * 2));
    arena.set(this.#arena);
    this.#arena = arena;
  }

  #rehash(): void {
    const table = new Int32Array(this.#table.length * 4);
    const mask = table.length - 1;
    for (let id = 0; id < this.values.length; id++) {
      let slot = this.#hashes[id]! & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = id + 1;
    }
    this.#table = table;
  }
}
