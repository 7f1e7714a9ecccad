import { decodeText } from './text.js';

/** Why a line could not be read as JSON, in the words of the scanner Loki uses (buger/jsonparser). */
export class JsonFault extends Error {
  override readonly name = 'JsonFault';
}

/** Thrown as they are: malformed lines are common, stack traces of no use. */
export const FAULTS = {
  object: new JsonFault("Value looks like object, but can't find closing '}' symbol"),
  array: new JsonFault("Value is array, but can't find closing ']' symbol"),
  string: new JsonFault("Value is string, but can't find closing '\"' symbol"),
  json: new JsonFault('Malformed JSON error'),
  type: new JsonFault('Unknown value type'),
  escape: new JsonFault('Encountered an invalid escape sequence in a string'),
  depth: new JsonFault('Value is nested too deeply'),
} as const;

export const SPACE = 0x20;
export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
export const COMMA = 0x2c;
export const COLON = 0x3a;

/** The first position at or after `at` without white space, possibly `end`. */
export function skipSpace(bytes: Buffer, at: number, end: number): number {
  let i = at;
  while (i < end && isSpace(bytes[i]!)) i++;
  return i;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** From a brace to the first key, or to the brace that closes an empty object. */
export function enterObject(bytes: Buffer, at: number, end: number): number {
  if (at >= end || bytes[at] !== OPEN_BRACE) throw FAULTS.object;
  const first = skipSpace(bytes, at + 1, end);
  if (first === end) throw FAULTS.json;
  return first;
}

/** From the opening quote of a key to its closing one. */
export function keyEnd(bytes: Buffer, at: number, end: number): number {
  if (bytes[at] !== QUOTE) throw FAULTS.object;
  const close = stringEnd(bytes, at + 1, end);
  if (close < 0) throw FAULTS.json;
  return close;
}

/** From the closing quote of a key to its value. */
export function valueStart(bytes: Buffer, close: number, end: number): number {
  const colon = skipSpace(bytes, close + 1, end);
  const value = skipSpace(bytes, colon + 1, end);
  if (colon === end || bytes[colon] !== COLON || value === end) throw FAULTS.json;
  return value;
}

/** From behind a value to the next key; where the object ends, the complement of the position behind its brace. */
export function nextKey(bytes: Buffer, at: number, end: number): number {
  const separator = skipSpace(bytes, at, end);
  if (separator === end) throw FAULTS.array;
  if (bytes[separator] === CLOSE_BRACE) return ~(separator + 1);
  if (bytes[separator] !== COMMA) throw FAULTS.object;
  const key = skipSpace(bytes, separator + 1, end);
  if (key === end) throw FAULTS.array;
  if (bytes[key] !== CLOSE_BRACE) return key;
  if (key === separator + 1) throw FAULTS.object; // a comma may stand before the brace, but not close to it
  return ~(key + 1);
}

/** As `nextKey` for the elements of an array. */
export function nextElement(bytes: Buffer, at: number, end: number): number {
  const separator = skipSpace(bytes, at, end);
  if (separator < end && bytes[separator] === CLOSE_BRACKET) return ~(separator + 1);
  if (separator === end || bytes[separator] !== COMMA) throw FAULTS.array;
  const element = skipSpace(bytes, separator + 1, end);
  if (element === end) throw FAULTS.json;
  return element;
}

/** The position behind the value at `at`. Of objects and arrays only the brackets are looked at. */
export function valueEnd(bytes: Buffer, at: number, end: number): number {
  switch (bytes[at]) {
    case QUOTE: {
      const close = stringEnd(bytes, at + 1, end);
      if (close < 0) throw FAULTS.string;
      return close + 1;
    }
    case OPEN_BRACE:
    case OPEN_BRACKET:
      return blockEnd(bytes, at, end);
    default:
      return tokenEnd(bytes, at, end);
  }
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

function blockEnd(bytes: Buffer, at: number, end: number): number {
  const open = bytes[at]!;
  const close = open + 2;
  let level = 0;
  for (let i = at; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === QUOTE) {
      i = stringEnd(bytes, i + 1, end);
      if (i < 0) break;
    } else if (byte === open) level++;
    else if (byte === close && --level === 0) return i + 1;
  }
  throw open === OPEN_BRACE ? FAULTS.object : FAULTS.array;
}

/** A number need only begin like one. */
function tokenEnd(bytes: Buffer, at: number, end: number): number {
  let i = at;
  while (i < end) {
    const byte = bytes[i]!;
    if (byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || isSpace(byte)) break;
    i++;
  }
  const first = bytes[at]!;
  if ((first >= 0x30 && first <= 0x39) || first === 0x2d) return i;
  if (spells(bytes, at, i, TRUE) || spells(bytes, at, i, FALSE) || isNull(bytes, at, i)) return i;
  throw FAULTS.type;
}

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

export function isNull(bytes: Buffer, at: number, end: number): boolean {
  return spells(bytes, at, end, NULL);
}

function spells(bytes: Buffer, at: number, end: number, word: Buffer): boolean {
  if (end - at !== word.length) return false;
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

export function hasEscape(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === BACKSLASH) return true;
  return false;
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const ESCAPE = /\\(?:(["\\/bfnrt])|u([dD][89abAB][\da-fA-F]{2})\\u([dD][c-fC-F][\da-fA-F]{2})|u([\da-fA-F]{4})|)/g;

/**
 * The text of a JSON string's content, with `replacement` for what is no valid UTF-8. Null on an escape that JSON does
 * not have, which includes half a surrogate pair.
 */
export function unescapeJson(bytes: Buffer, start: number, end: number, replacement: string): string | null {
  const raw = decodeText(bytes, start, end, '\ufffd');
  let valid = true;
  const text = raw.replace(ESCAPE, (_, simple?: string, high?: string, low?: string, code?: string) => {
    if (simple !== undefined) return ESCAPES[simple] ?? simple;
    if (high !== undefined) return String.fromCharCode(Number.parseInt(high, 16), Number.parseInt(low!, 16));
    if (code !== undefined && !/^d[89a-f]/i.test(code)) return String.fromCharCode(Number.parseInt(code, 16));
    valid = false;
    return '';
  });
  return valid ? text.replaceAll('\ufffd', replacement) : null;
}
