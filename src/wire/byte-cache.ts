import { type ByteRun, byteRun, copyBytes, equalBytes } from './byte-copy.js';

const WAYS = 4;
const FIRST_SLOTS = 64;
const FIRST_ARENA = 4096;

/**
 * A lossy map keyed by byte strings: what is not found is simply worked out again. Set-associative, so that no choice of
 * keys makes a look-up longer than `WAYS` compares, and bounded in slots and in bytes of keys. It starts small; where
 * either is used up it starts again from empty, larger if it may be.
 */
export class ByteCache<T> {
  readonly #maxSlots: number;
  readonly #maxBytes: number;
  #mask = 0;
  #hashes = new Int32Array(0);
  #starts = new Int32Array(0);
  #lengths = new Int32Array(0);
  #values: (T | undefined)[] = [];
  #arena: ByteRun = byteRun(new Uint8Array(FIRST_ARENA));
  #used = 0;
  #puts = 0;

  /** `maxSlots` is a power of two; `maxBytes` bounds the sum of the keys. */
  constructor(maxSlots: number, maxBytes: number) {
    this.#maxSlots = maxSlots;
    this.#maxBytes = maxBytes;
    this.#restart(Math.min(FIRST_SLOTS, maxSlots));
  }

  get(view: DataView, start: number, end: number): T | undefined {
    const length = end - start;
    const hash = quickHash(view, start, length);
    for (let way = 0; way < WAYS; way++) {
      const slot = (hash + way) & this.#mask;
      if (this.#hashes[slot] !== hash || this.#lengths[slot] !== length) continue;
      if (equalBytes(this.#arena.view, this.#starts[slot]!, view, start, length)) return this.#values[slot];
    }
    return undefined;
  }

  /** Remembers a key that `get` did not find, in the place of another one if need be. */
  put(from: ByteRun, start: number, end: number, value: T): void {
    const length = end - start;
    if (length > this.#maxBytes >>> 3) return;
    this.#reserve(length);
    const hash = quickHash(from.view, start, length);
    let slot = hash & this.#mask;
    for (let way = 0; way < WAYS; way++) {
      const candidate = (hash + way) & this.#mask;
      if (this.#lengths[candidate] !== -1) continue;
      slot = candidate;
      break;
    }
    copyBytes(from, start, this.#arena, this.#used, length);
    this.#hashes[slot] = hash;
    this.#starts[slot] = this.#used;
    this.#lengths[slot] = length;
    this.#values[slot] = value;
    this.#used += length;
    this.#puts++;
  }

  clear(): void {
    this.#restart(this.#lengths.length);
  }

  #restart(slots: number): void {
    this.#mask = slots - 1;
    this.#hashes = new Int32Array(slots);
    this.#starts = new Int32Array(slots);
    this.#lengths = new Int32Array(slots).fill(-1);
    this.#values = new Array<T | undefined>(slots).fill(undefined);
    this.#used = 0;
    this.#puts = 0;
  }

  #reserve(length: number): void {
    const slots = this.#lengths.length;
    const isCrowded = this.#puts > slots >>> 1 && slots < this.#maxSlots;
    if (isCrowded || this.#used + length > this.#maxBytes) this.#restart(isCrowded ? 2 * slots : slots);
    const needed = this.#used + length;
    if (needed <= this.#arena.bytes.length) return;
    const grown = byteRun(new Uint8Array(Math.min(this.#maxBytes, Math.max(needed, 2 * this.#arena.bytes.length))));
    grown.bytes.set(this.#arena.bytes.subarray(0, this.#used));
    this.#arena = grown;
  }
}

/**
 * Xor and multiply over 32-bit words in two lanes, so that one multiplication need not wait for the other; the last words
 * overlap those before. An odd factor loses nothing: keys that differ in one word differ in their lane. Murmur3's finish.
 */
export function quickHash(view: DataView, start: number, length: number): number {
  let even = length;
  let odd = 0;
  if (length < 4) {
    for (let i = 0; i < length; i++) even = Math.imul(even ^ view.getUint8(start + i), 0xcc9e2d51);
  } else if (length < 8) {
    even = Math.imul(even ^ view.getInt32(start, true), 0xcc9e2d51);
    odd = Math.imul(odd ^ view.getInt32(start + length - 4, true), 0x1b873593);
  } else {
    const last = length - 8;
    for (let i = 0; i < last; i += 8) {
      even = Math.imul(even ^ view.getInt32(start + i, true), 0xcc9e2d51);
      odd = Math.imul(odd ^ view.getInt32(start + i + 4, true), 0x1b873593);
    }
    even = Math.imul(even ^ view.getInt32(start + last, true), 0xcc9e2d51);
    odd = Math.imul(odd ^ view.getInt32(start + last + 4, true), 0x1b873593);
  }
  let hash = even ^ ((odd << 13) | (odd >>> 19));
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}
