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

  get length(): number {
    return this.batches.length;
  }

  push(batch: StoredBatch, start: number, end: number): void {
    this.batches.push(batch);
    this.starts.push(start);
    this.ends.push(end);
  }

  pop(): void {
    this.batches.pop();
    this.starts.pop();
    this.ends.pop();
  }

  remove(first: number, count: number): void {
    this.batches.splice(first, count);
    this.starts.splice(first, count);
    this.ends.splice(first, count);
  }

  /** The latest piece that has a row of a batch, or -1. */
  lastWith(batch: StoredBatch, row: number): number {
    const { batches, starts, ends } = this;
    let piece = batches.length - 1;
    while (piece >= 0 && (batches[piece] !== batch || row < starts[piece]! || row >= ends[piece]!)) piece--;
    return piece;
  }
}
