import { parsePrometheusDuration } from '../../wire/duration.js';
import { type LogQLError, messageOf, parseError, positionAt } from './error.js';
import { scanBytes, scanDuration, scanNumber } from './scan-number.js';
import { matchAt, ScanError, type ScannedString, scanCharacter, scanRawString, scanString } from './scan-string.js';
import { FUNCTION_KINDS, SIGN_KINDS, type Token, type TokenKind, WORD_KINDS } from './token.js';

const BLANK = /(?:[ \t\r\n]+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const IDENTIFIER = /[\p{L}_][\p{L}\p{Nd}_]*/uy;
const FLAG = /--[\p{L}-]+/uy;
const FLAGS: ReadonlySet<string> = new Set(['--strict', '--keep-empty']);
/** What makes a function of a function's name. */
const CALL = /\s*(?:\(|(?:by|without)(?![\p{L}\p{Nd}_]))/iuy;
/** NUL, and surrogates without their other half. */
const UNREADABLE = /[\0\ud800-\udfff]/u;

/** Cuts LogQL into tokens on demand, as Go's text/scanner does with Loki's additions. */
export class Lexer {
  readonly #text: string;
  readonly #unreadable: number;
  #at: number;
  /** Where the latest token starts: Go's scanner reports what it reads ahead at that position. */
  #start = 0;

  constructor(text: string) {
    this.#text = text;
    this.#unreadable = text.search(UNREADABLE);
    this.#at = text.startsWith('\ufeff') ? 1 : 0;
  }

  /** The next token; `$end` for ever after the last. Throws a LogQLError. */
  next(): Token {
    const text = this.#text;
    this.#at += matchAt(BLANK, text, this.#at).length;
    this.#refuseUnreadable(this.#at + 1);
    this.#start = this.#at;
    if (this.#at >= text.length) return this.#token('$end', text.length);
    if (text.startsWith('/*', this.#at)) throw this.#error('comment not terminated');
    try {
      const token = this.#scan(text[this.#at]!);
      this.#refuseUnreadable(this.#at + 1);
      return token;
    } catch (error) {
      throw error instanceof ScanError ? this.#error(error.message) : error;
    }
  }

  #scan(first: string): Token {
    const text = this.#text;
    const start = this.#start;
    switch (first) {
      case '"':
        return this.#string(scanString(text, start));
      case '`':
        return this.#string(scanRawString(text, start));
      case "'":
        return this.#name(scanCharacter(text, start));
      case '[':
        return this.#range();
      case '-':
        return this.#minus();
    }
    if (isDigit(first) || (first === '.' && isDigit(text[start + 1] ?? ''))) return this.#number();
    const word = matchAt(IDENTIFIER, text, start);
    if (word !== '') return this.#word(word);
    const pair = text.slice(start, start + 2);
    const sign = SIGN_KINDS.get(pair) ?? SIGN_KINDS.get(first);
    if (sign !== undefined) return this.#token(sign, start + sign.length, '', 0, sign.length === 2);
    // As in Loki, any other character is a name: the parser then says that it is unexpected.
    return this.#name(start + String.fromCodePoint(text.codePointAt(start)!).length);
  }

  #word(word: string): Token {
    const end = this.#start + word.length;
    const lower = word.toLowerCase();
    const call = FUNCTION_KINDS.get(lower);
    if (call !== undefined) return matchAt(CALL, this.#text, end) === '' ? this.#name(end) : this.#token(call, end);
    const keyword = WORD_KINDS.get(lower);
    return keyword === undefined ? this.#name(end) : this.#token(keyword, end);
  }

  #number(): Token {
    const end = scanNumber(this.#text, this.#start);
    const duration = scanDuration(this.#text, this.#start, end);
    if (duration !== undefined) return this.#token('DURATION', duration.end, '', duration.value, true);
    const bytes = scanBytes(this.#text, this.#start, end);
    if (bytes !== undefined) return this.#token('BYTES', bytes.end, '', bytes.value, true);
    return this.#token('NUMBER', end, this.#text.slice(this.#start, end));
  }

  #minus(): Token {
    const flag = matchAt(FLAG, this.#text, this.#start);
    if (FLAGS.has(flag)) return this.#token('FUNCTION_FLAG', this.#start + flag.length, flag, 0, true);
    const end = this.#start + 1;
    const duration = scanDuration(this.#text, this.#start, end);
    if (duration === undefined) return this.#token('-', end);
    return this.#token('DURATION', duration.end, '', duration.value, true);
  }

  /** `[5m]`: raw text up to the bracket, and integers only. */
  #range(): Token {
    const close = this.#text.indexOf(']', this.#start);
    if (close === -1) throw this.#error("missing closing ']' in duration", true);
    try {
      const value = parsePrometheusDuration(this.#text.slice(this.#start + 1, close));
      return this.#token('RANGE', close + 1, '', value, true);
    } catch (error) {
      throw this.#error(messageOf(error), true);
    }
  }

  #string(scanned: ScannedString): Token {
    return this.#token('STRING', scanned.end, scanned.value);
  }

  #name(end: number): Token {
    return this.#token('IDENTIFIER', end, this.#text.slice(this.#start, end));
  }

  #token(kind: TokenKind, end: number, text = '', value = 0, lineless = false): Token {
    this.#at = end;
    return { kind, text, value, start: this.#start, lineless };
  }

  #refuseUnreadable(before: number): void {
    if (this.#unreadable === -1 || this.#unreadable >= before) return;
    const nul = this.#text[this.#unreadable] === '\0';
    throw this.#error(nul ? 'invalid character NUL' : 'invalid UTF-8 encoding');
  }

  #error(detail: string, lineless = false): LogQLError {
    const { line, column } = positionAt(this.#text, this.#start);
    return parseError(detail, lineless ? 0 : line, column);
  }
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9' && char.length === 1;
}
