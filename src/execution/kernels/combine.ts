import type { LineMatcher } from './line-matcher.js';

/** Rows that all matchers keep; each sees only what the ones before it kept. */
export class AllOfMatcher implements LineMatcher {
  private readonly matchers: readonly LineMatcher[];

  constructor(matchers: readonly LineMatcher[]) {
    this.matchers = matchers;
  }

  match(offsets: Int32Array, bytes: Buffer, rows: Int32Array | null, count: number, keep: Int32Array): number {
    let left = rows;
    let kept = count;
    for (const matcher of this.matchers) {
      kept = matcher.match(offsets, bytes, left, kept, keep);
      left = keep;
    }
    return kept;
  }
}

/** Rows that any matcher keeps. */
export class AnyOfMatcher implements LineMatcher {
  private readonly matchers: readonly LineMatcher[];
  private marks = new Uint8Array(0);
  private found = new Int32Array(0);

  constructor(matchers: readonly LineMatcher[]) {
    this.matchers = matchers;
  }

  match(offsets: Int32Array, bytes: Buffer, rows: Int32Array | null, count: number, keep: Int32Array): number {
    if (count === 0) return 0;
    const first = rows === null ? 0 : rows[0]!;
    const span = (rows === null ? count - 1 : rows[count - 1]!) - first + 1;
    if (this.marks.length < span) this.marks = new Uint8Array(span);
    else this.marks.fill(0, 0, span);
    if (this.found.length < count) this.found = new Int32Array(count);
    const { marks, found } = this;
    for (const matcher of this.matchers) {
      const hits = matcher.match(offsets, bytes, rows, count, found);
      for (let i = 0; i < hits; i++) marks[found[i]! - first] = 1;
    }
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows === null ? i : rows[i]!;
      if (marks[row - first] === 1) keep[kept++] = row;
    }
    return kept;
  }
}

/** Rows that the matcher does not keep. */
export class NotMatcher implements LineMatcher {
  private readonly matcher: LineMatcher;
  private found = new Int32Array(0);

  constructor(matcher: LineMatcher) {
    this.matcher = matcher;
  }

  match(offsets: Int32Array, bytes: Buffer, rows: Int32Array | null, count: number, keep: Int32Array): number {
    if (this.found.length < count) this.found = new Int32Array(count);
    const { found } = this;
    const hits = this.matcher.match(offsets, bytes, rows, count, found);
    let kept = 0;
    let next = 0;
    for (let i = 0; i < count; i++) {
      const row = rows === null ? i : rows[i]!;
      if (next < hits && found[next] === row) next += 1;
      else keep[kept++] = row;
    }
    return kept;
  }
}
