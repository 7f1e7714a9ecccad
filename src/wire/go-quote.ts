/**
 * Go string literals. A Go string holds any bytes; here a byte that is not part of valid UTF-8 is kept as the lone
 * surrogate U+DC00 + byte (see go-string.ts), so that escapes such as `\xff` survive.
 */
import { decodeGoBytes, encodeGoString, escapedByte } from './go-string.js';

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '\\': 0x5c,
  "'": 0x27,
  '"': 0x22,
};
const ESCAPE_NAMES: Readonly<Record<number, string>> = { 7: 'a', 8: 'b', 9: 't', 10: 'n', 11: 'v', 12: 'f', 13: 'r' };
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const MAX_RUNE = 0x10ffff;

/** One character of a literal: a code point, or a single byte when it was written as `\xNN` or `\NNN`. */
interface UnquotedChar {
  readonly value: number;
  readonly isByte: boolean;
  readonly length: number;
}

/** strconv.UnquoteChar at `at`, or null when it is not valid inside `quote`. */
export function unquoteGoChar(text: string, at: number, quote: string): UnquotedChar | null {
  const first = text[at];
  if (first === undefined || first === quote) return null;
  if (first !== '\\') {
    const value = text.codePointAt(at)!;
    return { value, isByte: false, length: value > 0xffff ? 2 : 1 };
  }
  const letter = text[at + 1];
  if (letter === undefined) return null;
  if (letter === 'x') return hexEscape(text, at, 2);
  if (letter === 'u') return hexEscape(text, at, 4);
  if (letter === 'U') return hexEscape(text, at, 8);
  if (letter >= '0' && letter <= '7') return octalEscape(text, at);
  const isOtherQuote = (letter === "'" || letter === '"') && letter !== quote;
  const value = SIMPLE_ESCAPES[letter];
  return value === undefined || isOtherQuote ? null : { value, isByte: false, length: 2 };
}

function hexEscape(text: string, at: number, digits: number): UnquotedChar | null {
  const hex = text.slice(at + 2, at + 2 + digits);
  if (hex.length !== digits || !/^[\da-fA-F]+$/.test(hex)) return null;
  const value = Number.parseInt(hex, 16);
  const isSurrogate = value >= 0xd800 && value <= 0xdfff;
  if (digits > 2 && (value > MAX_RUNE || isSurrogate)) return null;
  return { value, isByte: digits === 2, length: 2 + digits };
}

function octalEscape(text: string, at: number): UnquotedChar | null {
  const octal = text.slice(at + 1, at + 4);
  const value = Number.parseInt(octal, 8);
  return /^[0-7]{3}$/.test(octal) && value <= 255 ? { value, isByte: true, length: 4 } : null;
}

/** strconv.Unquote of a `"…"` or `` `…` `` literal; null where Go says `invalid syntax`. */
export function unquoteGo(literal: string): string | null {
  const quote = literal[0];
  if (literal.length < 2 || quote !== literal.at(-1)) return null;
  const body = literal.slice(1, -1);
  if (quote === '`') return body.includes('`') ? null : body.replaceAll('\r', '');
  if (quote !== '"' || body.includes('\n')) return null;
  if (!body.includes('\\')) return body.includes('"') ? null : body;
  let out = '';
  let hasBytes = false;
  for (let at = 0; at < body.length; ) {
    const char = unquoteGoChar(body, at, '"');
    if (char === null) return null;
    out += char.isByte ? escapedByte(char.value) : String.fromCodePoint(char.value);
    hasBytes ||= char.isByte;
    at += char.length;
  }
  return hasBytes ? decodeGoBytes(encodeGoString(out)) : out;
}

/** unicode.IsPrint. */
export function isGoPrintable(rune: string): boolean {
  return PRINTABLE.test(rune);
}

/**
 * strconv.Quote. With `ascii`, everything beyond ASCII is escaped; `delimiter` is the quote character to use and
 * escape.
 */
export function quoteGoString(text: string, ascii = false, delimiter = '"'): string {
  let out = delimiter;
  for (const rune of text) out += quoteRune(rune, ascii, delimiter);
  return out + delimiter;
}

function quoteRune(rune: string, ascii: boolean, delimiter: string): string {
  const code = rune.codePointAt(0)!;
  if (rune === delimiter || rune === '\\') return `\\${rune}`;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  if (isGoPrintable(rune) && (!ascii || code < 0x80)) return rune;
  const name = ESCAPE_NAMES[code];
  if (name !== undefined) return `\\${name}`;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code >= 0xd800 && code <= 0xdfff) return '\\ufffd';
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
