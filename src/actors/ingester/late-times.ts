import type { Pieces } from './pieces.js';

/** Bits for each row there is room for. With two of them set, a new time is taken for a known one once in a hundred times, about. */
const ROW_BITS = 16;
const FIRST_ROWS = 64;

/**
 * The times that rows of a stream have, of which it can say that one is new: a Bloom filter (Bloom 1970) whose bits for a time are in
 * one word, so that a row costs one memory access. It is made when a row comes late, and kept up from then on. Rows that are
 * taken back or forgotten leave their bits until it is made anew, with room for twice the rows there are.
 */
export class LateTimes {
  #words = new Int32Array((FIRST_ROWS * ROW_BITS) / 32);
  /** Rows that there is room for, and those added since it was made. */
  #room = FIRST_ROWS;
  #count = 0;
  /** Rows before this position have been added. */
  #nextPiece = 0;
  #nextRow = 0;

  /** Adds the rows up to `row` of the last of `pieces`. False when no row before it has its time. */
  add(pieces: Pieces, row: number): boolean {
    this.#catchUp(pieces, row);
    const { words } = pieces.batches[pieces.length - 1]!;
    const isKnown = this.#put(words[2 * row]!, words[2 * row + 1]!);
    this.#nextRow = row + 1;
    return isKnown;
  }

  /** The last of `pieces` has its rows. They are added while they are at hand. */
  follow(pieces: Pieces): void {
    this.#catchUp(pieces, pieces.end(pieces.length - 1));
  }

  /** Only so many pieces are left: the last ones were taken back. */
  rewind(pieces: number): void {
    if (this.#nextPiece < pieces) return;
    this.#nextPiece = pieces;
    this.#nextRow = 0;
  }

  /** So many of the first pieces are there no more. */
  forget(pieces: number): void {
    if (this.#nextPiece < pieces) this.#nextRow = 0;
    this.#nextPiece = Math.max(0, this.#nextPiece - pieces);
  }

  #catchUp(pieces: Pieces, end: number): void {
    const { batches } = pieces;
    const last = pieces.length - 1;
    for (;;) {
      const piece = this.#nextPiece;
      const { words } = batches[piece]!;
      const to = piece === last ? end : pieces.end(piece);
      const from = Math.max(this.#nextRow, pieces.start(piece));
      if (this.#count + to - from + 1 > this.#room) {
        this.#renew(pieces);
        continue;
      }
      if (from < to) this.#putAll(words, from, to);
      this.#nextRow = Math.max(from, to);
      if (piece === last) return;
      this.#nextPiece++;
      this.#nextRow = 0;
    }
  }

  /** Empty, and with room for twice the rows of `pieces`. */
  #renew(pieces: Pieces): void {
    this.#room = FIRST_ROWS;
    while (this.#room < 2 * pieces.rows) this.#room *= 2;
    const words = (this.#room * ROW_BITS) / 32;
    if (words === this.#words.length) this.#words.fill(0);
    else this.#words = new Int32Array(words);
    this.#count = 0;
    this.#nextPiece = 0;
    this.#nextRow = 0;
  }

  /** Whether all bits were set. */
  #put(low: number, high: number): boolean {
    const words = this.#words;
    const hash = hashOf(low, high);
    const at = hash & (words.length - 1);
    const bits = bitsOf(hash);
    const word = words[at]!;
    words[at] = word | bits;
    this.#count++;
    return (word & bits) === bits;
  }

  #putAll(times: Int32Array, from: number, to: number): void {
    const words = this.#words;
    const mask = words.length - 1;
    for (let row = from; row < to; row++) {
      const hash = hashOf(times[2 * row]!, times[2 * row + 1]!);
      words[hash & mask]! |= bitsOf(hash);
    }
    this.#count += to - from;
  }
}

function hashOf(low: number, high: number): number {
  let hash = Math.imul(low, 0xcc9e2d51) ^ Math.imul(high, 0x1b873593);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

/** Two bits of a word. */
function bitsOf(hash: number): number {
  const second = Math.imul(hash, 0x9e3779b1);
  return (1 << (second >>> 27)) | (1 << (second >>> 22));
}
