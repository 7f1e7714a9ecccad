/** How many lines each interval had; intervals are numbered from the epoch, most counts go to the newest. */
export class SampleCounts {
  /** Ascending. */
  readonly intervals: number[] = [];
  readonly counts: number[] = [];

  /** True when the interval is new here. */
  add(interval: number, count: number): boolean {
    const last = this.intervals.length - 1;
    if (last >= 0 && this.intervals[last] === interval) {
      this.counts[last]! += count;
      return false;
    }
    const at = this.lowerBound(interval);
    if (this.intervals[at] === interval) {
      this.counts[at]! += count;
      return false;
    }
    this.intervals.splice(at, 0, interval);
    this.counts.splice(at, 0, count);
    return true;
  }

  /** Forgets what is older than an interval; how many there were. */
  forgetBefore(interval: number): number {
    const forgotten = this.lowerBound(interval);
    this.intervals.splice(0, forgotten);
    this.counts.splice(0, forgotten);
    return forgotten;
  }

  /** Position of the first interval that is not before this one. */
  lowerBound(interval: number): number {
    let low = 0;
    let high = this.intervals.length;
    if (high === 0 || this.intervals[high - 1]! < interval) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.intervals[middle]! < interval) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
