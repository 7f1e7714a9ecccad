/**
 * A line as words and the text between them, by positions and hashes only.
 *
 * Words are what may become a variable. The text between them is fixed, and so are keys (`key=value`, `"key": value`):
 * lines of one cluster have it in common. A word contains no byte that could open the text behind a word, so a pattern
 * made of words and fixed text finds its places in a line from left to right without ever going back. That is how
 * LogQL's `|>` looks for them, hence a pattern matches every line with the same structure and the same literal words.
 */

const SEPARATOR = 0;
const LETTER = 1;
const DIGIT = 2;
const COLON = 4;

/** Of a character beyond ASCII, whatever it is, or of no character at all; belongs to words. */
const BEYOND = 8;

const KIND = new Uint8Array(256).fill(LETTER, 0, 0x80).fill(BEYOND, 0x80);
for (let byte = 0; byte <= 0x20; byte++) KIND[byte] = SEPARATOR;
for (const byte of Buffer.from('"\'`()[]{}<>,;=|&?!*\\\x7f')) KIND[byte] = SEPARATOR;
for (const byte of Buffer.from('0123456789')) KIND[byte] = DIGIT;
KIND[0x3a] = COLON;

const QUOTE = 0x22;
const EQUALS = 0x3d;
const LESS = 0x3c;
const GREATER = 0x3e;
const COLON_BYTE = 0x3a;
const SPACE = 0x20;

/** FNV-1a (Fowler, Noll, Vo). */
const SEED = 0x811c9dc5 | 0;
const PRIME = 0x01000193;
/** Stands for a word, and for the rest of a line, in the hash of a structure: no byte. */
const WORD = 0x100;
const REST = 0x101;

/** Words of a line that are looked at one by one; what follows is one variable. */
export const WORDS_MAX = 100;

export class LineTokens {
  /** Bytes of the line the positions belong to. */
  bytes: Uint8Array = new Uint8Array(0);
  /** The line is bytes[start, end); from `rest` on it is one variable, which is `end` when there is no such rest. */
  start = 0;
  end = 0;
  rest = 0;
  words = 0;
  isBeyondAscii = false;
  readonly from = new Int32Array(WORDS_MAX);
  readonly to = new Int32Array(WORDS_MAX);
  readonly hash = new Int32Array(WORDS_MAX);
  /** 1 for words with a digit, which vary more often than not. */
  readonly numeric = new Uint8Array(WORDS_MAX);
  /** Hash of all that is not a word. */
  structure = 0;
  /** Hash of all but words with a digit: equal for most lines that one statement of a program writes. */
  kinship = 0;

  /** Reads bytes[start, end), word by word up to `bytesMax`. */
  read(bytes: Uint8Array, start: number, end: number, bytesMax: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.words = 0;
    this.isBeyondAscii = false;
    const limit = Math.min(end, start + bytesMax);
    let structure = SEED;
    let at = start;
    for (;;) {
      for (; at < limit; at++) {
        const kind = KIND[bytes[at]!]!;
        if (kind !== SEPARATOR && (kind !== COLON || isInWord(bytes, at, start, end))) break;
        structure = mix(structure, bytes[at]!);
      }
      const from = at;
      let hash = SEED;
      let kinds = 0;
      for (; at < limit; at++) {
        const kind = KIND[bytes[at]!]!;
        if (kind === SEPARATOR || (kind === COLON && !isInWord(bytes, at, start, end))) break;
        hash = mix(hash, bytes[at]!);
        kinds |= kind;
      }
      const isKey = kinds === LETTER && opensValue(bytes, from, at, start, end);
      const isCut = at === limit && at < end;
      if (from === at || isCut || (!isKey && this.words === WORDS_MAX)) {
        this.rest = from;
        break;
      }
      if (!isKey) this.#add(from, at, hash, kinds);
      structure = mix(structure, isKey ? hash : WORD);
    }
    this.structure = this.rest < end ? mix(structure, REST) : structure;
    this.kinship = this.structure;
    for (let word = 0; word < this.words; word++) {
      this.kinship = mix(this.kinship, this.numeric[word] === 0 ? this.hash[word]! : WORD);
    }
  }

  #add(from: number, to: number, hash: number, kinds: number): void {
    const word = this.words++;
    this.from[word] = from;
    this.to[word] = to;
    this.hash[word] = hash;
    if ((kinds & BEYOND) !== 0) this.isBeyondAscii = true;
    this.numeric[word] = (kinds & DIGIT) === 0 ? 0 : 1;
  }

  /** `<name>` in a pattern would be a capture: what stands in its place must not be a literal. */
  looksLikeCapture(word: number): boolean {
    const from = this.from[word]!;
    const to = this.to[word]!;
    return from > this.start && to < this.end && this.bytes[from - 1] === LESS && this.bytes[to] === GREATER;
  }
}

export function mix(hash: number, value: number): number {
  return Math.imul(hash ^ value, PRIME);
}

/**
 * A colon belongs to a word when it has word bytes on both sides, or one before it and the end of the line after it:
 * `10:20:30` is one word, `error: x` has a word before its colon.
 */
function isInWord(bytes: Uint8Array, colon: number, start: number, end: number): boolean {
  return colon > start && isPlain(bytes[colon - 1]!) && (colon + 1 === end || isPlain(bytes[colon + 1]!));
}

function isPlain(byte: number): boolean {
  const kind = KIND[byte]!;
  return kind !== SEPARATOR && kind !== COLON;
}

/** A key: `key=value`, but neither `key= ` nor padding as in `abc==`; `"key":`. */
function opensValue(bytes: Uint8Array, from: number, to: number, start: number, end: number): boolean {
  if (to + 1 >= end) return false;
  const next = bytes[to + 1]!;
  if (bytes[to] === EQUALS) return next > SPACE && next !== EQUALS;
  return bytes[to] === QUOTE && next === COLON_BYTE && from > start && bytes[from - 1] === QUOTE;
}
