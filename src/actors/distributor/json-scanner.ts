import { type ByteRun, byteRun, copyBytes } from '../../wire/byte-copy.js';
import { raise } from '../../wire/fault.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;

const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;

const MAX_DEPTH = 512;

/** 1 for the bytes at which a run of plain string bytes stops: the quote, the backslash and control characters. */
const STOPS = new Uint8Array(256).fill(1, 0, 0x20);
STOPS[QUOTE] = 1;
STOPS[BACKSLASH] = 1;

const IS_QUOTE = 1;
const IS_OPEN = 2;
const IS_CLOSE = 3;
const STRUCTURE = new Uint8Array(256);
STRUCTURE[QUOTE] = IS_QUOTE;
STRUCTURE[OPEN_BRACE] = IS_OPEN;
STRUCTURE[OPEN_BRACKET] = IS_OPEN;
STRUCTURE[CLOSE_BRACE] = IS_CLOSE;
STRUCTURE[CLOSE_BRACKET] = IS_CLOSE;

const NAMES: readonly Uint8Array[] = ['null', 'true', 'false'].map((name) => Buffer.from(name));

const SIMPLE_ESCAPES = new Uint8Array(256);
for (const [letter, code] of Object.entries({ '"': 34, '\\': 92, '/': 47, b: 8, f: 12, n: 10, r: 13, t: 9 })) {
  SIMPLE_ESCAPES[letter.charCodeAt(0)] = code;
}

/**
 * A pull parser for JSON (RFC 8259) over bytes that makes no strings: a string is reported as a range of `source`. Raw
 * bytes that are not UTF-8 pass through, as they do in Loki. Every method throws a FaultError (`bad-request`) on bytes
 * that are not JSON or not what it was asked for.
 */
export class JsonScanner {
  /** The text, and where it has escapes as much room again after it, into which strings are written unescaped. */
  readonly source: ByteRun;
  /** The string read last. */
  start = 0;
  end = 0;
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #length: number;
  #room: number;

  /** `room` may be used for text and unescaped strings where it is large enough. */
  constructor(text: Uint8Array, room: ByteRun) {
    this.#length = text.length;
    this.#room = text.length;
    if (text.indexOf(BACKSLASH) === -1) this.source = byteRun(text);
    else {
      this.source = room.bytes.length < 2 * text.length ? byteRun(new Uint8Array(2 * text.length)) : room;
      this.source.bytes.set(text);
    }
    this.#bytes = this.source.bytes;
  }

  /** Strings that were read before may be overwritten from here on. */
  forget(): void {
    this.#room = this.#length;
  }

