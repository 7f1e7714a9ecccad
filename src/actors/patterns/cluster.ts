import { isUtf8 } from 'node:buffer';
import { SampleCounts } from './counts.js';
import type { LineTokens } from './tokens.js';

/** As written in patterns. */
const VARIABLE = '<_>';
/** Estimate of what a cluster costs besides its line, its words and its counts. */
const OVERHEAD_BYTES = 480;
const WORD_BYTES = 16;
export const COUNT_BYTES = 16;
/** In place of the hash of a word that varies. */
const VARIES = 0;
/** Positions are kept in 15 bits each. */
const LINE_BYTES_MAX = 0x7fff;

/**
 * Lines of one structure that have most of their words in common: the first of them, and which words vary since. There
 * are many clusters, so one is few and flat objects.
 */
export class Cluster {
  /** Where in the drain it is found. */
  readonly leaf: number;
  readonly samples = new SampleCounts();
  /** Number of the last line that belonged to it. */
  lastLine = 0;
  isEvicted = false;
  /** Bytes of the first line, a character each, up to where its words are looked at. */
  readonly #line: string;
  readonly #hasRest: boolean;
  /** For each word its hash, then its bounds. */
  readonly #words: number[];
  /** Words without a digit in the first line: by these, lines are compared. */
  readonly #telling: number;
  /** Words with a digit that have been the same so far. */
  #settled: number;
  #pattern: string | null = null;

  constructor(tokens: LineTokens, leaf: number) {
    const { words, start, rest } = tokens;
    const line = Buffer.from(tokens.bytes.buffer, tokens.bytes.byteOffset + start, rest - start);
    this.leaf = leaf;
    this.#hasRest = rest < tokens.end;
    this.#line = line.latin1Slice(0, line.length);
    this.#words = new Array<number>(2 * words).fill(0);
    const isText = !tokens.isBeyondAscii || isUtf8(Buffer.from(line));
    let telling = 0;
    for (let word = 0; word < words; word++) {
      const from = tokens.from[word]! - start;
      const to = tokens.to[word]! - start;
      // Bytes that are no UTF-8 cannot be said in a pattern.
      const isSayable = isText || isUtf8(Buffer.from(line.subarray(from, to)));
      this.#words[2 * word] = isSayable && !tokens.looksLikeCapture(word) ? tokens.hash[word]! : VARIES;
      this.#words[2 * word + 1] = (from << 16) | (to << 1) | tokens.numeric[word]!;
      telling += 1 - tokens.numeric[word]!;
    }
    this.#telling = telling;
    this.#settled = words - telling;
  }

  get memoryBytes(): number {
    return OVERHEAD_BYTES + this.#line.length + (this.#words.length / 2) * WORD_BYTES;
  }

  /**
   * Share of the telling words that are the same, 0 to 1; 1 when there are none. Drain divides by all words: lines that
   * are mostly numbers would never be alike. The structures must be equal.
   */
  similarity(tokens: LineTokens): number {
    if (this.#telling === 0) return 1;
    const words = this.#words;
    let same = 0;
    for (let at = 0; at < words.length; at += 2) {
      if (words[at] === tokens.hash[at >> 1] && (words[at + 1]! & 1) === 0) same++;
    }
    return same / this.#telling;
  }

  /** Words in which the line differs become variables. The structures must be equal. */
  absorb(tokens: LineTokens): void {
    const words = this.#words;
    for (let at = 0; at < words.length; at += 2) {
      if (words[at] === VARIES || words[at] === tokens.hash[at >> 1]) continue;
      words[at] = VARIES;
      this.#settled -= words[at + 1]! & 1;
      this.#pattern = null;
    }
  }

  /** As `absorb`, for a line that is akin to one absorbed before: only its words with a digit may be new. */
  absorbKin(tokens: LineTokens): void {
    if (this.#settled > 0) this.absorb(tokens);
  }

  /** Operand of `|>` that matches every line absorbed: `user <_> logged in`. */
  get pattern(): string {
    this.#pattern ??= this.#print();
    return this.#pattern;
  }

  #print(): string {
    const line = Buffer.from(this.#line, 'latin1');
    const words = this.#words;
    let pattern = '';
    let copied = 0;
    for (let at = 0; at < words.length; at += 2) {
      if (words[at] !== VARIES) continue;
      pattern += line.utf8Slice(copied, words[at + 1]! >>> 16) + VARIABLE;
      copied = (words[at + 1]! >>> 1) & LINE_BYTES_MAX;
    }
    pattern += line.utf8Slice(copied, line.length);
    return this.#hasRest ? pattern + VARIABLE : pattern;
  }
}
