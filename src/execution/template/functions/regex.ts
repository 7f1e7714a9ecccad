import type { RE2JS } from 're2js';
import { compileRe2 } from '../../../planning/regex/syntax.js';
import { checkSize } from '../limits.js';
import { int } from '../value.js';
import { type Callable, define } from './function.js';

/** Patterns may come from labels, so the cache is bounded. */
const CACHED_PATTERNS_MAX = 128;
const patterns = new Map<string, RE2JS>();

/** Throws an Error with Go's text on a bad pattern. */
function compiled(pattern: string): RE2JS {
  const cached = patterns.get(pattern);
  if (cached !== undefined) return cached;
  const regex = compileRe2(pattern);
  if (patterns.size >= CACHED_PATTERNS_MAX) patterns.clear();
  patterns.set(pattern, regex);
  return regex;
}

type Matcher = ReturnType<RE2JS['matcher']>;

/** Go's Regexp.ReplaceAll: an empty match right after another match is not replaced. */
function replaceAll(pattern: string, text: string, expand: (match: Matcher) => string): string {
  const matcher = compiled(pattern).matcher(text);
  let out = '';
  let end = 0;
  while (matcher.find()) {
    if (matcher.end() <= end && matcher.start() > 0) continue;
    out += text.slice(end, matcher.start()) + expand(matcher);
    checkSize(out.length);
    end = matcher.end();
  }
  return out + text.slice(end);
}

const REFERENCE = /\$(?:(\$)|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu;
const GROUP_NUMBER = /^(?:0|[1-9]\d{0,8})$/;

type Part = string | { readonly group: string };

/** Go's Regexp.Expand: `$1`, `${1}`, `$name`, `$$`; an unbraced name is as long as it can be. */
function replacementParts(replacement: string): readonly Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of replacement.matchAll(REFERENCE)) {
    parts.push(replacement.slice(end, match.index));
    parts.push(match[1] ?? { group: (match[2] ?? match[3])! });
    end = match.index + match[0].length;
  }
  parts.push(replacement.slice(end));
  return parts;
}

function expandGroup(match: Matcher, name: string): string {
  if (GROUP_NUMBER.test(name)) {
    const group = Number(name);
    return group <= match.groupCount() ? (match.group(group) ?? '') : '';
  }
  return Object.hasOwn(match.namedGroups, name) ? (match.group(name) ?? '') : '';
}

function regexReplaceAll(pattern: string, text: string, replacement: string): string {
  const parts = replacementParts(replacement);
  return replaceAll(pattern, text, (match) =>
    parts.map((part) => (typeof part === 'string' ? part : expandGroup(match, part.group))).join(''),
  );
}

function count(pattern: string, text: string): number {
  const matcher = compiled(pattern).matcher(text);
  let matches = 0;
  let end = -1;
  while (matcher.find()) {
    if (matcher.start() !== matcher.end() || matcher.start() !== end) matches++;
    end = matcher.end();
  }
  return matches;
}

const WEIGHT = 16;

export const REGEX_FUNCTIONS: Readonly<Record<string, Callable>> = {
  regexReplaceAll: define(['string', 'string', 'string'], regexReplaceAll, WEIGHT),
  regexReplaceAllLiteral: define(
    ['string', 'string', 'string'],
    (pattern, text, replacement) => replaceAll(pattern, text, () => replacement),
    WEIGHT,
  ),
  count: define(['string', 'string'], (pattern, text) => int(count(pattern, text)), WEIGHT),
};
