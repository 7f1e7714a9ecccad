/** How many lines each interval had; intervals are numbered from the epoch, most counts go to the newest. */
export class SampleCounts {
  /** Intervals, ascending, each with its count behind it. */
  readonly #pairs: number[] = [];

  get size(): number {
    return this.#pairs.length / 2;
  }

  /** The interval at a position, and its count. */
  interval(at: number): number {
    return this.#pairs[2 * at]!;
  }

  count(at: number): number {
    return this.#pairs[2 * at + 1]!;
  }

  /** True when the interval is new here. */
  add(interval: number, count: number): boolean {
    const pairs = this.#pairs;
    const last = pairs.length - 2;
    const at = last >= 0 && pairs[last] === interval ? last : 2 * this.lowerBound(interval);
    if (pairs[at] === interval) {
      pairs[at + 1]! += count;
      return false;
    }
    if (at === pairs.length) pairs.push(interval, count);
    else pairs.splice(at, 0, interval, count);
    return true;
  }

  /** Forgets what is older than an interval; how many there were. */
  forgetBefore(interval: number): number {
    const forgotten = this.lowerBound(interval);
    if (forgotten > 0) this.#pairs.splice(0, 2 * forgotten);
    return forgotten;
  }

  /** Position of the first interval that is not before this one. */
  lowerBound(interval: number): number {
    let low = 0;
    let high = this.size;
    if (high === 0 || this.interval(high - 1) < interval) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.interval(middle) < interval) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
