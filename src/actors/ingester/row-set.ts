import type { Pieces } from './pieces.js';
import { hashRow, hashShape, sameRow } from './row-identity.js';
import type { StoredBatch } from './stream.js';

const FIRST_SLOTS = 64;
/** Words of a slot, which lie together since a row's slot is mostly in no cache: its hash, its piece + 1 (0: empty), its row. */
const SLOT = 3;
const PIECE = 1;
const ROW = 2;
/** So many rows of one time and shape, and rows are told apart by their text. */
const ALIKE_MAX = 16;
/** Slots have 31 bits for the number of a piece. */
const FORGOTTEN_MAX = 2 ** 30;

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
  /** Pieces are counted on when the first of them are forgotten: how many are, and at most how many of the rows in here were theirs. */
  #forgotten = 0;
  #dead = 0;
  #byText = false;
  /** The longest run of equal hashes that was met. */
  #alike = 0;
  #mask = FIRST_SLOTS - 1;
  #slots = new Int32Array(FIRST_SLOTS * SLOT);

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
    return this.#whole || (this.#fromPiece === piece + this.#forgotten && this.#fromRow === row);
  }

  /**
   * Whether the rows from this set's position on have one equal to `row`, which is of the last of `pieces`
   * and is added: rows behind it are not looked at. It is taken back where one is: so no two rows from there on are equal.
   */
  add(pieces: Pieces, batch: StoredBatch, row: number): boolean {
    this.#catchUp(pieces, row);
    this.#seeAlike(pieces);
    const hash = this.#hash(batch, row);
    const isThere = this.#has(pieces, hash, batch, row);
    if (!isThere) this.#insert(hash, this.#nextPiece, row);
    this.#nextRow = row + 1;
    return isThere;
  }

  /** Only so many pieces are left: the last ones were taken back. */
  rewind(pieces: number): void {
    const end = pieces + this.#forgotten;
    if (this.#nextPiece < end) return;
    this.#nextPiece = end;
    this.#nextRow = 0;
  }

  /** So many of the first pieces, with so many rows, are there no more. False where a new set is better than what is left. */
  forget(pieces: number, rows: number): boolean {
    this.#forgotten += pieces;
    this.#dead += rows;
    if (this.#nextPiece < this.#forgotten) return false;
    return this.#whole && 2 * this.#dead < this.#count && this.#forgotten < FORGOTTEN_MAX;
  }

  #hash(batch: StoredBatch, row: number): number {
    return this.#byText ? hashRow(batch, row) : hashShape(batch, row);
  }

  #has(pieces: Pieces, hash: number, batch: StoredBatch, row: number): boolean {
    const slots = this.#slots;
    const mask = this.#mask;
    for (let slot = hash & mask; slots[SLOT * slot + PIECE] !== 0; slot = (slot + 1) & mask) {
      if (slots[SLOT * slot] !== hash) continue;
      const piece = slots[SLOT * slot + PIECE]! - 1;
      const other = slots[SLOT * slot + ROW]!;
      if (!this.#isLeft(pieces, piece, other)) continue;
      if (sameRow(pieces.batches[piece - this.#forgotten]!, other, batch, row)) return true;
    }
    return false;
  }

  #isLeft(pieces: Pieces, piece: number, row: number): boolean {
    if (piece < this.#forgotten) return false;
    if (piece > this.#nextPiece || (piece === this.#nextPiece && row >= this.#nextRow)) return false;
    const at = piece - this.#forgotten; // the piece there now, which need not be the one that was there
    return row >= pieces.start(at) && row < pieces.end(at);
  }

  /** Adds all rows of all pieces, of the last one those before `end`. */
  #catchUp(pieces: Pieces, end: number): void {
    const { batches } = pieces;
    for (;;) {
      const at = this.#nextPiece - this.#forgotten;
      const isLast = at === pieces.length - 1;
      const batch = batches[at]!;
      const to = isLast ? end : pieces.end(at);
      for (let row = Math.max(this.#nextRow, pieces.start(at)); row < to; row++) {
        this.#insert(this.#hash(batch, row), this.#nextPiece, row);
        this.#nextRow = row + 1;
        this.#seeAlike(pieces);
      }
      this.#nextRow = to;
      if (isLast) return;
      this.#nextPiece++;
      this.#nextRow = 0;
    }
  }

  #insert(hash: number, piece: number, row: number): void {
    if (4 * this.#count >= 3 * (this.#mask + 1)) this.#grow();
    this.#count++;
    this.#put(hash, piece, row);
  }

  #put(hash: number, piece: number, row: number): void {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = hash & mask;
    let alike = 0;
    for (; slots[SLOT * slot + PIECE] !== 0; slot = (slot + 1) & mask) if (slots[SLOT * slot] === hash) alike++;
    if (alike > this.#alike) this.#alike = alike;
    slots[SLOT * slot] = hash;
    slots[SLOT * slot + PIECE] = piece + 1;
    slots[SLOT * slot + ROW] = row;
  }

  /** Where too many rows have one time and shape, all are hashed anew by their text. */
  #seeAlike(pieces: Pieces): void {
    if (this.#alike <= ALIKE_MAX || this.#byText) return;
    this.#byText = true;
    const before = this.#slots;
    this.#slots = new Int32Array(before.length);
    this.#count = 0;
    this.#dead = 0;
    for (let at = 0; at < before.length; at += SLOT) {
      const piece = before[at + PIECE]! - 1;
      const row = before[at + ROW]!;
      if (piece < 0 || !this.#isLeft(pieces, piece, row)) continue;
      this.#insert(hashRow(pieces.batches[piece - this.#forgotten]!, row), piece, row);
    }
  }

  /** Where enough is forgotten, there is room without more slots. */
  #grow(): void {
    const before = this.#slots;
    const isRoomy = 4 * this.#dead >= this.#count;
    this.#slots = new Int32Array(isRoomy ? before.length : before.length * 2);
    this.#mask = this.#slots.length / SLOT - 1;
    this.#count = 0;
    this.#dead = 0;
    for (let at = 0; at < before.length; at += SLOT) {
      const piece = before[at + PIECE]! - 1;
      if (piece < this.#forgotten) continue;
      this.#count++;
      this.#put(before[at]!, piece, before[at + ROW]!);
    }
  }
}
