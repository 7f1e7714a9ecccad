import type { SampleOperation } from './operation.js';

/**
 * Prometheus' extrapolatedRate over the window (start, end], times in ns: the increase with counter resets added back,
 * stretched to the window's ends where samples come close to them. One sample gives 0 (A73).
 */
export const rateCounter: SampleOperation = {
  kind: 'samples',
  over: (times, values) => ({
    evaluate: (from, to, start, end) => counterRate(times, values, from, to, start, end),
  }),
};

function counterRate(
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
