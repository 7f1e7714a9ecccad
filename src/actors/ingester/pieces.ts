import type { StoredBatch } from './stream.js';

/**
 * What pushes brought for one stream, in order of arrival: piece i is rows [starts[i], ends[i]) of batches[i]. In columns,
 * since a push has a piece for each of its streams, which lives as long as memory is not flushed: as objects these were what most
 * garbage was collected for.
 */
export class Pieces {
  readonly batches: StoredBatch[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  /** No row of it has a time, as `timeOf` gives it, below the first or above the second. */
  readonly oldest: number[] = [];
  readonly newest: number[] = [];
  /** Of all of them. */
  rows = 0;

  get length(): number {
    return this.batches.length;
  }

  push(batch: StoredBatch, start: number, end: number): void {
    this.batches.push(batch);
    this.starts.push(start);
    this.ends.push(end);
    this.rows += end - start;
    let oldest = Number.POSITIVE_INFINITY;
    let newest = Number.NEGATIVE_INFINITY;
    for (let row = start; row < end; row++) {
      const time = timeOf(batch, row);
      if (time < oldest) oldest = time;
      if (time > newest) newest = time;
    }
    this.oldest.push(oldest);
    this.newest.push(newest);
  }

  pop(): void {
    this.remove(this.length - 1, 1);
  }

  remove(first: number, count: number): void {
    for (let i = first; i < first + count; i++) this.rows -= this.ends[i]! - this.starts[i]!;
    for (const column of [this.batches, this.starts, this.ends, this.oldest, this.newest]) column.splice(first, count);
  }

  /** The latest piece that has a row of a batch, or -1. */
  lastWith(batch: StoredBatch, row: number): number {
    const { batches, starts, ends } = this;
    let piece = batches.length - 1;
    while (piece >= 0 && (batches[piece] !== batch || row < starts[piece]! || row >= ends[piece]!)) piece--;
    return piece;
  }
}

/** Nanoseconds, rounded: of two times the earlier one is never the greater number. */
export function timeOf({ words }: StoredBatch, row: number): number {
  return words[2 * row + 1]! * 2 ** 32 + (words[2 * row]! >>> 0);
}
