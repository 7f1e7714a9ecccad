/**
 * A test on log lines. Lines lie end to end as in an Arrow Utf8 column: line i is bytes[offsets[i]..offsets[i+1]). They
 * may hold newlines and invalid UTF-8.
 */
export interface LineMatcher {
  /**
   * Writes the rows that match to keep[0..k) in ascending order and returns k. Looks at `rows[0..count)`, ascending, or
   * at rows 0..count when `rows` is null. `keep` may be `rows` itself.
   */
  match(offsets: Int32Array, bytes: Buffer, rows: Int32Array | null, count: number, keep: Int32Array): number;
}

/** Keeps every row, or none. */
export class ConstantMatcher implements LineMatcher {
  private readonly answer: boolean;

  constructor(answer: boolean) {
    this.answer = answer;
  }

  match(_offsets: Int32Array, _bytes: Buffer, rows: Int32Array | null, count: number, keep: Int32Array): number {
    if (!this.answer) return 0;
    for (let i = 0; i < count; i++) keep[i] = rows === null ? i : rows[i]!;
    return count;
  }
}

/** Asks a predicate row by row. */
export class PredicateMatcher implements LineMatcher {
  private readonly test: (bytes: Buffer, start: number, end: number) => boolean;

  constructor(test: (bytes: Buffer, start: number, end: number) => boolean) {
    this.test = test;
  }

  match(offsets: Int32Array, bytes: Buffer, rows: Int32Array | null, count: number, keep: Int32Array): number {
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows === null ? i : rows[i]!;
      if (this.test(bytes, offsets[row]!, offsets[row + 1]!)) keep[kept++] = row;
    }
    return kept;
  }
}
