import type { LogBatch } from '../batch/log-batch.js';

/** Times of rows by stream, as ns offsets from one base; exact for 104 days. */
export class StreamTimes {
  readonly base: bigint;
  readonly #streams = new Map<number, Times>();

  constructor(base: bigint) {
    this.base = base;
  }

  /** Adds the rows alive; `streamOf` translates stream ids, those it does not have are left out. */
  add(batch: LogBatch, streamOf?: ReadonlyMap<number, number>): void {
    const { times, streamIds, selection, count } = batch;
    const shift = Number(batch.base - this.base);
    let lastId = -1;
    let into: Times | undefined;
    for (let i = 0; i < count; i++) {
      const row = selection ? selection[i]! : i;
      const id = streamIds[row]!;
      if (id !== lastId) {
        lastId = id;
        const stream = streamOf ? streamOf.get(id) : id;
        into = stream === undefined ? undefined : this.#timesOf(stream);
      }
      into?.push(times[row]! + shift);
    }
  }

  /** Streams that both have rows of, with the times at which both have one. */
  sharedWith(other: StreamTimes): Map<number, Set<number>> {
    const shared = new Map<number, Set<number>>();
    for (const [stream, times] of this.#streams) {
      const others = other.#streams.get(stream);
      const both = others && intersection(times.sorted(), others.sorted());
      if (both && both.size > 0) shared.set(stream, both);
    }
    return shared;
  }

  #timesOf(stream: number): Times {
    let times = this.#streams.get(stream);
    if (!times) {
      times = new Times();
      this.#streams.set(stream, times);
    }
    return times;
  }
}

class Times {
  #values = new Float64Array(64);
  #count = 0;
  /** Those of a run are in order, and mostly runs are, too. */
  #isSorted = true;

  push(time: number): void {
    if (this.#count > 0 && time < this.#values[this.#count - 1]!) this.#isSorted = false;
    if (this.#count === this.#values.length) {
      const bigger = new Float64Array(this.#count * 2);
      bigger.set(this.#values);
      this.#values = bigger;
    }
    this.#values[this.#count++] = time;
  }

  sorted(): Float64Array {
    const values = this.#values.subarray(0, this.#count);
    if (!this.#isSorted) values.sort();
    this.#isSorted = true;
    return values;
  }
}

function intersection(a: Float64Array, b: Float64Array): Set<number> {
  const both = new Set<number>();
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i]! < b[j]!) i++;
    else if (a[i]! > b[j]!) j++;
    else both.add(a[i++]!);
  }
  return both;
}
