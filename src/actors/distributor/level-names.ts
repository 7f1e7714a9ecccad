/** Levels as small numbers; `NO_LEVEL` where a text names none of them. */
export const NO_LEVEL = -1;
export const UNKNOWN = 0;
export const TRACE = 1;
export const DEBUG = 2;
export const INFO = 3;
export const WARN = 4;
export const ERROR = 5;
export const CRITICAL = 6;
export const FATAL = 7;

export const LEVEL_NAMES = ['unknown', 'trace', 'debug', 'info', 'warn', 'error', 'critical', 'fatal'] as const;

const SPELLINGS: readonly (readonly [string, number])[] = [
  ['trace', TRACE],
  ['trc', TRACE],
  ['debug', DEBUG],
  ['dbg', DEBUG],
  ['info', INFO],
  ['inf', INFO],
  ['information', INFO],
  ['warn', WARN],
  ['wrn', WARN],
  ['warning', WARN],
  ['error', ERROR],
  ['err', ERROR],
  ['critical', CRITICAL],
  ['fatal', FATAL],
];

interface Spelling {
  readonly word: Uint8Array;
  readonly level: number;
}

const BY_LENGTH: readonly (readonly Spelling[])[] = Array.from({ length: 12 }, (_, length) =>
  SPELLINGS.filter(([text]) => text.length === length).map(([text, level]) => ({ word: Buffer.from(text), level })),
);

/** The level a value names in any case, or NO_LEVEL. */
export function levelOf(bytes: Uint8Array, start: number, end: number): number {
  const candidates = BY_LENGTH[end - start];
  if (candidates === undefined) return NO_LEVEL;
  for (let i = 0; i < candidates.length; i++) {
    const spelling = candidates[i]!;
    if (matchesWord(bytes, start, spelling.word)) return spelling.level;
  }
  return NO_LEVEL;
}

/** Whether the word, given in lower-case ASCII letters, stands at `start` in any case. */
export function matchesWord(bytes: Uint8Array, start: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) {
    // Setting bit 5 maps only the upper-case letters onto the lower-case ones.
    if ((bytes[start + i]! | 0x20) !== word[i]) return false;
  }
  return true;
}

/** A known spelling in its canonical form; other text as it is. */
export function normalizeLevel(text: string): string {
  const bytes = Buffer.from(text);
  const level = levelOf(bytes, 0, bytes.length);
  return level === NO_LEVEL ? text : LEVEL_NAMES[level]!;
}

/** OpenTelemetry's severity numbers; what is not an integer counts as info. */
export function levelOfSeverityNumber(text: string): number {
  if (!/^[+-]?[0-9]{1,18}$/.test(text)) return INFO;
  const severity = Number(text);
  if (severity === 0 || severity > 24) return UNKNOWN;
  if (severity <= 4) return TRACE;
  if (severity <= 8) return DEBUG;
  if (severity <= 12) return INFO;
  if (severity <= 16) return WARN;
  return severity <= 20 ? ERROR : FATAL;
}
