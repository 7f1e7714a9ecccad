import { sortIndices } from '../../../wire/sort-indices.js';
import type { ValueOperation, ValueWindow } from './operation.js';
import { placeNth } from './place-nth.js';

/**
 * Linear interpolation between closest ranks: rank q(n-1) of the sorted samples; q < 0 is -Inf, q > 1 is +Inf (A73).
 * NaN is less than any number here.
 */
export const quantile: ValueOperation = {
  kind: 'values',
  over(values, q) {
    if (Number.isNaN(q)) return constant(Number.NaN);
    if (q < 0) return constant(Number.NEGATIVE_INFINITY);
    if (q > 1) return constant(Number.POSITIVE_INFINITY);
    return new Quantiles(values, q);
  },
};

function constant(value: number): ValueWindow {
  return { evaluate: () => value };
}

/** Windows that have samples in common share their order; of others no more is sorted than tells the two ranks. */
class Quantiles implements ValueWindow {
  readonly #values: Float64Array;
  readonly #q: number;
  #sliding: RanksInside | undefined;
  #to = 0;

  constructor(values: Float64Array, q: number) {
    this.#values = values;
    this.#q = q;
  }

  evaluate(from: number, to: number): number {
    if (from < this.#to) this.#sliding ??= new RanksInside(this.#values);
    this.#to = to;
    const position = this.#q * (to - from - 1);
    const low = Math.floor(position);
    const high = Math.min(low + 1, to - from - 1);
    const weight = position - low;
    if (!this.#sliding) {
      const values = this.#values.slice(from, to);
      const nans = putNansFirst(values);
      if (high >= nans) placeNth(values, high, nans);
      if (low >= nans && low < high) placeNth(values.subarray(0, high), low, nans);
      return values[low]! * (1 - weight) + values[high]! * weight;
    }
    this.#sliding.slide(from, to);
    return this.#sliding.nth(low) * (1 - weight) + this.#sliding.nth(high) * weight;
  }
}

/** Returns how many there are. */
function putNansFirst(values: Float64Array): number {
  let nans = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i]!)) continue;
    values[i] = values[nans]!;
    values[nans++] = Number.NaN;
  }
  return nans;
}

/**
 * Order statistics of a window that slides: which ranks of all samples are inside is kept in a tree of partial counts
 * (Fenwick, 1994), so a sample costs its logarithm when it enters and when it leaves, however long the window is.
 */
class RanksInside {
  readonly #sorted: Float64Array;
  /** Place of each sample among all, from 1. */
  readonly #ranks: Int32Array;
  readonly #counts: Int32Array;
  readonly #top: number;
  #from = 0;
  #to = 0;

  constructor(values: Float64Array) {
    const order = new Int32Array(values.length);
    let nans = 0;
    for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i]!)) order[nans++] = i;
    let next = nans;
    for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i]!)) order[next++] = i;
    sortIndices(order, nans, order.length, values);
    this.#sorted = new Float64Array(values.length);
    this.#ranks = new Int32Array(values.length);
    for (let rank = 0; rank < order.length; rank++) {
      this.#sorted[rank] = values[order[rank]!]!;
      this.#ranks[order[rank]!] = rank + 1;
    }
    this.#counts = new Int32Array(values.length + 1);
    this.#top = 2 ** Math.floor(Math.log2(Math.max(1, values.length)));
  }

  /** Neither bound ever goes back. */
  slide(from: number, to: number): void {
    const first = Math.max(this.#to, from);
    for (; this.#from < Math.min(from, this.#to); this.#from++) this.#add(this.#ranks[this.#from]!, -1);
    this.#from = from;
    for (let i = first; i < to; i++) this.#add(this.#ranks[i]!, 1);
    this.#to = to;
  }

  #add(rank: number, by: number): void {
    for (let i = rank; i < this.#counts.length; i += i & -i) this.#counts[i]! += by;
  }

  /** The n-th smallest inside, from 0. */
  nth(n: number): number {
    let place = 0;
    let left = n;
    for (let step = this.#top; step > 0; step >>= 1) {
      const next = place + step;
      if (next >= this.#counts.length || this.#counts[next]! > left) continue;
      place = next;
      left -= this.#counts[next]!;
    }
    return this.#sorted[place]!;
  }
}
