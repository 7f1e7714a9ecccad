import { decodeText } from './text.js';

/** How the JSON scanner Loki uses (buger/jsonparser) words what it could not read. */
export const JsonFault = {
  object: "Value looks like object, but can't find closing '}' symbol",
  array: "Value is array, but can't find closing ']' symbol",
  string: "Value is string, but can't find closing '\"' symbol",
  json: 'Malformed JSON error',
  type: 'Unknown value type',
  escape: 'Encountered an invalid escape sequence in a string',
  depth: 'Value is nested too deeply',
} as const;

export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;

/** The first position at or after `at` without white space; `end` when there is none. */
export function skipSpace(bytes: Buffer, at: number, end: number): number {
  let i = at;
  while (i < end) {
    const byte = bytes[i]!;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    i++;
  }
  return i;
}

/** The position of the quote that ends a string whose content begins at `at`, or -1. */
export function stringEnd(bytes: Buffer, at: number, end: number): number {
  for (let i = at; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) return i;
    if (byte === BACKSLASH) i++;
  }
  return -1;
}

/** The position behind the bracket that closes the one at `at`, or -1. Brackets of the other kind do not count. */
export function blockEnd(bytes: Buffer, at: number, end: number): number {
  const open = bytes[at]!;
  const close = open + 2;
  let level = 0;
  for (let i = at; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) {
      i = stringEnd(bytes, i + 1, end);
      if (i < 0) return -1;
    } else if (byte === open) level++;
    else if (byte === close && --level === 0) return i + 1;
  }
  return -1;
}

/** The end of a number, `true`, `false` or `null`. */
export function tokenEnd(bytes: Buffer, at: number, end: number): number {
  let i = at;
  while (i < end) {
    const byte = bytes[i]!;
    if (byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET) break;
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) break;
    i++;
  }
  return i;
}

/** What a token is, 'unknown' when it is nothing JSON has; a number need only begin like one. */
export function tokenKind(bytes: Buffer, at: number, end: number): 'number' | 'boolean' | 'null' | 'unknown' {
  const first = bytes[at]!;
  if ((first >= 0x30 && first <= 0x39) || first === 0x2d) return 'number';
  if (first === 0x74) return spells(bytes, at, end, 'true') ? 'boolean' : 'unknown';
  if (first === 0x66) return spells(bytes, at, end, 'false') ? 'boolean' : 'unknown';
  return spells(bytes, at, end, 'null') ? 'null' : 'unknown';
}

function spells(bytes: Buffer, at: number, end: number, word: string): boolean {
  if (end - at !== word.length) return false;
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word.charCodeAt(i)) return false;
  return true;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

const ESCAPE = /\\(?:(["\\/bfnrt])|u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|)/g;

/**
 * The text of a JSON string's content, each code point that is no valid UTF-8 as `replacement`. Null on an escape that
 * JSON does not have, which includes half a surrogate pair.
 */
export function unescapeJson(bytes: Buffer, start: number, end: number, replacement: string): string | null {
  const raw = decodeText(bytes, start, end, '\ufffd');
  let valid = true;
  const text = raw.replace(ESCAPE, (_, simple?: string, high?: string, low?: string, code?: string) => {
    if (simple !== undefined) return ESCAPES[simple]!;
    if (high !== undefined) return String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low!, 16));
    if (code !== undefined && !/^d[89a-f]/i.test(code)) return String.fromCharCode(Number.parseInt(code, 16));
    valid = false;
    return '';
  });
  return valid ? text.replaceAll('\ufffd', replacement) : null;
}
