import type { BatchId, OriginRanges } from './batch-copy.js';
import { getOrCreate } from './get-or-create.js';

/** Joins inclusive ranges that overlap or touch; the result is disjoint and ascending. */
export function joinRanges(ranges: readonly (readonly [number, number])[]): [number, number][] {
  const joined: [number, number][] = [];
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}

/** Parts as ranges, by origin. */
export function originRanges(parts: Iterable<BatchId>): OriginRanges[] {
  const byOrigin = new Map<string, [number, number][]>();
  for (const { origin, seq } of parts) {
    const ranges = getOrCreate(byOrigin, origin, () => []);
    const last = ranges.at(-1);
    if (last !== undefined && last[1] + 1 === seq) last[1] = seq;
    else ranges.push([seq, seq]);
  }
  return Array.from(byOrigin, ([origin, ranges]) => ({ origin, ranges: joinRanges(ranges) }));
}

/** Whether disjoint, ascending ranges include a number. */
export function includesSeq(ranges: OriginRanges['ranges'], seq: number): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[middle]![1] < seq) low = middle + 1;
    else high = middle;
  }
  return low < ranges.length && ranges[low]![0] <= seq;
}

/** Parts that are in any of the lists. */
export function joinOrigins(lists: Iterable<readonly OriginRanges[]>): OriginRanges[] {
  const byOrigin = new Map<string, (readonly [number, number])[]>();
  for (const list of lists) {
    for (const { origin, ranges } of list) {
      const known = getOrCreate(byOrigin, origin, () => []);
      for (const range of ranges) known.push(range);
    }
  }
  return Array.from(byOrigin, ([origin, ranges]) => ({ origin, ranges: joinRanges(ranges) }));
}
