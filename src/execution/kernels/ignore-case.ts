import { isAscii } from 'node:buffer';
import { type LineMatcher, PredicateMatcher } from './line-matcher.js';
import { EndsMatcher } from './match-ends.js';
import { type Operand, operandOf } from './simd/line-search.js';
import { type Finder, SubstringMatcher } from './substring-matcher.js';

export type LiteralKind = 'contains' | 'prefix' | 'suffix' | 'equals';

/**
 * Tests for a literal in which letters are alike in both cases, as under Go's `(?i)`; the literal's letters are ASCII.
 * Go folds two code points beyond ASCII to ASCII letters: the long s and the Kelvin sign. The byte kernels only see runs
 * in which neither can matter; other runs are folded line by line.
 */
export class IgnoreCaseMatcher implements LineMatcher {
  private readonly bytewise: LineMatcher;
  private readonly linewise: LineMatcher;
  private readonly bytesSuffice: boolean;

  constructor(kind: LiteralKind, literal: Buffer) {
    const folded = fold(literal, 0, literal.length);
    const needle = Buffer.from(folded, 'latin1');
    this.bytewise =
      kind === 'contains' ? new SubstringMatcher(new FoldingFinder(needle)) : new EndsMatcher(kind, needle, FOLDED);
    this.linewise = new PredicateMatcher((bytes, start, end) => accepts(kind, fold(bytes, start, end), folded));
    this.bytesSuffice = !/[ks]/.test(folded);
  }

  match(offsets: Int32Array, bytes: Buffer, rows: Int32Array | null, count: number, keep: Int32Array): number {
    if (count === 0) return 0;
    const first = rows === null ? 0 : rows[0]!;
    const last = rows === null ? count - 1 : rows[count - 1]!;
    const run = bytes.subarray(offsets[first]!, offsets[last + 1]!);
    const plain = this.bytesSuffice || isAscii(run) || !(run.includes(LONG_S) || run.includes(KELVIN_SIGN));
    return (plain ? this.bytewise : this.linewise).match(offsets, bytes, rows, count, keep);
  }
}

const LONG_S = Buffer.from('\u017f');
const KELVIN_SIGN = Buffer.from('\u212a');

/** Bytes with ASCII letters in lower case. */
const FOLDED = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));

/** Bytes as latin1 text, folded. */
function fold(bytes: Buffer, start: number, end: number): string {
  return bytes
    .latin1Slice(start, end)
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    .replace(/\xc5\xbf/g, 's')
    .replace(/\xe2\x84\xaa/g, 'k');
}

function accepts(kind: LiteralKind, text: string, literal: string): boolean {
  switch (kind) {
    case 'contains':
      return text.includes(literal);
    case 'prefix':
      return text.startsWith(literal);
    case 'suffix':
      return text.endsWith(literal);
    case 'equals':
      return text === literal;
  }
}

/** Horspool's search (Software: Practice and Experience, 1980) with folded ASCII letters. */
class FoldingFinder implements Finder {
  readonly length: number;
  readonly operand: Operand | undefined;
  private readonly needle: Buffer;
  private readonly shifts: Int32Array;

  /** The needle is folded. */
  constructor(needle: Buffer) {
    this.needle = needle;
    this.length = needle.length;
    this.operand = operandOf(needle, true);
    this.shifts = new Int32Array(256).fill(needle.length);
    for (let i = 0; i + 1 < needle.length; i++) {
      const byte = needle[i]!;
      this.shifts[byte] = needle.length - 1 - i;
      if (byte >= 0x61 && byte <= 0x7a) this.shifts[byte - 0x20] = needle.length - 1 - i;
    }
  }

  find(haystack: Buffer, from: number): number {
    const { needle, shifts } = this;
    const last = needle.length - 1;
    const tail = needle[last]!;
    for (let at = from + last; at < haystack.length; ) {
      const byte = haystack[at]!;
      if (FOLDED[byte] === tail && this.endsAt(haystack, at)) return at - last;
      at += shifts[byte]!;
    }
    return -1;
  }

  private endsAt(haystack: Buffer, at: number): boolean {
    const { needle } = this;
    const start = at - needle.length + 1;
    for (let i = needle.length - 2; i >= 0; i--) if (FOLDED[haystack[start + i]!] !== needle[i]) return false;
    return true;
  }
}
