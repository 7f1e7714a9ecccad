import { RE2JS, RE2JSException, RE2JSSyntaxException, RE2Set } from 're2js';

/**
 * What Go accepts as a regular expression (RE2 syntax, `regexp/syntax` with Perl flags) and how it words a refusal.
 * Acceptance is decided by re2js, a port of Go's parser; repeat counts above 1000, nesting above 1000 levels and
 * programs over Go's size bound are refused there.
 */

/** A query cannot be longer either. In UTF-16 units. */
const MAX_PATTERN = 131_072;
/** Go bounds the height of the tree alike; brackets that add none cost re2js time that grows with their square. */
const MAX_NESTING = 1000;

/** Patterns whose verdicts are kept, and how long these may be: dashboards ask the same again and again. */
const REMEMBERED_MAX = 1000;
const REMEMBERED_LENGTH_MAX = 1000;

/** A pure function of a pattern that takes long. What it throws is not kept. */
function remembering<T extends string | boolean | null>(verdictOn: (pattern: string) => T): (pattern: string) => T {
  const verdicts = new Map<string, T>();
  return (pattern) => {
    if (pattern.length > REMEMBERED_LENGTH_MAX) return verdictOn(pattern);
    if (verdicts.size >= REMEMBERED_MAX) verdicts.clear();
    const known = verdicts.get(pattern);
    if (known !== undefined) return known;
    const verdict = verdictOn(pattern);
    verdicts.set(pattern, verdict);
    return verdict;
  };
}

/** Null when Go would accept the pattern, else Go's text, e.g. ``error parsing regexp: missing closing ): `(` ``. */
export const checkRegex = remembering((pattern: string): string | null => {
  if (pattern.length > MAX_PATTERN) return goText('expression too large', pattern);
  if (scanBrackets(pattern).depth > MAX_NESTING) return goText('expression nests too deeply', pattern);
  try {
    new RE2Set().add(acceptable(pattern)); // parses without building a program
    return null;
  } catch (error) {
    return wording(error, pattern);
  }
});

/** Compiles for re2js. Throws an Error with Go's text on an invalid pattern. */
export function compileRe2(pattern: string): RE2JS {
  const fault = checkRegex(pattern);
  if (fault !== null) throw new Error(fault);
  return RE2JS.compile(acceptable(pattern));
}

/** The names of the capturing groups in order, '' for an unnamed one. The pattern must be valid. */
export function namedGroups(pattern: string): string[] {
  return scanBrackets(pattern).captures.map((capture) => capture.name);
}

/** Whether the pattern, anchored at both ends, matches the empty text. Throws an Error with Go's text when invalid. */
export const matchesEmpty = remembering((pattern: string): boolean => compileRe2(pattern).testExact(''));

/** Go lets several groups share a name; re2js does not, so all but the first lose theirs on the way in. */
function acceptable(pattern: string): string {
  const seen = new Set<string>();
  let out = '';
  let copied = 0;
  for (const { name, start, end } of scanBrackets(pattern).captures) {
    if (name === '') continue;
    if (seen.has(name)) {
      out += `${pattern.slice(copied, start)}(`;
      copied = end;
    }
    seen.add(name);
  }
  return out + pattern.slice(copied);
}

interface Capture {
  readonly name: string;
  /** Where the opening text, such as `(` or `(?P<name>`, starts and ends. */
  readonly start: number;
  readonly end: number;
}

/** The capturing groups in order, and how deep brackets of any kind nest. */
function scanBrackets(pattern: string): { readonly captures: readonly Capture[]; readonly depth: number } {
  const captures: Capture[] = [];
  let open = 0;
  let depth = 0;
  for (let i = 0; i < pattern.length; ) {
    const c = pattern[i];
    const capture = c === '(' ? captureAt(pattern, i) : null;
    if (capture !== null) captures.push(capture);
    if (c === '(') depth = Math.max(depth, ++open);
    if (c === ')') open -= 1;
    if (c === '\\') i = pattern[i + 1] === 'Q' ? quotedEnd(pattern, i) : i + 2;
    else i = c === '[' ? classEnd(pattern, i) : (capture?.end ?? i + 1);
  }
  return { captures, depth };
}

function captureAt(pattern: string, start: number): Capture | null {
  if (pattern[start + 1] !== '?') return { name: '', start, end: start + 1 };
  const nameAt = pattern.startsWith('P<', start + 2) ? start + 4 : pattern[start + 2] === '<' ? start + 3 : -1;
  const close = nameAt < 0 ? -1 : pattern.indexOf('>', nameAt);
  return close < 0 ? null : { name: pattern.slice(nameAt, close), start, end: close + 1 };
}

function quotedEnd(pattern: string, start: number): number {
  const end = pattern.indexOf('\\E', start + 2);
  return end < 0 ? pattern.length : end + 2;
}

function classEnd(pattern: string, start: number): number {
  let i = start + 1;
  if (pattern[i] === '^') i += 1;
  for (let first = true; i < pattern.length && (first || pattern[i] !== ']'); first = false) {
    const posix = pattern.startsWith('[:', i) ? pattern.indexOf(':]', i + 2) : -1;
    if (posix >= 0) i = posix + 2;
    else i += pattern[i] === '\\' ? 2 : 1;
  }
  return i + 1;
}

function wording(error: unknown, pattern: string): string {
  if (error instanceof RE2JSSyntaxException) return goText(error.error, error.input ?? subject(error.error, pattern));
  if (error instanceof RE2JSException) return goText(error.message, pattern);
  throw error;
}

/** Where re2js names no part of the pattern, Go names all of it, except for a trailing backslash. */
function subject(description: string, pattern: string): string {
  return description.startsWith('trailing backslash') ? '' : pattern;
}

function goText(description: string, part: string): string {
  return `error parsing regexp: ${description}: \`${part}\``;
}
