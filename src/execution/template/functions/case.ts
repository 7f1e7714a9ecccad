import { isAscii } from '../../../wire/go-string.js';

/**
 * Go maps case character by character, JS by its longer special mappings (`ß` to `SS`) and by context (final sigma).
 */
export function toUpper(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapRunes(text, upperRune);
}

export function toLower(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapRunes(text, lowerRune);
}

function mapRunes(text: string, map: (rune: string) => string): string {
  let out = '';
  for (const rune of text) out += map(rune);
  return out;
}

function isOneRune(text: string): boolean {
  return text.length === 1 || (text.length === 2 && text.codePointAt(0)! > 0xffff);
}

function upperRune(rune: string): string {
  const upper = rune.toUpperCase();
  return isOneRune(upper) ? upper : withIotaSubscript(rune);
}

/** Greek letters with a subscript iota have a capital of their own, which JS does not use. */
function withIotaSubscript(rune: string): string {
  const code = rune.codePointAt(0)!;
  if (code >= 0x1f80 && code <= 0x1faf) return String.fromCodePoint(code | 8);
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return String.fromCodePoint(code + 9);
  return rune;
}

function lowerRune(rune: string): string {
  if (rune === '\u0130') return 'i';
  return rune.toLowerCase();
}

/** Digraphs with a title case, by their first (upper case) form. */
const DIGRAPHS = [0x1c4, 0x1c7, 0x1ca, 0x1f1];

function titleRune(rune: string): string {
  const code = rune.codePointAt(0)!;
  const digraph = DIGRAPHS.find((first) => code >= first && code < first + 3);
  if (digraph !== undefined) return String.fromCodePoint(digraph + 1);
  // Georgian has capitals, but not at the start of a word.
  if (code >= 0x10d0 && code <= 0x10ff) return rune;
  return upperRune(rune);
}

const WORD = /[\p{L}\p{Nd}_]/u;
const ASCII_WORD = /\w/;

/** strings.Title: the first letter of each word; everything that is no letter, digit or `_` parts words in ASCII, only space beyond. */
export function toTitle(text: string): string {
  let out = '';
  let starts = true;
  for (const rune of text) {
    out += starts ? titleRune(rune) : rune;
    starts = isSeparator(rune);
  }
  return out;
}

function isSeparator(rune: string): boolean {
  if (rune <= '\x7f') return !ASCII_WORD.test(rune);
  return !WORD.test(rune) && isSpace(rune);
}

/** unicode.IsSpace. */
export function isSpace(rune: string): boolean {
  return /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/.test(rune);
}
