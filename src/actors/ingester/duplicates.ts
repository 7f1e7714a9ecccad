import { sameRow } from './row-identity.js';
import { RowSet } from './row-set.js';
import { type ActiveStream, isOlder, type Piece, type StoredBatch } from './stream.js';

/** So many rows of the newest time are compared one by one; more of them are looked up by hash. */
const COMPARED_ROWS_MAX = 32;

/**
 * Adds rows [from, to) of a batch to their stream, as one piece, and appends to `duplicates` those equal to an entry the stream already
 * has in memory. A row newer than all before it cannot be a duplicate, so a stream in time order costs one comparison a row.
 */
export function takeRows(
  stream: ActiveStream,
  batch: StoredBatch,
  from: number,
  to: number,
  duplicates: number[],
): Piece {
  const { words } = batch;
  const piece: Piece = { stream, batch, from, to: from, oldest: from, newest: from, id: -1 };
  stream.pieces.push(piece);
  let newestHigh = stream.newestHigh;
  let newestLow = stream.newestLow;
  let newestRow = -1;
  for (let row = from; row < to; row++) {
    const low = words[2 * row]! >>> 0;
    const high = words[2 * row + 1]!;
    if (high > newestHigh || (high === newestHigh && low > newestLow)) {
      newestHigh = high;
      newestLow = low;
      newestRow = row;
      continue;
    }
    if (newestRow >= 0) setNewest(stream, newestHigh, newestLow, piece, newestRow);
    piece.to = row;
    if (isDuplicate(stream, batch, row, high === newestHigh && low === newestLow)) duplicates.push(row);
    if (isOlder(words, row, words, piece.oldest)) piece.oldest = row;
    else if (isOlder(words, piece.newest, words, row)) piece.newest = row;
  }
  piece.to = to;
  if (newestRow >= 0) {
    setNewest(stream, newestHigh, newestLow, piece, newestRow);
    piece.newest = newestRow;
  }
  return piece;
}

function setNewest(stream: ActiveStream, high: number, low: number, piece: Piece, row: number): void {
  if (stream.newestHigh === high && stream.newestLow === low) return;
  stream.newestHigh = high;
  stream.newestLow = low;
  stream.tail = piece;
  stream.tailRow = row;
}

/** Looks among the rows of the newest time when `tie`, else among all. */
function isDuplicate(stream: ActiveStream, batch: StoredBatch, row: number, tie: boolean): boolean {
  const { pieces, tail } = stream;
  const tailPiece = tie && tail ? pieces.lastIndexOf(tail) : -1;
  const fromPiece = Math.max(0, tailPiece);
  const fromRow = tailPiece >= 0 ? stream.tailRow : pieces[0]!.from;
  if (tie && isShort(pieces, fromPiece, fromRow)) return isAmong(pieces, fromPiece, fromRow, batch, row);
  if (!stream.seen?.covers(fromPiece, fromRow)) stream.seen = new RowSet(fromPiece, fromRow, tailPiece < 0);
  return stream.seen.add(pieces, batch, row);
}

function isShort(pieces: readonly Piece[], fromPiece: number, fromRow: number): boolean {
  let rows = pieces[fromPiece]!.to - fromRow;
  for (let i = fromPiece + 1; i < pieces.length && rows <= COMPARED_ROWS_MAX; i++)
    rows += pieces[i]!.to - pieces[i]!.from;
  return rows <= COMPARED_ROWS_MAX;
}

function isAmong(
  pieces: readonly Piece[],
  fromPiece: number,
  fromRow: number,
  batch: StoredBatch,
  row: number,
): boolean {
  for (let i = fromPiece; i < pieces.length; i++) {
    const { batch: held, from, to } = pieces[i]!;
    for (let other = i === fromPiece ? fromRow : from; other < to; other++) {
      if (sameRow(held, other, batch, row)) return true;
    }
  }
  return false;
}
