import { type EntriesBatch, valueBytes } from '../../wire/entries.js';

/**
 * What is asked again and again of the runs of a batch, which are its rows stream by stream: looked up in one pass, before
 * limits, pieces and memtables want it. By stream; those without rows have no bytes, and no other figure of theirs means anything.
 */
export interface Runs {
  /** The batch's times as int64 words, low word first. */
  readonly words: Int32Array;
  /** Of lines and metadata values. */
  readonly bytes: readonly number[];
  /** The first row with the least time and the first with the greatest. */
  readonly oldest: readonly number[];
  readonly newest: readonly number[];
  /** Bytes of all. */
  readonly rawBytes: number;
}

export function runsOf(entries: EntriesBatch): Runs {
  const { streamEnds, times, buffer } = entries;
  const words = new Int32Array(buffer, times.byteOffset, times.length * 2);
  const bytes: number[] = [];
  const oldest: number[] = [];
  const newest: number[] = [];
  let rawBytes = 0;
  for (let s = 0, from = 0; s < streamEnds.length; s++) {
    const to = streamEnds[s]!;
    const taken = runBytes(entries, from, to);
    bytes.push(taken);
    rawBytes += taken;
    let least = from;
    let greatest = from;
    for (let row = from + 1; row < to; row++) {
      if (isOlder(words, greatest, words, row)) greatest = row;
      else if (isOlder(words, row, words, least)) least = row;
    }
    oldest.push(least);
    newest.push(greatest);
    from = to;
  }
  return { words, bytes, oldest, newest, rawBytes };
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
