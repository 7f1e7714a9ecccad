import type { LevelFields } from './level-fields.js';
import { levelOf, NO_LEVEL } from './level-names.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Where a scan stands; reused, so that looking at a line makes nothing. */
interface Cursor {
  at: number;
  level: number;
}

const cursor: Cursor = { at: 0, level: NO_LEVEL };

/** Objects are scanned by recursion; a line can be 256 KiB of opening braces. */
const MAX_NESTING = 64;

const CONTINUE = 0;
const FOUND = 1;
const BROKEN = 2;

/**
 * The level in the first member, in document order, whose key is one of the fields and whose value is a string, down to
 * `maxDepth` objects (0: no limit); NO_LEVEL where there is none, its value names none, or the line breaks off before.
 */
export function levelFromJson(
  bytes: Uint8Array,
  start: number,
  end: number,
  fields: LevelFields,
  maxDepth: number,
): number {
  cursor.at = start;
  cursor.level = NO_LEVEL;
  return scanObject(bytes, end, fields, maxDepth <= 0 ? MAX_NESTING : Math.min(maxDepth, MAX_NESTING)) === FOUND
    ? cursor.level
    : NO_LEVEL;
}

function scanObject(bytes: Uint8Array, end: number, fields: LevelFields, depth: number): number {
  cursor.at = skipSpace(bytes, cursor.at, end);
  if (cursor.at >= end || bytes[cursor.at] !== OPEN_BRACE) return BROKEN;
  cursor.at++;
  for (;;) {
    cursor.at = skipSpace(bytes, cursor.at, end);
    if (cursor.at >= end) return BROKEN;
    if (bytes[cursor.at] === CLOSE_BRACE) break;
    const member = scanMember(bytes, end, fields, depth);
    if (member !== CONTINUE) return member;
    cursor.at = skipSpace(bytes, cursor.at, end);
    if (bytes[cursor.at] !== COMMA || cursor.at >= end) break;
    cursor.at++;
  }
  if (cursor.at >= end || bytes[cursor.at] !== CLOSE_BRACE) return BROKEN;
  cursor.at++;
  return CONTINUE;
}

function scanMember(bytes: Uint8Array, end: number, fields: LevelFields, depth: number): number {
  const at = cursor.at;
  if (at >= end || bytes[at] !== QUOTE) return BROKEN;
  const keyEnd = stringEnd(bytes, at + 1, end);
  if (keyEnd === -1) return BROKEN;
  const colon = skipSpace(bytes, keyEnd + 1, end);
  if (colon >= end || bytes[colon] !== COLON) return BROKEN;
  const value = skipSpace(bytes, colon + 1, end);
  if (value >= end) return BROKEN;
  switch (bytes[value]) {
    case QUOTE: {
      const valueEnd = stringEnd(bytes, value + 1, end);
      if (valueEnd === -1) return BROKEN;
      cursor.at = valueEnd + 1;
      if (!fields.has(bytes, at + 1, keyEnd)) return CONTINUE;
      cursor.level = levelOf(bytes, value + 1, valueEnd);
      return FOUND;
    }
    case OPEN_BRACE: {
      if (depth <= 1) return skipBlock(bytes, value, end, OPEN_BRACE, CLOSE_BRACE);
      cursor.at = value;
      const nested = scanObject(bytes, end, fields, depth - 1);
      // What an object holds counts only if the object ends.
      return nested === FOUND && blockEnd(bytes, value, end, OPEN_BRACE, CLOSE_BRACE) === -1 ? BROKEN : nested;
    }
    case OPEN_BRACKET:
      return skipBlock(bytes, value, end, OPEN_BRACKET, CLOSE_BRACKET);
    default:
      return scanLiteral(bytes, value, end);
  }
}

function skipBlock(bytes: Uint8Array, start: number, end: number, open: number, close: number): number {
  cursor.at = blockEnd(bytes, start, end, open, close);
  return cursor.at === -1 ? BROKEN : CONTINUE;
}

/** Numbers, true, false and null; what they say does not matter. */
function scanLiteral(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start]!;
  const known =
    (first >= 0x30 && first <= 0x39) || first === 0x2d || first === 0x74 || first === 0x66 || first === 0x6e;
  if (!known) return BROKEN;
  let at = start;
  while (at < end && !endsLiteral(bytes[at]!)) at++;
  cursor.at = at;
  return CONTINUE;
}

function endsLiteral(byte: number): boolean {
  return byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || isSpace(byte);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function skipSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isSpace(bytes[at]!)) at++;
  return at;
}

/** Index of the quote that closes the string whose first byte is at `start`, or -1. */
function stringEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at++;
  }
  return -1;
}

/** Index after the bracket that closes the one at `start`, looking only at this kind of bracket and past strings. */
function blockEnd(bytes: Uint8Array, start: number, end: number, open: number, close: number): number {
  let level = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = stringEnd(bytes, at + 1, end);
      if (at === -1) return -1;
    } else if (byte === open) level++;
    else if (byte === close && --level === 0) return at + 1;
  }
  return -1;
}
