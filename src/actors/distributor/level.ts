import { LevelFields } from './level-fields.js';
import { levelFromJson } from './level-json.js';
import { levelFromLogfmt } from './level-logfmt.js';
import { CRITICAL, DEBUG, ERROR, FATAL, INFO, matchesWord, NO_LEVEL, TRACE, UNKNOWN, WARN } from './level-names.js';

const EQUALS = 0x3d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const word = (text: string): Uint8Array => Buffer.from(text);
const CRITICAL_WORD = word('critical');
const DEBUG_WORD = word('debug');
const ERROR_WORD = word('error');
const ERR_WORD = word('err');
const FATAL_WORD = word('fatal');
const INFO_WORD = word('info');
const TRACE_WORD = word('trace');
const WARN_WORD = word('warn');
const WARNING_WORD = word('warning');

/** What may stand before a level word: bit 0. What may stand after it: bit 1. */
const BOUNDARY = new Uint8Array(256);
for (const byte of Buffer.from(' \t\n[({"\'=|')) BOUNDARY[byte]! |= 1;
for (const byte of Buffer.from(' \t\n[](){}:,!"\'=|')) BOUNDARY[byte]! |= 2;

/** Finds out the level of a log line the way Loki's distributor does; a line costs about a nanosecond a byte. */
export class LevelDetector {
  readonly #fields: LevelFields;
  readonly #maxJsonDepth: number;

  constructor(fields: readonly string[], maxJsonDepth: number) {
    this.#fields = new LevelFields(fields);
    this.#maxJsonDepth = maxJsonDepth;
  }

  /** One of the levels, UNKNOWN where the line tells none. */
  detect(bytes: Uint8Array, start: number, end: number): number {
    const level = looksLikeJson(bytes, start, end)
      ? levelFromJson(bytes, start, end, this.#fields, this.#maxJsonDepth)
      : this.#plain(bytes, start, end);
    return level === NO_LEVEL ? firstLevelWord(bytes, start, end) : level;
  }

  /**
   * Looks for level words and for level keys of logfmt in one pass. A key outranks a word before it, and only a byte
   * that ends one of the keys can make it worth while to read the line as logfmt, which is done at most once.
   */
  #plain(bytes: Uint8Array, start: number, end: number): number {
    const lastBytes = this.#fields.lastBytes;
    let level = start < end ? wordAt(bytes, start, end) : UNKNOWN;
    let at = start;
    for (; at < end && level === NO_LEVEL; at++) {
      const byte = bytes[at]!;
      if ((BOUNDARY[byte]! & 1) === 0) continue;
      if (byte === EQUALS && at > start && lastBytes[bytes[at - 1]!] === 1) {
        return levelFromLogfmt(bytes, start, end, this.#fields);
      }
      level = wordAt(bytes, at + 1, end);
    }
    for (; at < end; at++) {
      if (bytes[at] === EQUALS && lastBytes[bytes[at - 1]!] === 1) {
        const keyed = levelFromLogfmt(bytes, start, end, this.#fields);
        return keyed === NO_LEVEL ? level : keyed;
      }
    }
    return level === NO_LEVEL ? UNKNOWN : level;
  }
}

/** Whether the first character that is not white space opens an object and the last one closes it. */
function looksLikeJson(bytes: Uint8Array, start: number, end: number): boolean {
  let first = start;
  while (first < end && isSpace(bytes[first]!)) first++;
  if (first === end || bytes[first] !== OPEN_BRACE) return false;
  let last = end - 1;
  while (isSpace(bytes[last]!)) last--;
  return bytes[last] === CLOSE_BRACE;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/** The level of the earliest level word that stands alone, or UNKNOWN. */
function firstLevelWord(bytes: Uint8Array, start: number, end: number): number {
  let level = start < end ? wordAt(bytes, start, end) : UNKNOWN;
  for (let at = start; at < end && level === NO_LEVEL; at++) {
    if ((BOUNDARY[bytes[at]!]! & 1) !== 0) level = wordAt(bytes, at + 1, end);
  }
  return level === NO_LEVEL ? UNKNOWN : level;
}

/** The level whose word begins at `at`, in any case, and ends at a boundary; or NO_LEVEL. */
function wordAt(bytes: Uint8Array, at: number, end: number): number {
  switch (bytes[at]! | 0x20) {
    case 0x63:
      return endsWord(bytes, at, end, CRITICAL_WORD) ? CRITICAL : NO_LEVEL;
    case 0x64:
      return endsWord(bytes, at, end, DEBUG_WORD) ? DEBUG : NO_LEVEL;
    case 0x65:
      return endsWord(bytes, at, end, ERROR_WORD) || endsWord(bytes, at, end, ERR_WORD) ? ERROR : NO_LEVEL;
    case 0x66:
      return endsWord(bytes, at, end, FATAL_WORD) ? FATAL : NO_LEVEL;
    case 0x69:
      return endsWord(bytes, at, end, INFO_WORD) ? INFO : NO_LEVEL;
    case 0x74:
      return endsWord(bytes, at, end, TRACE_WORD) ? TRACE : NO_LEVEL;
    case 0x77:
      return endsWord(bytes, at, end, WARN_WORD) || endsWord(bytes, at, end, WARNING_WORD) ? WARN : NO_LEVEL;
    default:
      return NO_LEVEL;
  }
}

function endsWord(bytes: Uint8Array, at: number, end: number, text: Uint8Array): boolean {
  const after = at + text.length;
  if (after > end || !matchesWord(bytes, at, text)) return false;
  return after === end || (BOUNDARY[bytes[after]!]! & 2) !== 0;
}
