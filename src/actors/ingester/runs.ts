import { type EntriesBatch, valueBytes } from '../../wire/entries.js';

/**
 * What is asked again and again of the runs of a batch, which are its rows stream by stream: looked up in one pass, before
 * limits, pieces and memtables want it. Of streams without rows there are no bytes, and no other figure means anything.
 */
export class Runs {
  /** The batch's times as int64 words, low word first. */
  readonly words: Int32Array;
  /** Bytes of lines and metadata values of all. */
  readonly rawBytes: number;
  /** Of each stream its bytes, and its rows with the least and the greatest time. Not an array for each: they live as long as the batch. */
  readonly #facts: Int32Array;

  constructor(entries: EntriesBatch) {
    const { streamEnds, times, buffer } = entries;
    const words = new Int32Array(buffer, times.byteOffset, times.length * 2);
    const facts = new Int32Array(3 * streamEnds.length);
    let rawBytes = 0;
    for (let s = 0, from = 0; s < streamEnds.length; s++) {
      const to = streamEnds[s]!;
      const bytes = runBytes(entries, from, to);
      rawBytes += bytes;
      let oldest = from;
      let newest = from;
      for (let row = from + 1; row < to; row++) {
        if (isOlder(words, newest, words, row)) newest = row;
        else if (isOlder(words, row, words, oldest)) oldest = row;
      }
      facts[3 * s] = bytes;
      facts[3 * s + 1] = oldest;
      facts[3 * s + 2] = newest;
      from = to;
    }
    this.words = words;
    this.rawBytes = rawBytes;
    this.#facts = facts;
  }

  /** Of lines and metadata values. */
  bytes(s: number): number {
    return this.#facts[3 * s]!;
  }

  /** The first row with the least time. */
  oldest(s: number): number {
    return this.#facts[3 * s + 1]!;
  }

  /** The first row with the greatest time. */
  newest(s: number): number {
    return this.#facts[3 * s + 2]!;
  }
}

/** Bytes of lines and metadata values of rows [from, to). */
export function runBytes(entries: EntriesBatch, from: number, to: number): number {
  const { messageOffsets } = entries;
  return messageOffsets[to]! - messageOffsets[from]! + valueBytes(entries, from, to);
}

/** Whether row `a` has an older time than row `b`, by the words of their batches' times: without a BigInt for each. */
export function isOlder(words: Int32Array, a: number, others: Int32Array, b: number): boolean {
  const high = words[2 * a + 1]!;
  const other = others[2 * b + 1]!;
  return high < other || (high === other && words[2 * a]! >>> 0 < others[2 * b]! >>> 0);
}
