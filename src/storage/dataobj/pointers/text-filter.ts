/**
 * A filter that answers "can this page contain this substring?" and is never wrong when it says no.
 *
 * Every byte position contributes at most one gram, chosen by looking only at the few bytes before it, so that a needle
 * contributes the same grams wherever it occurs, also when its ends lie in the middle of words:
 *
 *   word gram   the last 4 bytes, when none is a digit. Templates and words repeat, so a page has few of these and can
 *               afford three bits for each.
 *   id gram     otherwise the last 6 bytes, for every second hash value: ids, numbers and times are mostly distinct.
 *               A long needle has many grams, so each one may be weak: one bit, half of them left out.
 *
 * A gram's bits lie in one 32-bit word of a table of fixed size (a blocked Bloom filter: Putze, Sanders and Singler
 * 2007), which is then folded in half (the halves or-ed, as hashes are masked) until it is about 40 % full. So a page's
 * filter is as large as its text is diverse, without counting first. Grams that span two rows do no harm. Sizes and
 * pruning measured on real logs are in docs/format/pointers.md.
 */
import { getOrCreate } from '../../../wire/get-or-create.js';

const TABLE_WORDS_LOG2 = 13;
export const GRAM_WORDS = 1 << TABLE_WORDS_LOG2;
const WORD_SHIFT = 32 - TABLE_WORDS_LOG2;
const FILTER_WORDS_MIN = 2;
/** Fold while the result would be no fuller than this... */
const FILL_TARGET = 0.4;
/** ...and keep nothing that is fuller than this: it would hardly ever say no. */
const FILL_MAX = 0.8;
/** Lengths of a word gram and of an id gram. */
export const GRAM_BYTES_MIN = 4;
const ID_BYTES = 6;

const DIGIT = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x30 && byte <= 0x39 ? 1 : 0));

/** Sets the bits of every gram of bytes[from..to-1] in `table`; line-kernel.wat does the same for pages. */
export function addGrams(bytes: Uint8Array, from: number, to: number, table: Int32Array): void {
  let last4 = 0;
  let before1 = 0; // the last 4 bytes as they were one byte ago
  let before2 = 0;
  let wordsFrom = from + GRAM_BYTES_MIN - 1; // the end of the next gram without a digit in it
  const idsFrom = from + ID_BYTES - 1;
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    before2 = before1;
    before1 = last4;
    last4 = (last4 << 8) | byte;
    if (DIGIT[byte] !== 0) wordsFrom = i + GRAM_BYTES_MIN;
    if (i >= wordsFrom) {
      let hash = Math.imul(last4, 0x85ebca6b);
      hash ^= hash >>> 15;
      const word = hash >>> WORD_SHIFT;
      table[word] = table[word]! | (1 << hash) | (1 << (hash >>> 5)) | (1 << (hash >>> 10));
    } else if (i >= idsFrom) {
      let hash = Math.imul(last4, 0x85ebca6b) ^ Math.imul(before2, 0xc2b2ae35);
      hash ^= hash >>> 15;
      const word = hash >>> WORD_SHIFT;
      // No branch: whether a gram is taken is a coin toss that no predictor guesses.
      table[word] = table[word]! | (((hash >>> 15) & 1) << hash);
    }
  }
}

/** A page's filter of a power of two bytes; empty when it would not be worth testing. The table is empty afterwards. */
export function foldGrams(table: Int32Array, bytesMax: number): Uint8Array {
  let words = GRAM_WORDS;
  while (words > FILTER_WORDS_MIN) {
    const half = words >>> 1;
    if (words * 4 <= bytesMax && onesWhenFolded(table, half) > FILL_TARGET * half * 32) break;
    for (let w = 0; w < half; w++) table[w] = table[w]! | table[w + half]!;
    words = half;
  }
  const useful = words * 4 <= bytesMax && ones(table, words) <= FILL_MAX * words * 32;
  const filter = useful ? new Uint8Array(table.slice(0, words).buffer) : new Uint8Array(0);
  table.fill(0);
  return filter;
}

