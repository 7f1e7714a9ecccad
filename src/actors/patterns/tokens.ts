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

/** Bytes of characters beyond ASCII belong to words, whatever the character. */
const KIND = new Uint8Array(256).fill(LETTER);
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
  readonly from = new Int32Array(WORDS_MAX);
  readonly to = new Int32Array(WORDS_MAX);
  readonly hash = new Int32Array(WORDS_MAX);
  /** 1 for words with a digit, which vary more often than not. */
  readonly numeric = new Uint8Array(WORDS_MAX);
  /** Hash of all that is not a word. */
  structure = 0;

  /** Reads bytes[start, end), word by word up to `bytesMax`. */
  read(bytes: Uint8Array, start: number, end: number, bytesMax: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.rest = end;
    this.words = 0;
    const limit = Math.min(end, start + bytesMax);
    let structure = SEED;
    let at = start;
    for (;;) {
      while (at < limit && !isWordByte(bytes, at, start, end)) structure = mix(structure, bytes[at++]!);
      if (at >= limit) break;
      const from = at;
      let hash = SEED;
      let digits = 0;
      for (; at < limit && isWordByte(bytes, at, start, end); at++) {
        hash = mix(hash, bytes[at]!);
        digits |= KIND[bytes[at]!]! & DIGIT;
      }
      if (at === limit && at < end) {
        at = from;
        break;
      }
      if (digits === 0 && isKey(bytes, from, at, start, end)) structure = mix(structure, hash);
      else if (this.words === WORDS_MAX) {
        at = from;
        break;
      } else {
        this.#add(from, at, hash, digits);
        structure = mix(structure, WORD);
      }
    }
    if (at < end) {
      this.rest = at;
      structure = mix(structure, REST);
    }
    this.structure = structure;
  }

  #add(from: number, to: number, hash: number, digits: number): void {
    const word = this.words++;
    this.from[word] = from;
    this.to[word] = to;
    this.hash[word] = hash;
    this.numeric[word] = digits === 0 ? 0 : 1;
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
function isWordByte(bytes: Uint8Array, at: number, start: number, end: number): boolean {
  const kind = KIND[bytes[at]!]!;
  if (kind !== COLON) return kind !== SEPARATOR;
  return at > start && isPlain(bytes[at - 1]!) && (at + 1 === end || isPlain(bytes[at + 1]!));
}

function isPlain(byte: number): boolean {
  const kind = KIND[byte]!;
  return (kind & (LETTER | DIGIT)) !== 0;
}

/** `key=value` but neither `key= ` nor padding as in `abc==`; `"key":`. */
function isKey(bytes: Uint8Array, from: number, to: number, start: number, end: number): boolean {
  if (to + 1 >= end) return false;
  const next = bytes[to + 1]!;
  if (bytes[to] === EQUALS) return next > SPACE && next !== EQUALS;
  return bytes[to] === QUOTE && next === COLON_BYTE && from > start && bytes[from - 1] === QUOTE;
}
