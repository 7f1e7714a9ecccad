import { ConstantMatcher, type LineMatcher } from './line-matcher.js';
import { type Operand, operandOf } from './simd/line-search.js';
import { searchRows } from './simd/search-rows.js';

/** Finds a needle in a run of bytes. */
export interface Finder {
  readonly length: number;
  /** The first position at or after `from` where the needle, which is not empty, lies within the haystack, or -1. */
  find(haystack: Buffer, from: number): number;
  /** For searches with SIMD, where they can take this needle. */
  readonly operand?: Operand | undefined;
}

export class ByteFinder implements Finder {
  readonly length: number;
  readonly operand: Operand | undefined;
  private readonly needle: Buffer | number;

  constructor(needle: Buffer) {
    this.length = needle.length;
    this.operand = operandOf(needle);
    this.needle = needle.length === 1 ? needle[0]! : needle; // one byte runs on memchr
  }

  find(haystack: Buffer, from: number): number {
    return haystack.indexOf(this.needle, from);
  }
}

const EVERY_ROW = new ConstantMatcher(true);

/** Searching on is cheaper than entering a search anew, up to about this many bytes of rows nobody asked about. */
const WORTH_SKIPPING = 512;

/**
 * Searches the run of bytes as a whole and gallops from a hit to its row, so that rows without a hit cost nothing but
 * their bytes. A hit across the end of a row does not count.
 */
export class SubstringMatcher implements LineMatcher {
  private readonly finder: Finder;

  constructor(finder: Finder) {
    this.finder = finder;
  }

  match(offsets: Int32Array, bytes: Buffer, rows: Int32Array | null, count: number, keep: Int32Array): number {
    if (this.finder.length === 0 || count === 0) return EVERY_ROW.match(offsets, bytes, rows, count, keep);
    const found = this.finder.operand && searchRows(this.finder.operand, offsets, bytes, rows, count, keep);
    if (typeof found === 'number') return found;
    if (rows === null) return this.dense(offsets, bytes.subarray(0, offsets[count]!), count, keep);
    const end = offsets[rows[count - 1]! + 1]!;
    const haystack = bytes.subarray(0, end);
    let unasked = end - offsets[rows[0]!]!;
    for (let i = 0; i < count; i++) unasked -= offsets[rows[i]! + 1]! - offsets[rows[i]!]!;
    if (unasked <= count * WORTH_SKIPPING) return this.selected(offsets, haystack, rows, count, keep);
    return this.scattered(offsets, haystack, rows, count, keep);
  }

  private dense(offsets: Int32Array, haystack: Buffer, count: number, keep: Int32Array): number {
    const { finder } = this;
    let kept = 0;
    let row = 0;
    while (row < count) {
      const hit = finder.find(haystack, offsets[row]!);
      if (hit < 0) break;
      row = rowOf(offsets, row, count, hit);
      if (hit + finder.length <= offsets[row + 1]!) keep[kept++] = row;
      row += 1;
    }
    return kept;
  }

  private selected(offsets: Int32Array, haystack: Buffer, rows: Int32Array, count: number, keep: Int32Array): number {
    const { finder } = this;
    let kept = 0;
    let i = 0;
    while (i < count) {
      const hit = finder.find(haystack, offsets[rows[i]!]!);
      if (hit < 0) break;
      while (i < count && offsets[rows[i]! + 1]! <= hit) i++;
      if (i === count) break;
      const row = rows[i]!;
      if (hit < offsets[row]!) continue; // in a row nobody asked about
      if (hit + finder.length <= offsets[row + 1]!) keep[kept++] = row;
      i += 1;
    }
    return kept;
  }

  private scattered(offsets: Int32Array, haystack: Buffer, rows: Int32Array, count: number, keep: Int32Array): number {
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const line = haystack.subarray(offsets[row]!, offsets[row + 1]!);
      if (this.finder.find(line, 0) >= 0) keep[kept++] = row;
    }
    return kept;
  }
}

/** The row that holds a byte, searching upwards from `row` in doubling steps. */
function rowOf(offsets: Int32Array, row: number, count: number, position: number): number {
  let low = row;
  let step = 1;
  while (low + step < count && offsets[low + step]! <= position) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step, count);
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (offsets[middle]! <= position) low = middle;
    else high = middle;
  }
  return low;
}
