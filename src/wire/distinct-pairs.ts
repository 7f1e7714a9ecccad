import { quickHash } from './byte-cache.js';
import { byteRun, copyBytes, equalBytes } from './byte-copy.js';

const FIRST = 1024;
/** Slots are at least twice the pairs, up to this many. */
const SLOTS_MAX = 1 << 18;
/** Of slots that a pair may be in: where all are taken by others it is not found again, which costs bytes and nothing else. */
const WAYS = 8;
/** What grew beyond this is given back. */
const KEPT_PAIRS = 1 << 18;
const KEPT_BYTES = 8 << 20;

/** Pairs one after the other: pair p has key pairKeys[p] and the value in metadata[pairOffsets[p]..pairOffsets[p+1]]. */
export interface Pairs {
  readonly pairs: number;
  readonly pairKeys: Int32Array;
  readonly pairOffsets: Int32Array;
  readonly metadata: Uint8Array;
}

/** The pairs that are left of some where equal ones are one. Its arrays are those of the last `read`, and longer than what is in them. */
export class DistinctPairs implements Pairs {
  pairs = 0;
  pairKeys = new Int32Array(FIRST);
  pairOffsets = new Int32Array(FIRST + 1);
  /** By given pair, which one of these it is. */
  pairRefs = new Int32Array(FIRST);
  #values = byteRun(new Uint8Array(16 * FIRST));
  #hashes = new Int32Array(FIRST);
  /** By hash, number of the pair + 1, or 0. */
  #slots = new Int32Array(2 * FIRST);
  #mask = 0;

  get metadata(): Uint8Array {
    return this.#values.bytes;
  }

  read(given: Pairs): void {
    const { pairs, pairKeys, pairOffsets } = given;
    this.#reserve(pairs, pairOffsets[pairs]!);
    const { view } = byteRun(given.metadata);
    for (let pair = 0; pair < pairs; pair++) {
      const start = pairOffsets[pair]!;
      this.pairRefs[pair] = this.#number(pairKeys[pair]!, given.metadata, view, start, pairOffsets[pair + 1]! - start);
    }
  }

  #number(key: number, bytes: Uint8Array, view: DataView, start: number, length: number): number {
    const hash = Math.imul(quickHash(view, start, length) ^ key, 0x85ebca6b);
    let slot = hash & this.#mask;
    for (let way = 0; way < WAYS; way++) {
      const known = this.#slots[slot]! - 1;
      if (known === -1) break;
      if (this.#hashes[known] === hash && this.pairKeys[known] === key) {
        const from = this.pairOffsets[known]!;
        const isAsLong = this.pairOffsets[known + 1]! - from === length;
        if (isAsLong && equalBytes(this.#values.view, from, view, start, length)) return known;
      }
      slot = (slot + 1) & this.#mask;
    }
    const pair = this.pairs++;
    this.#slots[slot] = pair + 1;
    this.#hashes[pair] = hash;
    this.pairKeys[pair] = key;
    const end = this.pairOffsets[pair]!;
    copyBytes({ bytes, view }, start, this.#values, end, length);
    this.pairOffsets[pair + 1] = end + length;
    return pair;
  }

  #reserve(pairs: number, bytes: number): void {
    const capacity = this.pairRefs.length;
    if (pairs > capacity || capacity > KEPT_PAIRS) {
      const length = Math.max(FIRST, powerOfTwo(pairs));
      this.pairKeys = new Int32Array(length);
      this.pairOffsets = new Int32Array(length + 1);
      this.pairRefs = new Int32Array(length);
      this.#hashes = new Int32Array(length);
      this.#slots = new Int32Array(Math.min(SLOTS_MAX, 2 * length));
    }
    const room = this.#values.bytes.length;
    if (bytes > room || room > KEPT_BYTES)
      this.#values = byteRun(new Uint8Array(Math.max(16 * FIRST, powerOfTwo(bytes))));
    const slots = Math.min(this.#slots.length, 2 * powerOfTwo(pairs));
    this.#slots.fill(0, 0, slots);
    this.#mask = slots - 1;
    this.pairs = 0;
  }
}

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, atLeast)));
}