/** Filters of pages, one after another. */
export interface TextFilters {
  readonly bytes: Uint8Array;
  readonly sizes: Int32Array;
}

/** Folds filters once more, first those that are emptiest afterwards, until all together are no larger than `bytesMax`. */
export function fitTextFilters({ bytes, sizes }: TextFilters, bytesMax: number): TextFilters {
  let total = bytes.length;
  if (total <= bytesMax) return { bytes, sizes };
  let at = 0;
  const filters = Array.from(sizes, (size, page) => {
    const words = new Int32Array(new Uint8Array(bytes.subarray(at, at + size)).buffer);
    at += size;
    return { page, words, fill: fillWhenFolded(words) };
  });
  for (let rounds = 0; rounds < TABLE_WORDS_LOG2 && total > bytesMax; rounds++) {
    for (const filter of filters.toSorted((a, b) => a.fill - b.fill)) {
      if (total <= bytesMax || filter.fill > FILL_MAX) break;
      total -= filter.words.byteLength / 2;
      filter.words = folded(filter.words);
      filter.fill = fillWhenFolded(filter.words);
    }
  }
  const fitted = filters.map(({ words }) => new Uint8Array(words.buffer));
  return { bytes: Buffer.concat(fitted), sizes: Int32Array.from(fitted, ({ length }) => length) };
}

function folded(words: Int32Array): Int32Array<ArrayBuffer> {
  return words.slice(0, words.length / 2).map((word, i) => word | words[i + words.length / 2]!);
}

/** Of a filter of half the size; more than may be where that would be too small. */
function fillWhenFolded(words: Int32Array): number {
  if (words.length <= FILTER_WORDS_MIN) return Number.POSITIVE_INFINITY;
  const half = folded(words);
  return half.reduce((sum, word) => sum + popcount(word), 0) / (half.length * 32);
}

function onesWhenFolded(table: Int32Array, half: number): number {
  let sum = 0;
  for (let w = 0; w < half; w++) sum += popcount(table[w]! | table[w + half]!);
  return sum;
}

function ones(table: Int32Array, words: number): number {
  let sum = 0;
  for (let w = 0; w < words; w++) sum += popcount(table[w]!);
  return sum;
}

function popcount(word: number): number {
  word -= (word >>> 1) & 0x55555555;
  word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
  return Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

const bitsOf = new WeakMap<Uint8Array, Int32Array>();

/**
 * What a needle's grams set: pairs (word of a full table, bits in it), those with most bits first, which most pages lack.
 * Empty when the needle has no gram. Kept, since a query asks the filters of many sections for the same needle.
 */
export function needleBits(needle: Uint8Array): Int32Array {
  return getOrCreate(bitsOf, needle, () => {
    const table = new Int32Array(GRAM_WORDS);
    addGrams(needle, 0, needle.length, table);
    const words: number[] = [];
    for (let w = 0; w < GRAM_WORDS; w++) if (table[w] !== 0) words.push(w);
    words.sort((a, b) => popcount(table[b]!) - popcount(table[a]!));
    return Int32Array.from(words.flatMap((w) => [w, table[w]!]));
  });
}

/** Filter sizes are powers of two, or 0. */
export function isFilterSize(bytes: number): boolean {
  return bytes === 0 || (bytes >= FILTER_WORDS_MIN * 4 && bytes <= GRAM_WORDS * 4 && (bytes & (bytes - 1)) === 0);
}

/** False only when the page whose filter is filters[from..from+words-1] certainly lacks the needle. */
export function mayContain(filters: Int32Array, from: number, words: number, needle: Int32Array): boolean {
  if (words === 0) return true;
  const mask = words - 1;
  for (let i = 0; i < needle.length; i += 2) {
    const bits = needle[i + 1]!;
    if ((filters[from + (needle[i]! & mask)]! & bits) !== bits) return false;
  }
  return true;
}
