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

  /** The rows that a batch has of its `s`-th stream. */
  push(batch: StoredBatch, s: number): void {
    const { streamEnds } = batch.entries;
    const start = s === 0 ? 0 : streamEnds[s - 1]!;
    const end = streamEnds[s]!;
    this.batches.push(batch);
    this.starts.push(start);
    this.ends.push(end);
    this.rows += end - start;
    this.oldest.push(timeOf(batch, batch.runs.oldest[s]!));
    this.newest.push(timeOf(batch, batch.runs.newest[s]!));
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
