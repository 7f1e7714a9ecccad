import { type Operand, searchLines, suitsSimd } from './line-search.js';

/** Searching on is cheaper than entering a search anew, up to about this many bytes a row that is asked about. */
const BYTES_A_ROW_MAX = 1024;

let found = new Int32Array(1024);

/**
 * As `LineMatcher.match`, for what an operand finds. Null, with nothing done, where the rows are too few or too far apart to
 * be searched as one run.
 */
export function searchRows(
  operand: Operand,
  offsets: Int32Array,
  bytes: Uint8Array,
  rows: Int32Array | null,
  count: number,
  keep: Int32Array,
): number | null {
  const from = rows === null ? 0 : rows[0]!;
  const to = (rows === null ? count - 1 : rows[count - 1]!) + 1;
  const size = offsets[to]! - offsets[from]!;
  if (!suitsSimd(size)) return null;
  if (rows === null) return searchLines(operand, offsets, bytes, from, to, keep);
  if (size > count * BYTES_A_ROW_MAX) return null;
  if (found.length < to - from) found = new Int32Array(2 * (to - from));
  return inBoth(rows, count, found, searchLines(operand, offsets, bytes, from, to, found), keep);
}

/** Rows of two ascending lists. `keep` may be `rows` itself. */
function inBoth(rows: Int32Array, count: number, others: Int32Array, otherCount: number, keep: Int32Array): number {
  let kept = 0;
  let other = 0;
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    while (other < otherCount && others[other]! < row) other++;
    if (other === otherCount) break;
    if (others[other] === row) keep[kept++] = row;
  }
  return kept;
}
