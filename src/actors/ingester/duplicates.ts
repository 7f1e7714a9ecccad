import type { Pieces } from './pieces.js';
import { sameRow } from './row-identity.js';
import { RowSet } from './row-set.js';
import type { ActiveStream, StoredBatch } from './stream.js';

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
): void {
  const { words } = batch;
  stream.pieces.push(batch, from, to);
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
    if (newestRow >= 0) setNewest(stream, newestHigh, newestLow, batch, newestRow);
    if (isDuplicate(stream, batch, row, high === newestHigh && low === newestLow)) duplicates.push(row);
  }
  if (newestRow >= 0) setNewest(stream, newestHigh, newestLow, batch, newestRow);
  stream.seen?.follow(stream.pieces);
}

function setNewest(stream: ActiveStream, high: number, low: number, batch: StoredBatch, row: number): void {
  if (stream.newestHigh === high && stream.newestLow === low) return;
  stream.newestHigh = high;
  stream.newestLow = low;
  stream.tail = batch;
  stream.tailRow = row;
}

/** Looks at the rows before `row`, which is of the last piece: among those of the newest time when `tie`, else among all. */
function isDuplicate(stream: ActiveStream, batch: StoredBatch, row: number, tie: boolean): boolean {
  const { pieces, tail, tailRow } = stream;
  const tailPiece = tie && tail ? pieces.lastWith(tail, tailRow) : -1;
  const fromPiece = Math.max(0, tailPiece);
  const fromRow = tailPiece >= 0 ? tailRow : pieces.starts[0]!;
  if (tie && isShort(pieces, fromPiece, fromRow, row)) return isAmong(pieces, fromPiece, fromRow, batch, row);
  if (!stream.seen?.covers(fromPiece, fromRow)) stream.seen = new RowSet(fromPiece, fromRow, tailPiece < 0);
  return stream.seen.add(pieces, batch, row);
}

/** Whether few rows lie between a position and a row of the last piece. */
function isShort(pieces: Pieces, fromPiece: number, fromRow: number, row: number): boolean {
  const { starts, ends } = pieces;
  const last = pieces.length - 1;
  let rows = (fromPiece === last ? row : ends[fromPiece]!) - fromRow;
  for (let i = fromPiece + 1; i <= last && rows <= COMPARED_ROWS_MAX; i++)
    rows += (i === last ? row : ends[i]!) - starts[i]!;
  return rows <= COMPARED_ROWS_MAX;
}

function isAmong(pieces: Pieces, fromPiece: number, fromRow: number, batch: StoredBatch, row: number): boolean {
  const { batches, starts, ends } = pieces;
  const last = pieces.length - 1;
  for (let i = fromPiece; i <= last; i++) {
    const held = batches[i]!;
    const to = i === last ? row : ends[i]!;
    for (let other = i === fromPiece ? fromRow : starts[i]!; other < to; other++) {
      if (sameRow(held, other, batch, row)) return true;
    }
  }
  return false;
}
