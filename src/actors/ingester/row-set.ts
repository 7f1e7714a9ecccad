import { hashRow, hashShape, sameRow } from './row-identity.js';
import type { Piece, StoredBatch } from './stream.js';

const FIRST_SLOTS = 64;
/** So many rows of one time and shape, and rows are told apart by their text. */
const ALIKE_MAX = 16;

/**
 * The rows of a stream from some position on, by hash: open addressing with linear probing, at most three quarters full.
 * Rows are added only when somebody asks, so that a stream nobody asks about costs nothing.
 */
export class RowSet {
  readonly #whole: boolean;
  readonly #fromPiece: number;
  readonly #fromRow: number;
  /** Rows before this position have been added. What is found at or behind it was taken back, and does not count. */
  #nextPiece: number;
  #nextRow: number;
  #count = 0;
  #byText = false;
  /** The longest run of equal hashes that was met. */
  #alike = 0;
  #hashes = new Int32Array(FIRST_SLOTS);
  /** -1 marks an empty slot. */
  #pieces = new Int32Array(FIRST_SLOTS).fill(-1);
  #rows = new Int32Array(FIRST_SLOTS);

  /** `whole` when nothing comes before that position. */
  constructor(fromPiece: number, fromRow: number, whole: boolean) {
    this.#whole = whole;
    this.#fromPiece = fromPiece;
    this.#fromRow = fromRow;
    this.#nextPiece = fromPiece;
    this.#nextRow = fromRow;
  }

  /** Whether it is the set to ask about the rows from a position on. One from an earlier position on would only grow. */
  covers(piece: number, row: number): boolean {
    return this.#whole || (this.#fromPiece === piece && this.#fromRow === row);
  }

  /**
   * Whether the rows from this set's position on have one equal to `row`, which is the row after the end of the last of
   * `pieces` and is added.
   */
  add(pieces: readonly Piece[], batch: StoredBatch, row: number): boolean {
    this.#catchUp(pieces);
    this.#seeAlike(pieces);
    const hash = this.#hash(batch, row);
    const isThere = this.#has(pieces, hash, batch, row);
    if (!isThere) this.#insert(hash, this.#nextPiece, row);
    this.#nextRow = row + 1;
    return isThere;
  }

  /** Only so many pieces are left: the last ones were taken back. */
  rewind(pieces: number): void {
    if (this.#nextPiece < pieces) return;
    this.#nextPiece = pieces;
    this.#nextRow = 0;
  }

  #hash(batch: StoredBatch, row: number): number {
    return this.#byText ? hashRow(batch, row) : hashShape(batch, row);
  }

  #has(pieces: readonly Piece[], hash: number, batch: StoredBatch, row: number): boolean {
    const mask = this.#hashes.length - 1;
    for (let slot = hash & mask; this.#pieces[slot] !== -1; slot = (slot + 1) & mask) {
      if (this.#hashes[slot] !== hash) continue;
      const piece = this.#pieces[slot]!;
      const other = this.#rows[slot]!;
      if (this.#isLeft(pieces, piece, other) && sameRow(pieces[piece]!.batch, other, batch, row)) return true;
    }
    return false;
  }

  #isLeft(pieces: readonly Piece[], piece: number, row: number): boolean {
    if (piece > this.#nextPiece || (piece === this.#nextPiece && row >= this.#nextRow)) return false;
    const { from, to } = pieces[piece]!; // the piece there now, which need not be the one that was there
    return row >= from && row < to;
  }

  /** Adds all rows of all pieces; ends at the end of the last piece. */
  #catchUp(pieces: readonly Piece[]): void {
    for (;;) {
      const { batch, from, to } = pieces[this.#nextPiece]!;
      for (let row = Math.max(this.#nextRow, from); row < to; row++) {
        this.#insert(this.#hash(batch, row), this.#nextPiece, row);
        this.#nextRow = row + 1;
        this.#seeAlike(pieces);
      }
      this.#nextRow = to;
      if (this.#nextPiece === pieces.length - 1) return;
      this.#nextPiece++;
      this.#nextRow = 0;
    }
  }

  #insert(hash: number, piece: number, row: number): void {
    if (4 * this.#count >= 3 * this.#hashes.length) this.#grow();
    this.#count++;
    this.#put(hash, piece, row);
  }

  #put(hash: number, piece: number, row: number): void {
    const mask = this.#hashes.length - 1;
    let slot = hash & mask;
    let alike = 0;
    for (; this.#pieces[slot] !== -1; slot = (slot + 1) & mask) if (this.#hashes[slot] === hash) alike++;
    if (alike > this.#alike) this.#alike = alike;
    this.#hashes[slot] = hash;
    this.#pieces[slot] = piece;
    this.#rows[slot] = row;
  }

  /** Where too many rows have one time and shape, all are hashed anew by their text. */
  #seeAlike(pieces: readonly Piece[]): void {
    if (this.#alike <= ALIKE_MAX || this.#byText) return;
    this.#byText = true;
    const [before, rows] = [this.#pieces, this.#rows];
    this.#hashes = new Int32Array(before.length);
    this.#pieces = new Int32Array(before.length).fill(-1);
    this.#rows = new Int32Array(before.length);
    this.#count = 0;
    for (let slot = 0; slot < before.length; slot++) {
      const piece = before[slot]!;
      const row = rows[slot]!;
      if (piece !== -1 && this.#isLeft(pieces, piece, row))
        this.#insert(hashRow(pieces[piece]!.batch, row), piece, row);
    }
  }

  #grow(): void {
    const [hashes, pieces, rows] = [this.#hashes, this.#pieces, this.#rows];
    this.#hashes = new Int32Array(hashes.length * 2);
    this.#pieces = new Int32Array(hashes.length * 2).fill(-1);
    this.#rows = new Int32Array(hashes.length * 2);
    for (let slot = 0; slot < hashes.length; slot++) {
      if (pieces[slot] !== -1) this.#put(hashes[slot]!, pieces[slot]!, rows[slot]!);
    }
  }
}
