import { goLength, goSlice } from '../../../wire/go-string.js';
import { checkSize, templateOutputMax } from '../limits.js';
import { toLower, toTitle, toUpper } from './case.js';
import { type Callable, define } from './function.js';

const SPACE = '[\\t-\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const LEADING_SPACE = new RegExp(`^${SPACE}+`);
const SPACE_CHAR = new RegExp(SPACE);

/** strings.TrimSpace; JS trims other characters. */
export function trimSpace(text: string): string {
  let end = text.length;
  while (end > 0 && SPACE_CHAR.test(text[end - 1]!)) end--;
  return text.slice(0, end).replace(LEADING_SPACE, '');
}

/** Removes characters of the set from either end. */
function trimSet(text: string, set: string, left: boolean, right: boolean): string {
  const runes = new Set(set);
  if (runes.size === 0) return text;
  let start = 0;
  let end = text.length;
  while (left && start < end) {
    const rune = String.fromCodePoint(text.codePointAt(start)!);
    if (!runes.has(rune)) break;
    start += rune.length;
  }
  while (right && end > start) {
    const isPair = /[\ud800-\udbff]/.test(text[end - 2] ?? '') && /[\udc00-\udfff]/.test(text[end - 1]!);
    const rune = text.slice(end - (isPair ? 2 : 1), end);
    if (!runes.has(rune)) break;
    end -= rune.length;
  }
  return text.slice(start, end);
}

function trimPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

function trimSuffix(text: string, suffix: string): string {
  return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
}

/** strings.Replace: the first `max` occurrences, all when it is negative; an empty `old` matches around every character. */
function replace(text: string, old: string, by: string, max: number): string {
  if (old === by || max === 0) return text;
  const isSmall = text.length * (1 + by.length) <= templateOutputMax;
  // A function, because JS gives `$` in a text a meaning.
  if (old !== '' && max < 0 && isSmall)
    return by.includes('$') ? text.replaceAll(old, () => by) : text.replaceAll(old, by);
  const parts = old === '' ? ['', ...text, ''] : text.split(old);
  const places = parts.length - 1;
  const count = max < 0 ? places : Math.min(max, places);
  checkSize(text.length + count * by.length);
  if (count === places) return parts.join(by);
  return `${parts.slice(0, count).join(by)}${by}${parts.slice(count).join(old)}`;
}

/** sprig trunc, by bytes: the first n, or the last -n. */
function trunc(n: number, text: string): string {
  const length = goLength(text);
  if (n < 0 && length + n > 0) return goSlice(text, length + n, length);
  return n >= 0 && length > n ? goSlice(text, 0, n) : text;
}

/** sprig substr, by bytes; panics where Go's slicing does. */
function substr(start: number, end: number, text: string): string {
  const length = goLength(text);
  if (start < 0) {
    if (end < 0) throw new Error(`runtime error: slice bounds out of range [:${end}]`);
    if (end > length) throw new Error(`runtime error: slice bounds out of range [:${end}] with length ${length}`);
    return goSlice(text, 0, end);
  }
  const stop = end < 0 || end > length ? length : end;
  if (start > stop) throw new Error(`runtime error: slice bounds out of range [${start}:${stop}]`);
  return goSlice(text, start, stop);
}

function repeat(count: number, text: string): string {
  if (count < 0) throw new Error('strings: negative Repeat count');
  checkSize(count * text.length);
  return text.repeat(count);
}

function indent(spaces: number, text: string): string {
  if (spaces < 0) throw new Error('strings: negative Repeat count');
  const lines = text.split('\n');
  checkSize(text.length + lines.length * spaces);
  const padding = ' '.repeat(spaces);
  return padding + lines.join(`\n${padding}`);
}

/** Go's argument order, the subject first: Loki's older functions. */
const SUBJECT_FIRST: Readonly<Record<string, Callable>> = {
  ToLower: define(['string'], toLower),
  ToUpper: define(['string'], toUpper),
  Replace: define(['string', 'string', 'string', 'int'], replace),
  Trim: define(['string', 'string'], (text, set) => trimSet(text, set, true, true)),
  TrimLeft: define(['string', 'string'], (text, set) => trimSet(text, set, true, false)),
  TrimRight: define(['string', 'string'], (text, set) => trimSet(text, set, false, true)),
  TrimPrefix: define(['string', 'string'], trimPrefix),
  TrimSuffix: define(['string', 'string'], trimSuffix),
  TrimSpace: define(['string'], trimSpace),
};

/** sprig's order, the subject last. */
export const STRING_FUNCTIONS: Readonly<Record<string, Callable>> = {
  ...SUBJECT_FIRST,
  lower: define(['string'], toLower),
  upper: define(['string'], toUpper),
  title: define(['string'], toTitle),
  trunc: define(['int', 'string'], trunc),
  substr: define(['int', 'int', 'string'], substr),
  contains: define(['string', 'string'], (part, text) => text.includes(part)),
  hasPrefix: define(['string', 'string'], (prefix, text) => text.startsWith(prefix)),
  hasSuffix: define(['string', 'string'], (suffix, text) => text.endsWith(suffix)),
  indent: define(['int', 'string'], indent),
  nindent: define(['int', 'string'], (spaces, text) => `\n${indent(spaces, text)}`),
  replace: define(['string', 'string', 'string'], (old, by, text) => replace(text, old, by, -1)),
  repeat: define(['int', 'string'], repeat),
  trim: define(['string'], trimSpace),
  trimAll: define(['string', 'string'], (set, text) => trimSet(text, set, true, true)),
  trimSuffix: define(['string', 'string'], (suffix, text) => trimSuffix(text, suffix)),
  trimPrefix: define(['string', 'string'], (prefix, text) => trimPrefix(text, prefix)),
};
