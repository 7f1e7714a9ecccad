import type { RuneRanges } from './ast.js';

/** Sets of code points as inclusive ranges, and the named ones of RE2 (github.com/google/re2/wiki/Syntax). */
export const MAX_RUNE = 0x10ffff;

const DIGIT = [0x30, 0x39];
const UPPER = [0x41, 0x5a];
const LOWER = [0x61, 0x7a];
const WORD = [...DIGIT, ...UPPER, 0x5f, 0x5f, ...LOWER];

/** `\d`, `\s` and `\w`. */
const PERL_CLASSES: ReadonlyMap<string, RuneRanges> = new Map([
  ['d', DIGIT],
  ['s', [0x09, 0x0a, 0x0c, 0x0d, 0x20, 0x20]],
  ['w', WORD],
]);

const POSIX_CLASSES: ReadonlyMap<string, RuneRanges> = new Map([
  ['alnum', [...DIGIT, ...UPPER, ...LOWER]],
  ['alpha', [...UPPER, ...LOWER]],
  ['ascii', [0, 0x7f]],
  ['blank', [0x09, 0x09, 0x20, 0x20]],
  ['cntrl', [0, 0x1f, 0x7f, 0x7f]],
  ['digit', DIGIT],
  ['graph', [0x21, 0x7e]],
  ['lower', LOWER],
  ['print', [0x20, 0x7e]],
  ['punct', [0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e]],
  ['space', [0x09, 0x0d, 0x20, 0x20]],
  ['upper', UPPER],
  ['word', WORD],
  ['xdigit', [...DIGIT, 0x41, 0x46, 0x61, 0x66]],
]);

/** The set behind `\d`, or its complement for `\D`; null when the letter names none. */
export function perlClass(letter: string, ignoreCase: boolean): RuneRanges | null {
  const name = letter.toLowerCase();
  return signed(PERL_CLASSES.get(name), letter !== name, ignoreCase);
}

/** The set behind `[:alpha:]` or `[:^alpha:]`, given the name between the colons. */
export function posixClass(name: string, ignoreCase: boolean): RuneRanges | null {
  const negated = name.startsWith('^');
  return signed(POSIX_CLASSES.get(negated ? name.slice(1) : name), negated, ignoreCase);
}

/** Go folds first and complements afterwards. */
function signed(ranges: RuneRanges | undefined, negated: boolean, ignoreCase: boolean): RuneRanges | null {
  if (ranges === undefined) return null;
  const folded: number[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    const range = [ranges[i]!, ranges[i + 1]!];
    folded.push(...((ignoreCase ? foldRange(ranges[i]!, ranges[i + 1]!) : null) ?? range));
  }
  const set = normalizeRanges(folded);
  return negated ? negateRanges(set) : set;
}

/** Sorts and merges ranges that overlap or touch. */
export function normalizeRanges(ranges: RuneRanges): number[] {
  const pairs: [number, number][] = [];
  for (let i = 0; i < ranges.length; i += 2) pairs.push([ranges[i]!, ranges[i + 1]!]);
  pairs.sort((a, b) => a[0] - b[0]);
  const out: number[] = [];
  for (const [low, high] of pairs) {
    const last = out.length - 1;
    if (last >= 0 && low <= out[last]! + 1) out[last] = Math.max(out[last]!, high);
    else out.push(low, high);
  }
  return out;
}

/** The complement of normalized ranges. */
export function negateRanges(ranges: RuneRanges): number[] {
  const out: number[] = [];
  let next = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    if (next < ranges[i]!) out.push(next, ranges[i]! - 1);
    next = ranges[i + 1]! + 1;
  }
  if (next <= MAX_RUNE) out.push(next, MAX_RUNE);
  return out;
}

/** The two code points beyond ASCII that Go's simple folding joins to ASCII letters. */
export const KELVIN_SIGN = 0x212a; // folds with k
export const LONG_S = 0x17f; // folds with s

const HIGHEST_FOLDED = 0x1e943;

/** A range with its other cases, not normalized. Null when that needs the case tables beyond ASCII. */
export function foldRange(low: number, high: number): number[] | null {
  if (high < UPPER[0]! || low > HIGHEST_FOLDED || (low <= UPPER[0]! && high >= HIGHEST_FOLDED)) return [low, high];
  if (high > 0x7f) return null;
  const out = [low, high];
  const shift = ([from, to]: number[], by: number): void => {
    const start = Math.max(low, from!);
    const end = Math.min(high, to!);
    if (start <= end) out.push(start + by, end + by);
  };
  shift(UPPER, 0x20);
  shift(LOWER, -0x20);
  const holds = (rune: number): boolean => low <= rune && rune <= high;
  if (holds(0x4b) || holds(0x6b)) out.push(KELVIN_SIGN, KELVIN_SIGN);
  if (holds(0x53) || holds(0x73)) out.push(LONG_S, LONG_S);
  return out;
}
