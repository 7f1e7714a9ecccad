/** Functions of all samples of a window; samples are given in time order as parallel columns. */

/**
 * Linear interpolation between closest ranks: rank q(n-1) of the sorted samples; q < 0 is -Inf, q > 1 is +Inf (A73).
 * NaN is less than any number here.
 */
export function quantile(q: number, values: Float64Array, from: number, to: number): number {
  if (Number.isNaN(q)) return Number.NaN;
  if (q < 0) return Number.NEGATIVE_INFINITY;
  if (q > 1) return Number.POSITIVE_INFINITY;
  return sortedQuantile(q, nanFirst(values.slice(from, to).sort()));
}

/** Typed arrays sort NaN to the end. */
function nanFirst(sorted: Float64Array): Float64Array {
  let numbers = sorted.length;
  while (numbers > 0 && Number.isNaN(sorted[numbers - 1]!)) numbers--;
  if (numbers === sorted.length) return sorted;
  sorted.copyWithin(sorted.length - numbers, 0, numbers);
  return sorted.fill(Number.NaN, 0, sorted.length - numbers);
}

export function sortedQuantile(q: number, sorted: Float64Array): number {
  const rank = q * (sorted.length - 1);
  const low = Math.max(0, Math.floor(rank));
  const high = Math.min(sorted.length - 1, low + 1);
  const weight = rank - Math.floor(rank);
  return sorted[low]! * (1 - weight) + sorted[high]! * weight;
}

/**
 * Prometheus' extrapolatedRate over the window (start, end], times in ns: the increase with counter resets added back,
 * stretched to the window's ends where samples come close to them. One sample gives 0 (A73).
 */
export function counterRate(
  times: Float64Array,
  values: Float64Array,
  from: number,
  to: number,
  windowStart: number,
  windowEnd: number,
): number {
  if (to - from < 2) return 0;
  let increase = values[to - 1]! - values[from]!;
  for (let i = from + 1; i < to; i++) if (values[i]! < values[i - 1]!) increase += values[i - 1]!;
  const sampled = (times[to - 1]! - times[from]!) / 1e9;
  const average = sampled / (to - from - 1);
  let toStart = (times[from]! - windowStart) / 1e9;
  let toEnd = (windowEnd - times[to - 1]!) / 1e9;
  const threshold = average * 1.1;
  if (toStart >= threshold) toStart = average / 2;
  if (increase > 0 && values[from]! >= 0) toStart = Math.min(toStart, sampled * (values[from]! / increase));
  if (toEnd >= threshold) toEnd = average / 2;
  return (increase * ((sampled + toStart + toEnd) / sampled)) / ((windowEnd - windowStart) / 1e9);
}
