/**
 * A regular expression as plain data, after flags have been applied: `(?i)`, `(?s)`, `(?m)` and `(?U)` are gone, folded
 * into the nodes they governed.
 */
export type Regex =
  | { readonly kind: 'empty' }
  /** Matches nothing at all, such as an empty class. */
  | { readonly kind: 'none' }
  /**
   * Never empty, and its UTF-8 bytes are what has to be found: U+FFFD, which Go also sees in place of invalid bytes, is
   * a class. With `ignoreCase` the text is in lower case and its cased characters are ASCII.
   */
  | { readonly kind: 'literal'; readonly text: string; readonly ignoreCase: boolean }
  /** One code point out of inclusive ranges [low, high, low, high, ...], sorted and apart. */
  | { readonly kind: 'class'; readonly ranges: RuneRanges }
  /** `.`: any code point, with or without the newline. */
  | { readonly kind: 'any'; readonly newline: boolean }
  | { readonly kind: 'concat'; readonly parts: readonly Regex[] }
  | { readonly kind: 'alternate'; readonly options: readonly Regex[] }
  /** `max` is Infinity where there is none. */
  | {
      readonly kind: 'repeat';
      readonly inner: Regex;
      readonly min: number;
      readonly max: number;
      readonly greedy: boolean;
    }
  /** Groups count from 1; '' is an unnamed one. */
  | { readonly kind: 'capture'; readonly inner: Regex; readonly group: number; readonly name: string }
  | { readonly kind: 'assert'; readonly at: Assertion }
  /** One code point of a set that only re2js knows: `\p{Greek}`, or letters beyond ASCII under `(?i)`. */
  | { readonly kind: 'opaque' };

export type RuneRanges = readonly number[];

export type Assertion = 'text-start' | 'text-end' | 'line-start' | 'line-end' | 'word-boundary' | 'no-word-boundary';

export const EMPTY: Regex = { kind: 'empty' };

/** One code point. */
export function rune(code: number, ignoreCase = false): Regex {
  const loose = code === 0xfffd || (code >= 0xd800 && code <= 0xdfff);
  return loose
    ? { kind: 'class', ranges: [code, code] }
    : { kind: 'literal', text: String.fromCodePoint(code), ignoreCase };
}

/** In sequence: flattens, drops empties and joins neighbouring literals. */
export function concat(parts: readonly Regex[]): Regex {
  const out: Regex[] = [];
  for (const part of parts.flatMap((p) => (p.kind === 'concat' ? p.parts : [p]))) {
    if (part.kind === 'empty') continue;
    const joined = joinLiterals(out.at(-1), part);
    if (joined === null) out.push(part);
    else out[out.length - 1] = joined;
  }
  if (out.some((part) => part.kind === 'none')) return { kind: 'none' };
  return out.length === 0 ? EMPTY : out.length === 1 ? out[0]! : { kind: 'concat', parts: out };
}

export function alternate(options: readonly Regex[]): Regex {
  const out = options
    .flatMap((option) => (option.kind === 'alternate' ? option.options : [option]))
    .filter((option) => option.kind !== 'none');
  return out.length === 0 ? { kind: 'none' } : out.length === 1 ? out[0]! : { kind: 'alternate', options: out };
}

/** Text without letters means the same with and without `(?i)`. */
export function isCaseless(text: string): boolean {
  return text.toLowerCase() === text.toUpperCase();
}

function joinLiterals(left: Regex | undefined, right: Regex): Regex | null {
  if (left?.kind !== 'literal' || right.kind !== 'literal') return null;
  const alike = left.ignoreCase === right.ignoreCase || isCaseless(left.ignoreCase ? right.text : left.text);
  if (!alike) return null;
  return { kind: 'literal', text: left.text + right.text, ignoreCase: left.ignoreCase || right.ignoreCase };
}

/** Whether some part is opaque, so that only re2js can run the expression. */
export function isOpaque(node: Regex): boolean {
  switch (node.kind) {
    case 'opaque':
      return true;
    case 'concat':
      return node.parts.some(isOpaque);
    case 'alternate':
      return node.options.some(isOpaque);
    case 'repeat':
    case 'capture':
      return isOpaque(node.inner);
    default:
      return false;
  }
}
