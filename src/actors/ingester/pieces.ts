import type { StoredBatch } from './stream.js';

/**
 * What pushes brought for one stream, in order of arrival: piece i is what batches[i] has of its stream of number streams[i]. In
 * columns, and with little that the batch tells as well, since a push has a piece for each of its streams, which lives as long as
 * memory is not flushed: as objects these were what most garbage was collected for.
 */
export class Pieces {
  readonly batches: StoredBatch[] = [];
  readonly #streams: number[] = [];
  /** The times of each one's oldest and newest row, as `timeOf` gives them. */
  readonly #oldest: number[] = [];
  readonly #newest: number[] = [];
  /** Of all of them. */
  rows = 0;

  get length(): number {
    return this.batches.length;
  }

  /** The rows that a batch has of its `s`-th stream. */
  push(batch: StoredBatch, s: number): void {
    this.batches.push(batch);
    this.#streams.push(s);
    this.#oldest.push(timeOf(batch, batch.runs.oldest(s)));
    this.#newest.push(timeOf(batch, batch.runs.newest(s)));
    this.rows += this.end(this.length - 1) - this.start(this.length - 1);
  }

  /** Its first row in its batch. */
  start(piece: number): number {
    const s = this.#streams[piece]!;
    return s === 0 ? 0 : this.batches[piece]!.entries.streamEnds[s - 1]!;
  }

  /** The row behind its last one. */
  end(piece: number): number {
    return this.batches[piece]!.entries.streamEnds[this.#streams[piece]!]!;
  }

  /** Whether a row of it may have a time, as `timeOf` gives it. */
  mayHave(piece: number, time: number): boolean {
    return time >= this.#oldest[piece]! && time <= this.#newest[piece]!;
  }

  pop(): void {
    this.remove(this.length - 1, 1);
  }

  remove(first: number, count: number): void {
    for (let i = first; i < first + count; i++) this.rows -= this.end(i) - this.start(i);
    for (const column of [this.batches, this.#streams, this.#oldest, this.#newest]) column.splice(first, count);
  }

  /** The latest piece that has a row of a batch, or -1. */
  lastWith(batch: StoredBatch, row: number): number {
    const { batches } = this;
    let piece = batches.length - 1;
    while (piece >= 0 && (batches[piece] !== batch || row < this.start(piece) || row >= this.end(piece))) piece--;
    return piece;
  }
}

/** Nanoseconds, rounded: of two times the earlier one is never the greater number. */
export function timeOf({ words }: StoredBatch, row: number): number {
  return words[2 * row + 1]! * 2 ** 32 + (words[2 * row]! >>> 0);
}
