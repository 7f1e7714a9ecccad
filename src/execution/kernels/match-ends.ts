import type { LineMatcher } from './line-matcher.js';

const IDENTITY = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** Rows that start with, end with or equal a literal, after each byte has gone through a table. */
export class EndsMatcher implements LineMatcher {
  private readonly kind: 'prefix' | 'suffix' | 'equals';
  private readonly literal: Buffer;
  private readonly table: Uint8Array;

  constructor(kind: 'prefix' | 'suffix' | 'equals', literal: Buffer, table: Uint8Array = IDENTITY) {
    this.kind = kind;
    this.literal = literal;
    this.table = table;
  }

  match(offsets: Int32Array, bytes: Buffer, rows: Int32Array | null, count: number, keep: Int32Array): number {
    const { literal, table } = this;
    const exact = this.kind === 'equals';
    const fromEnd = this.kind === 'suffix';
    const length = literal.length;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows === null ? i : rows[i]!;
      const start = offsets[row]!;
      const end = offsets[row + 1]!;
      if (end - start < length || (exact && end - start !== length)) continue;
      const at = fromEnd ? end - length : start;
      let same = 0;
      while (same < length && table[bytes[at + same]!] === literal[same]) same++;
      if (same === length) keep[kept++] = row;
    }
    return kept;
  }
}

/** Rows with at least one byte. */
export class NonEmptyMatcher implements LineMatcher {
  match(offsets: Int32Array, _bytes: Buffer, rows: Int32Array | null, count: number, keep: Int32Array): number {
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows === null ? i : rows[i]!;
      if (offsets[row + 1]! > offsets[row]!) keep[kept++] = row;
    }
    return kept;
  }
}
