import type { SampleOperation, Window } from './operation.js';

/**
 * Linear interpolation between closest ranks: rank q(n-1) of the sorted samples; q < 0 is -Inf, q > 1 is +Inf (A73).
 * NaN is less than any number here.
 */
export const quantile: SampleOperation = {
  kind: 'samples',
  over(_times, values, q) {
    if (Number.isNaN(q)) return constant(Number.NaN);
    if (q < 0) return constant(Number.NEGATIVE_INFINITY);
    if (q > 1) return constant(Number.POSITIVE_INFINITY);
    return new SlidingQuantile(values, q);
  },
};

function constant(value: number): Window {
  return { evaluate: () => value };
}

/**
 * Order statistics of a window that slides: which ranks of all samples are inside is kept in a tree of partial counts
 * (Fenwick, 1994), so a sample costs its logarithm when it enters and when it leaves, however long the window is.
 */
class SlidingQuantile implements Window {
  readonly #q: number;
  readonly #sorted: Float64Array;
  /** Place of each sample among all, from 1. */
  readonly #ranks: Int32Array;
  readonly #counts: Int32Array;
  readonly #top: number;
  #from = 0;
  #to = 0;

  constructor(values: Float64Array, q: number) {
    this.#q = q;
    const order = Int32Array.from(values, (_, i) => i).sort((a, b) => compare(values[a]!, values[b]!) || a - b);
    this.#sorted = Float64Array.from(order, (sample) => values[sample]!);
    this.#ranks = new Int32Array(values.length);
    for (let rank = 0; rank < order.length; rank++) this.#ranks[order[rank]!] = rank + 1;
    this.#counts = new Int32Array(values.length + 1);
    this.#top = 2 ** Math.floor(Math.log2(Math.max(1, values.length)));
  }

  evaluate(from: number, to: number): number {
    while (this.#to < to) this.#add(this.#ranks[this.#to++]!, 1);
    while (this.#from < from) this.#add(this.#ranks[this.#from++]!, -1);
    const position = this.#q * (to - from - 1);
    const low = Math.floor(position);
    const weight = position - low;
    return this.#nth(low) * (1 - weight) + this.#nth(Math.min(low + 1, to - from - 1)) * weight;
  }

  #add(rank: number, by: number): void {
    for (let i = rank; i < this.#counts.length; i += i & -i) this.#counts[i]! += by;
  }

  /** The n-th smallest inside, from 0. */
  #nth(n: number): number {
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

function compare(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
}
