import { isUtf8 } from 'node:buffer';
import { SampleCounts } from './counts.js';
import type { LineTokens } from './tokens.js';

/** As written in patterns. */
const VARIABLE = '<_>';
/** Estimate of what a cluster costs besides its line, its words and its counts. */
const OVERHEAD_BYTES = 320;
const WORD_BYTES = 14;
export const COUNT_BYTES = 16;

/** Lines of one structure that have most of their words in common: the first of them, and which words vary since. */
export class Cluster {
  readonly structure: number;
  readonly samples = new SampleCounts();
  /** Number of the last line that belonged to it. */
  lastLine = 0;
  /** Of the first line, up to where its words are looked at. */
  readonly #line: Buffer;
  readonly #hasRest: boolean;
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  readonly #hash: Int32Array;
  readonly #numeric: Uint8Array;
  readonly #varies: Uint8Array;
  /** Words without a digit in the first line: by these, lines are compared. */
  readonly #telling: number;
  #pattern: string | null = null;

  constructor(tokens: LineTokens) {
    const { words, start, rest } = tokens;
    this.structure = tokens.structure;
    this.#hasRest = rest < tokens.end;
    this.#line = Buffer.from(tokens.bytes.subarray(start, rest));
    this.#from = tokens.from.slice(0, words);
    this.#to = tokens.to.slice(0, words);
    this.#hash = tokens.hash.slice(0, words);
    this.#numeric = tokens.numeric.slice(0, words);
    this.#varies = new Uint8Array(words);
    let telling = 0;
    for (let word = 0; word < words; word++) {
      this.#from[word]! -= start;
      this.#to[word]! -= start;
      telling += 1 - this.#numeric[word]!;
      if (tokens.looksLikeCapture(word) || !this.#isText(word)) this.#varies[word] = 1;
    }
    this.#telling = telling;
  }

  get memoryBytes(): number {
    return OVERHEAD_BYTES + this.#line.length + this.#hash.length * WORD_BYTES;
  }

  /**
   * Share of the telling words that are the same, 0 to 1; 1 when there are none. Drain divides by all words: lines that
   * are mostly numbers would never be alike. The structures must be equal.
   */
  similarity(tokens: LineTokens): number {
    if (this.#telling === 0) return 1;
    let same = 0;
    for (let word = 0; word < this.#hash.length; word++) {
      if (this.#numeric[word] === 0 && this.#varies[word] === 0 && this.#hash[word] === tokens.hash[word]) same++;
    }
    return same / this.#telling;
  }

  /** Words in which the line differs become variables. The structures must be equal. */
  absorb(tokens: LineTokens): void {
    for (let word = 0; word < this.#hash.length; word++) {
      if (this.#varies[word] !== 0 || this.#hash[word] === tokens.hash[word]) continue;
      this.#varies[word] = 1;
      this.#pattern = null;
    }
  }

  /** Operand of `|>` that matches every line absorbed: `user <_> logged in`. */
  get pattern(): string {
    this.#pattern ??= this.#print();
    return this.#pattern;
  }

  #print(): string {
    let pattern = '';
    let copied = 0;
    for (let word = 0; word < this.#varies.length; word++) {
      if (this.#varies[word] === 0) continue;
      pattern += this.#line.utf8Slice(copied, this.#from[word]!) + VARIABLE;
      copied = this.#to[word]!;
    }
    pattern += this.#line.utf8Slice(copied, this.#line.length);
    return this.#hasRest ? pattern + VARIABLE : pattern;
  }

  /** Bytes that are no UTF-8 cannot be said in a pattern. */
  #isText(word: number): boolean {
    return isUtf8(this.#line.subarray(this.#from[word]!, this.#to[word]!));
  }
}
