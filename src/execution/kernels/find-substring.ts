import { IgnoreCaseMatcher } from './ignore-case.js';
import { ByteFinder, SubstringMatcher } from './substring-matcher.js';

/** Rows that contain the needle. See `LineMatcher.match` for the other arguments. */
export function containsRows(
  offsets: Int32Array,
  bytes: Buffer,
  needle: Buffer,
  rows: Int32Array | null,
  count: number,
  keep: Int32Array,
): number {
  return new SubstringMatcher(new ByteFinder(needle)).match(offsets, bytes, rows, count, keep);
}

/** As `containsRows`, with letters alike in both cases as under Go's `(?i)`; the needle's letters are ASCII. */
export function containsRowsIgnoreCase(
  offsets: Int32Array,
  bytes: Buffer,
  needle: Buffer,
  rows: Int32Array | null,
  count: number,
  keep: Int32Array,
): number {
  return new IgnoreCaseMatcher('contains', needle).match(offsets, bytes, rows, count, keep);
}
