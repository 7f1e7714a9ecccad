import type { KeyTree } from './key-tree.js';
import { decodeText } from './text.js';

const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

/** What `next` came upon. */
export const PAIR = 0;
export const FAULT = 1;
export const DONE = 2;

/**
 * Takes a logfmt line apart the way Loki's decoder does (a descendant of go-logfmt): everything up to the space
 * character separates; a key without `=` has an empty value; behind a malformed pair the scan goes on at the next space.
 */
export class LogfmtScanner {
  /** Of the last pair: its number in the tree, and the span of its value without quotes. */
  key = 0;
  valueStart = 0;
  valueEnd = 0;
  /** The value was quoted and holds backslashes; see `unquote`. */
  escaped = false;

  private readonly keys: KeyTree;
  private line: Buffer = Buffer.alloc(0);
  private start = 0;
  private end = 0;
  private at = 0;
  private faultText = '';
  private faultAt = 0;

  constructor(keys: KeyTree) {
    this.keys = keys;
  }

  begin(line: Buffer, start: number, end: number): void {
    this.line = line;
    this.start = start;
    this.end = end;
    this.at = start;
    this.key = 0;
  }

  /** The last fault in Loki's words; positions count bytes from 1. */
  fault(): string {
    return `logfmt syntax error at pos ${this.faultAt - this.start + 1} : ${this.faultText}`;
  }

  next(): number {
    const { line, end } = this;
    let at = this.at;
    while (at < end && line[at]! <= SPACE) at++;
    if (at === end) return DONE;
    const guess = this.keys.guess(0, this.key);
    const equals = this.keys.match(guess, line, at, end, EQUALS);
    if (equals >= 0) {
      this.key = guess;
      return this.value(equals + 1);
    }
    return this.newKey(at);
  }

  private newKey(start: number): number {
    const { line, end } = this;
    let at = start;
    let all = 0;
    for (; at < end; at++) {
      const byte = line[at]!;
      if (byte === EQUALS || byte === QUOTE || byte <= SPACE) break;
      all |= byte;
    }
    const stop = at < end ? line[at]! : SPACE;
    if (stop === QUOTE || at === start) return this.skip(at, stop === QUOTE ? `unexpected '"'` : `unexpected '='`);
    if (all >= 0x80 && line.utf8Slice(start, at).includes('\ufffd')) {
      return stop === EQUALS ? this.skip(at, 'invalid key') : this.fail(at, at, 'invalid key');
    }
    this.key = this.keys.find(0, this.key, line, start, at);
    return stop === EQUALS ? this.value(at + 1) : this.pair(at, at, at);
  }

  private value(start: number): number {
    const { line, end } = this;
    if (start < end && line[start] === QUOTE) return this.quoted(start + 1);
    let at = start;
    for (; at < end; at++) {
      const byte = line[at]!;
      if (byte <= SPACE) break;
      if (byte === EQUALS || byte === QUOTE) return this.skip(at, byte === QUOTE ? `unexpected '"'` : `unexpected '='`);
    }
    return this.pair(start, at, at);
  }

  private quoted(start: number): number {
    const { line, end } = this;
    let escaped = false;
    for (let at = start; at < end; at++) {
      const byte = line[at]!;
      if (byte === QUOTE) {
        const found = this.pair(start, at, at + 1);
        this.escaped = escaped;
        return found;
      }
      if (byte === BACKSLASH) {
        escaped = true;
        at++;
      }
    }
    return this.fail(end, end, 'unterminated quoted value');
  }

  private pair(valueStart: number, valueEnd: number, next: number): number {
    this.valueStart = valueStart;
    this.valueEnd = valueEnd;
    this.escaped = false;
    this.at = next;
    return PAIR;
  }

  /** The text of an escaped value, U+FFFD for what is no valid UTF-8; null when an escape is broken. */
  unquote(): string | null {
    const text = unquoteLogfmt(this.line, this.valueStart, this.valueEnd);
    if (text === null) this.fail(this.at, this.at, 'invalid quoted value');
    return text;
  }

  /** Goes on at the next space behind a fault. */
  private skip(faultAt: number, text: string): number {
    let at = faultAt;
    while (at < this.end && this.line[at]! > SPACE) at++;
    return this.fail(at, faultAt, text);
  }

  private fail(next: number, faultAt: number, text: string): number {
    this.at = next;
    this.faultAt = faultAt;
    this.faultText = text;
    return FAULT;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const ESCAPE = /\\(?:(["\\/'bfnrt])|u([\da-fA-F]{4})|)/g;

function unquoteLogfmt(line: Buffer, start: number, end: number): string | null {
  let valid = true;
  const text = decodeText(line, start, end, '\ufffd').replace(ESCAPE, (_, simple?: string, code?: string) => {
    if (simple !== undefined) return ESCAPES[simple] ?? simple;
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    valid = false;
    return '';
  });
  return valid ? wellFormed(text) : null;
}

/** Halves of surrogate pairs become U+FFFD. */
function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, (unit) =>
    unit.length === 2 ? unit : '\ufffd',
  );
}
