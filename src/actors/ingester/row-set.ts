import { hashRow, sameRow } from './row-identity.js';
import type { Piece, StoredBatch } from './stream.js';

const FIRST_SLOTS = 64;

/**
 * The rows of a stream from some position on, by hash: open addressing with linear probing, at most three quarters full.
 * Rows are added only when somebody asks, so that a stream nobody asks about costs nothing.
 */
export class RowSet {
  readonly #whole: boolean;
  readonly #fromPiece: number;
  readonly #fromRow: number;
  #nextPiece: number;
  #nextRow: number;
  #count = 0;
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

  /** Whether `pieces`, from this set's position on, have a row equal to this one, which is not yet among them. */
  has(pieces: readonly Piece[], batch: StoredBatch, row: number): boolean {
    this.#catchUp(pieces);
    const hash = hashRow(batch.entries, batch.words, row);
    const mask = this.#hashes.length - 1;
    for (let slot = hash & mask; this.#pieces[slot] !== -1; slot = (slot + 1) & mask) {
      if (this.#hashes[slot] !== hash) continue;
      const other = pieces[this.#pieces[slot]!]!.batch;
      if (sameRow(other.entries, this.#rows[slot]!, batch.entries, row)) return true;
    }
    return false;
  }

  #catchUp(pieces: readonly Piece[]): void {
    for (; this.#nextPiece < pieces.length; this.#nextPiece++) {
      const { batch, from, to } = pieces[this.#nextPiece]!;
      for (let row = Math.max(this.#nextRow, from); row < to; row++) {
        if (4 * this.#count >= 3 * this.#hashes.length) this.#grow();
        this.#insert(hashRow(batch.entries, batch.words, row), this.#nextPiece, row);
        this.#count++;
      }
      this.#nextRow = to;
      if (this.#nextPiece === pieces.length - 1) return;
      this.#nextRow = 0;
    }
  }

  #insert(hash: number, piece: number, row: number): void {
    const mask = this.#hashes.length - 1;
    let slot = hash & mask;
    while (this.#pieces[slot] !== -1) slot = (slot + 1) & mask;
    this.#hashes[slot] = hash;
    this.#pieces[slot] = piece;
    this.#rows[slot] = row;
  }

  #grow(): void {
    const [hashes, pieces, rows] = [this.#hashes, this.#pieces, this.#rows];
    this.#hashes = new Int32Array(hashes.length * 2);
    this.#pieces = new Int32Array(hashes.length * 2).fill(-1);
    this.#rows = new Int32Array(hashes.length * 2);
    for (let slot = 0; slot < hashes.length; slot++) {
      if (pieces[slot] !== -1) this.#insert(hashes[slot]!, pieces[slot]!, rows[slot]!);
    }
  }
}
