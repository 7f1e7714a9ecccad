import { LateTimes } from './late-times.js';
import { type Pieces, timeOf } from './pieces.js';
import { sameRow } from './row-identity.js';
import { RowSet } from './row-set.js';
import type { ActiveStream, StoredBatch } from './stream.js';

/** So many rows of the newest time are compared one by one; more of them are looked up by hash. */
const COMPARED_ROWS_MAX = 32;
/** So many pieces and rows are looked at for those of one time. */
const LOOKED_MAX = 8192;

/**
 * Adds the rows that a batch has of its `s`-th stream to it, as one piece, and appends to `duplicates` those equal to an entry the stream already
 * has in memory. A row newer than all before it cannot be a duplicate, so a stream in time order costs one comparison a row; one
 * that comes late is looked for where others may have its time.
 */
export function takeRows(stream: ActiveStream, batch: StoredBatch, s: number, duplicates: number[]): void {
  const { words } = batch;
  const { pieces } = stream;
  pieces.push(batch, s);
  const from = pieces.start(pieces.length - 1);
  const to = pieces.end(pieces.length - 1);
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
  stream.late?.follow(pieces);
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
  if (!tie && !stream.isDense) {
    stream.late ??= new LateTimes();
    if (!stream.late.add(pieces, row)) return false;
    const isThere = isAmongLate(pieces, batch, row);
    if (isThere !== null) return isThere;
    stream.isDense = true;
    stream.late = null;
  }
  const tailPiece = tie && tail ? pieces.lastWith(tail, tailRow) : -1;
  const fromPiece = Math.max(0, tailPiece);
  const fromRow = tailPiece >= 0 ? tailRow : pieces.start(0);
  if (tie && isShort(pieces, fromPiece, fromRow, row)) return isAmong(pieces, fromPiece, fromRow, batch, row);
  if (!stream.seen?.covers(fromPiece, fromRow)) stream.seen = new RowSet(fromPiece, fromRow, tailPiece < 0);
  return stream.seen.add(pieces, batch, row);
}

/** Looks at all rows before `row`, which is of the last piece, that may have its time; null where these are too many. */
function isAmongLate(pieces: Pieces, batch: StoredBatch, row: number): boolean | null {
  const { batches } = pieces;
  const time = timeOf(batch, row);
  const last = pieces.length - 1;
  let looked = pieces.length;
  let compared = 0;
  if (looked > LOOKED_MAX) return null;
  for (let i = last; i >= 0; i--) {
    if (!pieces.mayHave(i, time)) continue;
    const held = batches[i]!;
    const from = pieces.start(i);
    const to = i === last ? row : pieces.end(i);
    looked += to - from;
    if (looked > LOOKED_MAX) return null;
    for (let other = from; other < to; other++) {
      if (!isSameTime(held, other, batch, row)) continue;
      if (sameRow(held, other, batch, row)) return true;
      if (++compared > COMPARED_ROWS_MAX) return null;
    }
  }
  return false;
}

function isSameTime(a: StoredBatch, rowA: number, b: StoredBatch, rowB: number): boolean {
  return a.words[2 * rowA] === b.words[2 * rowB] && a.words[2 * rowA + 1] === b.words[2 * rowB + 1];
}

/** Whether few rows lie between a position and a row of the last piece. */
function isShort(pieces: Pieces, fromPiece: number, fromRow: number, row: number): boolean {
  const last = pieces.length - 1;
  let rows = (fromPiece === last ? row : pieces.end(fromPiece)) - fromRow;
  for (let i = fromPiece + 1; i <= last && rows <= COMPARED_ROWS_MAX; i++)
    rows += (i === last ? row : pieces.end(i)) - pieces.start(i);
  return rows <= COMPARED_ROWS_MAX;
}

function isAmong(pieces: Pieces, fromPiece: number, fromRow: number, batch: StoredBatch, row: number): boolean {
  const { batches } = pieces;
  const last = pieces.length - 1;
  for (let i = fromPiece; i <= last; i++) {
    const held = batches[i]!;
    const to = i === last ? row : pieces.end(i);
    for (let other = i === fromPiece ? fromRow : pieces.start(i); other < to; other++) {
      if (sameRow(held, other, batch, row)) return true;
    }
  }
  return false;
}
