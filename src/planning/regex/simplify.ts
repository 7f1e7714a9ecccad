import { alternate, concat, isCaseless, type Regex } from './ast.js';
import { parseRegex } from './parse.js';

/** A test on bytes; with `ignoreCase` the literal is in lower case and its cased characters are ASCII. */
export interface LiteralTest {
  readonly kind: 'contains' | 'prefix' | 'suffix' | 'equals';
  readonly literal: string;
  readonly ignoreCase: boolean;
}

/** What a regular expression asks of a text, in the cheapest terms found. */
export type TextTest =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'non-empty' }
  | LiteralTest
  | { readonly kind: 'any-of'; readonly alternatives: readonly LiteralTest[] }
  /** Every matching text contains each of `required` as bytes; none is part of another, and there are at most 16. */
  | { readonly kind: 'regex'; readonly pattern: string; readonly required: readonly string[] };

export interface MatchOptions {
  /** `search` finds the pattern anywhere (line filters), `full` has to match the whole text (matchers). */
  readonly mode: 'search' | 'full';
  /** `.` matches the newline (stream matchers). */
  readonly dotAll?: boolean;
}

const MAX_ALTERNATIVES = 1024;
const MAX_REQUIRED = 16;
/** A class of more members is better left to the automaton. */
const MAX_MEMBERS = 4;

/**
 * Finds substring tests in a regular expression. The answer is the same as that of the expression, with one exception
 * taken from Loki: `.*` alone accepts every text and `.+` alone every text but the empty one, newlines included.
 * Throws an Error with Go's text when the pattern is invalid.
 */
export function simplifyRegex(pattern: string, options: MatchOptions): TextTest {
  const root = withoutCaptures(parseRegex(pattern, { dotAll: options.dotAll ?? false }));
  if (isAnyRepeat(root, 0)) return { kind: 'all' };
  if (isAnyRepeat(root, 1)) return { kind: 'non-empty' };
  const anchored = options.mode === 'full';
  const choices = root.kind === 'alternate' ? root.options : [root];
  const alternatives: LiteralTest[] = [];
  for (const choice of choices) {
    const tests = literalTests(choice, anchored);
    if (tests === null) return { kind: 'regex', pattern, required: maximal(requiredLiterals(root)) };
    alternatives.push(...tests);
  }
  return unite(alternatives);
}

function unite(tests: readonly LiteralTest[]): TextTest {
  if (tests.some((test) => test.literal === '' && test.kind !== 'equals')) return { kind: 'all' };
  const distinct = [...new Map(tests.map((test) => [JSON.stringify(test), test])).values()];
  if (distinct.length === 0) return { kind: 'none' };
  return distinct.length === 1 ? distinct[0]! : { kind: 'any-of', alternatives: distinct };
}

/** The choice as substring tests of which any suffices; null when it is more than that. */
function literalTests(choice: Regex, anchored: boolean): LiteralTest[] | null {
  const all = choice.kind === 'concat' ? choice.parts : [choice];
  const head = loosen(all, anchored, 'text-start');
  const tail = loosen(head.rest.toReversed(), anchored, 'text-end');
  const words = finiteWords(concat(tail.rest.toReversed()));
  if (words === null) return null;
  const kind = head.fixed ? (tail.fixed ? 'equals' : 'prefix') : tail.fixed ? 'suffix' : 'contains';
  return words.map(({ text, ignoreCase }) => ({ kind, literal: text, ignoreCase }));
}

/**
 * Takes from the front of a sequence what makes no difference there: anchors, and at a loose end whatever can be left
 * out. Also tells whether the end is fixed. For the other end the sequence is handed over in reverse.
 */
function loosen(
  parts: readonly Regex[],
  anchored: boolean,
  anchor: 'text-start' | 'text-end',
): { readonly fixed: boolean; readonly rest: readonly Regex[] } {
  let fixed = anchored;
  let taken = 0;
  for (const part of parts) {
    if (part.kind === 'assert' && part.at === anchor) fixed = true;
    else if (fixed ? !isAnyRepeat(part, 0, true) : !isNullable(part)) break;
    else fixed = false;
    taken += 1;
  }
  const [next, ...rest] = parts.slice(taken);
  if (next === undefined) return { fixed, rest: [] };
  const least: Regex = !fixed && next.kind === 'repeat' ? { ...next, max: next.min } : next;
  return { fixed, rest: [least, ...rest] };
}

