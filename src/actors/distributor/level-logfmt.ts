import type { LevelFields } from './level-fields.js';
import { levelOf, NO_LEVEL } from './level-names.js';

const SPACE = 0x20;
const QUOTE = 0x22;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;

/**
 * The level held by the first field of the list that occurs as a key of a logfmt line, or NO_LEVEL. Reads like Loki's
 * decoder: it stops at the first thing that is not logfmt, and what it found before that counts.
 */
export function levelFromLogfmt(bytes: Uint8Array, start: number, end: number, fields: LevelFields): number {
  let best = Number.MAX_SAFE_INTEGER;
  let level = NO_LEVEL;
  for (let at = start; ; ) {
    while (at < end && bytes[at]! <= SPACE) at++;
    if (at === end) return level;
    const keyStart = at;
    const keyEnd = wordEnd(bytes, at, end);
    at = keyEnd;
    // A key without a value counts like one with an empty value.
    let isQuoted = false;
    let valueStart = at;
    let valueEnd = at;
    if (at < end && bytes[at]! > SPACE) {
      if (bytes[at] !== EQUALS || keyEnd === keyStart) return level;
      isQuoted = at + 1 < end && bytes[at + 1] === QUOTE;
      valueStart = isQuoted ? at + 2 : at + 1;
      valueEnd = isQuoted ? quoteEnd(bytes, valueStart, end) : wordEnd(bytes, valueStart, end);
      if (isQuoted ? valueEnd === -1 : valueEnd < end && bytes[valueEnd]! > SPACE) return level;
      at = isQuoted ? valueEnd + 1 : valueEnd;
    }
    const rank = fields.rank(bytes, keyStart, keyEnd);
    if (rank === -1 || rank >= best) continue;
    best = rank;
    level = isQuoted ? levelOfQuoted(bytes, valueStart, valueEnd) : levelOf(bytes, valueStart, valueEnd);
    if (rank === 0) return level;
  }
}

/** Where a run of bytes ends that are neither space nor control character nor `=` nor a quote. */
function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at]! > SPACE && bytes[at] !== EQUALS && bytes[at] !== QUOTE) at++;
  return at;
}

/** Index of the quote that closes the value, or -1. */
function quoteEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    if (bytes[at] === QUOTE) return at;
    if (bytes[at] === BACKSLASH) at++;
  }
  return -1;
}

function levelOfQuoted(bytes: Uint8Array, start: number, end: number): number {
  // The longest spelling is eleven letters, and an escape takes at most six bytes.
  if (end - start > 66) return NO_LEVEL;
  for (let at = start; at < end; at++) if (bytes[at] === BACKSLASH) return levelOfEscaped(bytes, start, end);
  return levelOf(bytes, start, end);
}

function levelOfEscaped(bytes: Uint8Array, start: number, end: number): number {
  const text = unescaped(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8'));
  const value = Buffer.from(text);
  return levelOf(value, 0, value.length);
}

function unescaped(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return '';
  }
}
