import { type ByteRun, byteRun, copyBytes, equalBytes } from './byte-copy.js';

const WAYS = 4;
const FIRST_ARENA = 4096;

/**
 * A lossy map keyed by byte strings: what is not found is simply worked out again. Set-associative with a fixed number
 * of slots, so that no choice of keys makes a look-up longer than `WAYS` compares or the memory larger than its bounds.
 * When the bytes set aside for keys are used up it starts again from empty.
 */
export class ByteCache<T> {
  readonly #mask: number;
  readonly #maxBytes: number;
  readonly #hashes: Int32Array;
  readonly #starts: Int32Array;
  readonly #lengths: Int32Array;
  readonly #values: (T | undefined)[];
  #arena: ByteRun = byteRun(new Uint8Array(FIRST_ARENA));
  #used = 0;

  /** `slots` is a power of two; `maxBytes` bounds the sum of the keys. */
  constructor(slots: number, maxBytes: number) {
    this.#mask = slots - 1;
    this.#maxBytes = maxBytes;
    this.#hashes = new Int32Array(slots);
    this.#starts = new Int32Array(slots);
    this.#lengths = new Int32Array(slots).fill(-1);
    this.#values = new Array<T | undefined>(slots).fill(undefined);
  }

  get(view: DataView, start: number, end: number): T | undefined {
    const length = end - start;
    const hash = hashBytes(view, start, length);
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
    const hash = hashBytes(from.view, start, length);
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
  }

  clear(): void {
    this.#lengths.fill(-1);
    this.#values.fill(undefined);
    this.#used = 0;
  }

  #reserve(length: number): void {
    if (this.#used + length > this.#maxBytes) this.clear();
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
function hashBytes(view: DataView, start: number, length: number): number {
  let even = length;
  let odd = 0;
  if (length < 8) {
    for (let i = 0; i < length; i++) even = Math.imul(even ^ view.getUint8(start + i), 0xcc9e2d51);
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