/** `.*` or `.+`; `newline` asks for a `.` that matches the newline too. */
function isAnyRepeat(node: Regex, min: number, newline = false): boolean {
  if (node.kind !== 'repeat' || node.inner.kind !== 'any') return false;
  return node.min === min && node.max === Infinity && (node.inner.newline || !newline);
}

/** Whether the node matches the empty text wherever it stands. */
function isNullable(node: Regex): boolean {
  switch (node.kind) {
    case 'empty':
      return true;
    case 'repeat':
      return node.min === 0 || isNullable(node.inner);
    case 'capture':
      return isNullable(node.inner);
    case 'concat':
      return node.parts.every(isNullable);
    case 'alternate':
      return node.options.some(isNullable);
    default:
      return false;
  }
}

interface Word {
  readonly text: string;
  readonly ignoreCase: boolean;
}

/** Every text the node matches, when they are few. */
function finiteWords(node: Regex): Word[] | null {
  switch (node.kind) {
    case 'empty':
      return [{ text: '', ignoreCase: false }];
    case 'none':
      return [];
    case 'literal':
      return [{ text: node.text, ignoreCase: node.ignoreCase }];
    case 'class':
      return classWords(node.ranges);
    case 'capture':
      return finiteWords(node.inner);
    case 'alternate':
      return collect(node.options, (words, more) => [...words, ...more], []);
    case 'concat':
      return collect(node.parts, product, [{ text: '', ignoreCase: false }]);
    case 'repeat':
      return repeatWords(node);
    default:
      return null;
  }
}

function collect(
  nodes: readonly Regex[],
  combine: (words: Word[], more: Word[]) => Word[] | null,
  seed: Word[],
): Word[] | null {
  let words: Word[] | null = seed;
  for (const node of nodes) {
    const more = finiteWords(node);
    words = more === null || words.length * more.length > MAX_ALTERNATIVES ? null : combine(words, more);
    if (words === null || words.length > MAX_ALTERNATIVES) return null;
  }
  return words;
}

function product(left: Word[], right: Word[]): Word[] | null {
  const out: Word[] = [];
  for (const a of left) {
    for (const b of right) {
      if (a.ignoreCase !== b.ignoreCase && !isCaseless(a.ignoreCase ? b.text : a.text)) return null;
      out.push({ text: a.text + b.text, ignoreCase: a.ignoreCase || b.ignoreCase });
    }
  }
  return out;
}

function classWords(ranges: readonly number[]): Word[] | null {
  const out: Word[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    for (let code = ranges[i]!; code <= ranges[i + 1]!; code++) {
      if (out.length === MAX_MEMBERS || code === 0xfffd || (code >= 0xd800 && code <= 0xdfff)) return null;
      out.push({ text: String.fromCodePoint(code), ignoreCase: false });
    }
  }
  return out;
}

function repeatWords(node: Regex & { kind: 'repeat' }): Word[] | null {
  if (node.max > MAX_MEMBERS) return null;
  const counts = Array.from({ length: node.max - node.min + 1 }, (_, i) => node.min + i);
  return finiteWords(alternate(counts.map((count) => concat(Array.from({ length: count }, () => node.inner)))));
}

/** Literals that every match contains. */
function requiredLiterals(node: Regex): string[] {
  switch (node.kind) {
    case 'literal':
      return node.ignoreCase ? [] : [node.text];
    case 'concat':
      return node.parts.flatMap(requiredLiterals);
    case 'repeat':
      return node.min > 0 ? requiredLiterals(node.inner) : [];
    case 'capture':
      return requiredLiterals(node.inner);
    case 'alternate':
      return node.options.map(requiredLiterals).reduce(common);
    default:
      return [];
  }
}

function common(some: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return some.filter((text) => known.has(text));
}

/** The longest literals, in the order of the pattern, without those that are part of another. */
function maximal(literals: readonly string[]): string[] {
  const distinct = [...new Set(literals)];
  const longest = new Set(distinct.toSorted((a, b) => b.length - a.length).slice(0, MAX_REQUIRED));
  return distinct.filter(
    (text) => longest.has(text) && ![...longest].some((other) => other !== text && other.includes(text)),
  );
}

/** Groups do not change what matches, and without them literals meet. */
function withoutCaptures(node: Regex): Regex {
  switch (node.kind) {
    case 'capture':
      return withoutCaptures(node.inner);
    case 'concat':
      return concat(node.parts.map(withoutCaptures));
    case 'alternate':
      return alternate(node.options.map(withoutCaptures));
    case 'repeat':
      return { ...node, inner: withoutCaptures(node.inner) };
    default:
      return node;
  }
}