  /** The first byte of the next value or mark; 0 at the end. */
  peek(): number {
    const bytes = this.#bytes;
    let at = this.at;
    while (at < this.#length) {
      const byte = bytes[at]!;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        this.at = at;
        return byte;
      }
      at++;
    }
    this.at = at;
    return 0;
  }

  expect(mark: number): void {
    if (this.peek() !== mark) this.fail(`expected '${String.fromCharCode(mark)}'`);
    this.at++;
  }

  /** After '[' or '{', or after an element or member: whether another one follows. Reads the mark in between. */
  more(close: number, isFirst: boolean): boolean {
    const byte = this.peek();
    if (byte === close) {
      this.at++;
      return false;
    }
    if (isFirst) return true;
    if (byte !== COMMA) this.fail(`expected ',' or '${String.fromCharCode(close)}'`);
    this.at++;
    return true;
  }

  /** Reads a member's key, which becomes the string read last, and the colon. */
  key(): void {
    this.string();
    this.expect(COLON);
  }

  /** Whether the string read last is the given text. */
  is(text: Uint8Array): boolean {
    if (this.end - this.start !== text.length) return false;
    for (let i = 0; i < text.length; i++) if (this.#bytes[this.start + i] !== text[i]) return false;
    return true;
  }

  text(): string {
    return Buffer.from(
      this.source.bytes.buffer,
      this.source.bytes.byteOffset + this.start,
      this.end - this.start,
    ).toString();
  }

  string(): void {
    if (this.peek() !== QUOTE) this.fail('expected a string');
    const start = this.at + 1;
    const stop = this.#plainEnd(start);
    if (this.#bytes[stop] === QUOTE) {
      this.start = start;
      this.end = stop;
      this.at = stop + 1;
    } else this.#unescape(start, stop);
  }

  /** Passes over one value of any kind. */
  skip(depth = 0): void {
    const byte = this.peek();
    if (byte === QUOTE) this.#skipString();
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (depth === MAX_DEPTH) this.fail('exceeded max depth');
      const close = byte + 2;
      this.at++;
      for (let first = true; this.more(close, first); first = false) {
        if (byte === OPEN_BRACE) {
          if (this.peek() !== QUOTE) this.fail('expected a key');
          this.#skipString();
          this.expect(COLON);
        }
        this.skip(depth + 1);
      }
    } else this.#literal();
  }

  /**
   * Passes over one value that will be read later, which is when what is wrong inside will be noticed. Several times
   * faster than `skip`.
   */
  leap(): void {
    const first = this.peek();
    if (first === OPEN_BRACE || first === OPEN_BRACKET) this.at = this.#blockEnd(this.at);
    else this.skip();
  }

  /** Index after the bracket that closes the one at `start`. */
  #blockEnd(start: number): number {
    const bytes = this.#bytes;
    const length = this.#length;
    let depth = 0;
    let at = start;
    while (at < length) {
      const kind = STRUCTURE[bytes[at++]!]!;
      if (kind === 0) continue;
      if (kind === IS_QUOTE) {
        while (at < length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
        at++;
      } else if (kind === IS_OPEN) depth++;
      else if (--depth === 0) return at;
    }
    this.at = length;
    return this.fail('unexpected end of input');
  }

  /** Whether the next value is null; reads it if so. */
  isNull(): boolean {
    if (this.peek() !== 0x6e) return false;
    this.#literal();
    return true;
  }

  fail(problem: string): never {
    return raise('bad-request', `push request: ${problem}, error found in #${this.at} byte of the body`);
  }

  /** A number, true, false or null. */
  #literal(): void {
    for (let i = 0; i < NAMES.length; i++) if (this.#name(NAMES[i]!)) return;
    if (this.#byte(this.at) === MINUS) this.at++;
    if (this.#byte(this.at) === ZERO) this.at++;
    else this.#digits();
    if (this.#byte(this.at) === DOT) {
      this.at++;
      this.#digits();
    }
    if ((this.#byte(this.at) | 0x20) === 0x65) {
      this.at++;
      if (this.#byte(this.at) === MINUS || this.#byte(this.at) === PLUS) this.at++;
      this.#digits();
    }
  }

  #name(name: Uint8Array): boolean {
    for (let i = 0; i < name.length; i++) if (this.#byte(this.at + i) !== name[i]) return false;
    this.at += name.length;
    return true;
  }

  #digits(): void {
    const start = this.at;
    while (isDigit(this.#byte(this.at))) this.at++;
    if (this.at === start) this.fail('expected a value');
  }

  #byte(at: number): number {
    return at < this.#length ? this.#bytes[at]! : 0;
  }

  /** Index of the first byte from `start` on that is not a plain one. */
  #plainEnd(start: number): number {
    const bytes = this.#bytes;
    const length = this.#length;
    let at = start;
    while (at < length && STOPS[bytes[at]!] === 0) at++;
    if (at >= length) this.fail('unexpected end of input in a string');
    if (bytes[at]! < 0x20) this.fail('invalid control character in a string');
    return at;
  }

  #skipString(): void {
    let stop = this.#plainEnd(this.at + 1);
    while (this.#bytes[stop] === BACKSLASH) {
      if (stop + 1 >= this.#length) this.fail('unexpected end of input in a string');
      stop = this.#plainEnd(stop + 2);
    }
    this.at = stop + 1;
  }

  #unescape(start: number, firstStop: number): void {
    const bytes = this.#bytes;
    this.start = this.#room;
    let from = start;
    let stop = firstStop;
    for (;;) {
      copyBytes(this.source, from, this.source, this.#room, stop - from);
      this.#room += stop - from;
      this.at = stop;
      if (bytes[stop] === QUOTE) break;
      from = this.#escape(stop + 1);
      stop = this.#plainEnd(from);
    }
    this.end = this.#room;
    this.at = stop + 1;
  }

  /** Writes what the escape whose letter is at `at` stands for, and returns where it ends. */
  #escape(at: number): number {
    const letter = at < this.#length ? this.#bytes[at]! : 0;
    const simple = SIMPLE_ESCAPES[letter]!;
    if (simple !== 0) {
      this.#bytes[this.#room++] = simple;
      return at + 1;
    }
    if (letter !== 0x75) this.fail('invalid escape in a string');
    const unit = this.#hex(at + 1);
    if (unit >= 0xd800 && unit < 0xdc00 && this.#bytes[at + 5] === BACKSLASH && this.#bytes[at + 6] === 0x75) {
      const low = this.#hex(at + 7);
      if (low >= 0xdc00 && low < 0xe000) {
        this.#write(0x10000 + (unit - 0xd800) * 0x400 + (low - 0xdc00));
        return at + 11;
      }
    }
    // A surrogate without its partner, which JavaScript's JSON.stringify does produce.
    this.#write(unit >= 0xd800 && unit < 0xe000 ? 0xfffd : unit);
    return at + 5;
  }

  #hex(at: number): number {
    let value = 0;
    for (let i = at; i < at + 4; i++) {
      const byte = i < this.#length ? this.#bytes[i]! : 0;
      const lower = byte | 0x20;
      const digit = byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
      if (digit === -1) this.fail('invalid unicode escape in a string');
      value = value * 16 + digit;
    }
    return value;
  }

  #write(code: number): void {
    const bytes = this.#bytes;
    if (code < 0x80) bytes[this.#room++] = code;
    else if (code < 0x800) {
      bytes[this.#room++] = 0xc0 | (code >> 6);
      bytes[this.#room++] = 0x80 | (code & 0x3f);
    } else {
      if (code < 0x10000) bytes[this.#room++] = 0xe0 | (code >> 12);
      else {
        bytes[this.#room++] = 0xf0 | (code >> 18);
        bytes[this.#room++] = 0x80 | ((code >> 12) & 0x3f);
      }
      bytes[this.#room++] = 0x80 | ((code >> 6) & 0x3f);
      bytes[this.#room++] = 0x80 | (code & 0x3f);
    }
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}
