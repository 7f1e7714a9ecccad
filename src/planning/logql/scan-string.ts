import { unquoteGo } from '../../wire/go-quote.js';

/** A literal that cannot be read; `message` is the text of Go's scanner. The caller knows the position. */
export class ScanError extends Error {
  override readonly name = 'ScanError';
}

export interface ScannedString {
  readonly value: string;
  /** Offset after the closing quote. */
  readonly end: number;
}

const ESCAPE = String.raw`\\(?:[abfnrtv\\Q]|x[\da-fA-F]{2}|[0-7]{3}|u[\da-fA-F]{4}|U[\da-fA-F]{8})`;
/** What may stand between quotes, up to the first character that may not. */
const STRING_BODY = new RegExp(String.raw`[^"\\\n]*(?:${ESCAPE.replace('Q', '"')}[^"\\\n]*)*`, 'y');
const CHARACTER_BODY = new RegExp(String.raw`(?:[^'\\\n]|${ESCAPE.replace('Q', "'")})*`, 'uy');
const ONE_CHARACTER = /^(?:[^\\]|\\.+)$/u;

/** The text that a sticky pattern matches at an offset, or ''. */
export function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

/** Reads `` `…` ``, in which nothing is special but the closing quote. Throws a ScanError when that is missing. */
export function scanRawString(text: string, start: number): ScannedString {
  const close = text.indexOf('`', start + 1);
  if (close === -1) throw new ScanError('literal not terminated');
  return { value: text.slice(start + 1, close), end: close + 1 };
}

/** Reads `"…"` with Go's escapes. Throws a ScanError. */
export function scanString(text: string, start: number): ScannedString {
  const end = closingQuote(text, start, STRING_BODY) + 1;
  const value = unquoteGo(text.slice(start, end));
  if (value === null) throw new ScanError('invalid syntax');
  return { value, end };
}

/** Passes over a Go character literal such as `'x'`, which is not a string. Returns its end; throws a ScanError. */
export function scanCharacter(text: string, start: number): number {
  const close = closingQuote(text, start, CHARACTER_BODY);
  if (!ONE_CHARACTER.test(text.slice(start + 1, close))) throw new ScanError('invalid char literal');
  return close + 1;
}

function closingQuote(text: string, start: number, body: RegExp): number {
  const at = start + 1 + matchAt(body, text, start + 1).length;
  if (text[at] === '\\') throw new ScanError('invalid char escape');
  if (text[at] !== text[start]) throw new ScanError('literal not terminated');
  return at;
}
