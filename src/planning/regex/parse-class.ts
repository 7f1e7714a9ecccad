import { type Regex, rune } from './ast.js';
import type { Cursor } from './cursor.js';
import { foldRange, MAX_RUNE, negateRanges, normalizeRanges, perlClass, posixClass } from './runes.js';

/** Parses `[...]` from just behind the opening bracket. The pattern is known to be valid. */
export function parseClass(cursor: Cursor, ignoreCase: boolean): Regex {
  const negated = cursor.take(/\^/y) !== null;
  const ranges: number[] = [];
  let opaque = false;
  for (let first = true; first || cursor.peek() !== ']'; first = false) {
    const item = classItem(cursor, ignoreCase);
    if (item === null) opaque = true;
    else ranges.push(...item);
  }
  cursor.next();
  if (opaque) return { kind: 'opaque' };
  const set = normalizeRanges(ranges);
  return classOf(negated ? negateRanges(set) : set);
}

/** The node for a set: the special shapes get their own kind, so that later stages see them. */
export function classOf(ranges: readonly number[]): Regex {
  if (ranges.length === 0) return { kind: 'none' };
  const [low, high, next, last] = ranges;
  if (ranges.length === 2 && low === high) return rune(low!);
  if (ranges.length === 2 && low === 0 && high === MAX_RUNE) return { kind: 'any', newline: true };
  if (ranges.length === 4 && low === 0 && high === 0x09 && next === 0x0b && last === MAX_RUNE) {
    return { kind: 'any', newline: false };
  }
  return { kind: 'class', ranges };
}

/** One member, range or named set; null when only re2js knows it. */
function classItem(cursor: Cursor, ignoreCase: boolean): readonly number[] | null {
  const posix = cursor.take(/\[:(\^?\w+):\]/y);
  if (posix !== null) return posixClass(posix[1]!, ignoreCase);
  if (takeUnicodeClass(cursor)) return null;
  const perl = cursor.take(/\\([dswDSW])/y);
  if (perl !== null) return perlClass(perl[1]!, ignoreCase);
  const low = classRune(cursor);
  const high = cursor.take(/-(?!\])/y) === null ? low : classRune(cursor);
  return ignoreCase ? foldRange(low, high) : [low, high];
}

function classRune(cursor: Cursor): number {
  const text = cursor.next();
  return text === '\\' ? parseEscape(cursor) : text.codePointAt(0)!;
}

/** Moves past `\pN` or `\p{Greek}`. */
export function takeUnicodeClass(cursor: Cursor): boolean {
  return cursor.take(/\\[pP](?:\{[^}]*\}|[\s\S])/uy) !== null;
}

const CONTROLS: Readonly<Record<string, number>> = { a: 0x07, f: 0x0c, n: 0x0a, r: 0x0d, t: 0x09, v: 0x0b };

/** The code point of an escape, from just behind its backslash. */
export function parseEscape(cursor: Cursor): number {
  const hex = cursor.take(/x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/y);
  if (hex !== null) return Number.parseInt(hex[1] ?? hex[2]!, 16);
  const octal = cursor.take(/[0-7]{1,3}/y);
  if (octal !== null) return Number.parseInt(octal[0], 8);
  const text = cursor.next();
  return CONTROLS[text] ?? text.codePointAt(0)!;
}
