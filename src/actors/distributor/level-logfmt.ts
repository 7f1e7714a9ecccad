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
  let at = start;
  for (;;) {
    while (at < end && bytes[at]! <= SPACE) at++;
    if (at === end) return level;
    const keyStart = at;
    while (at < end && bytes[at]! > SPACE && bytes[at] !== EQUALS && bytes[at] !== QUOTE) at++;
    const keyEnd = at;
    if (bytes[at] === QUOTE && at < end) return level;
    let valueStart = at;
    let valueEnd = at;
    let escaped = false;
    if (at < end && bytes[at] === EQUALS) {
      if (keyEnd === keyStart) return level;
      at++;
      if (at < end && bytes[at] === QUOTE) {
        valueStart = ++at;
        while (at < end && bytes[at] !== QUOTE) {
          if (bytes[at] === BACKSLASH) {
            escaped = true;
            at++;
          }
          at++;
        }
        if (at >= end) return level;
        valueEnd = at++;
      } else {
        valueStart = at;
        while (at < end && bytes[at]! > SPACE && bytes[at] !== EQUALS && bytes[at] !== QUOTE) at++;
        if (at < end && bytes[at]! > SPACE) return level;
        valueEnd = at;
      }
    }
    const rank = fields.rank(bytes, keyStart, keyEnd);
    if (rank === -1 || rank >= best) continue;
    best = rank;
    level = escaped ? levelOfEscaped(bytes, valueStart, valueEnd) : levelOf(bytes, valueStart, valueEnd);
    if (rank === 0) return level;
  }
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
