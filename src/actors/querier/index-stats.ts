import type { IndexStats } from '../../wire/query.js';
import type { TimeRange } from '../../wire/time.js';
import { type PartedStream, type StreamPart, shareOf } from './stream-parts.js';

/** What streams hold in a range. A part that lies in it partly counts by its share of the time. */
export function statsOf(streams: readonly PartedStream[], range: TimeRange): IndexStats {
  let chunks = 0;
  let bytes = 0;
  let entries = 0;
  let count = 0;
  for (const { parts } of streams) {
    count += hoursOf(parts, range);
    for (const part of parts) {
      const share = shareOf(part, range);
      if (share === undefined) continue;
      chunks++;
      bytes += share * part.bytes;
      entries += share * part.rows;
    }
  }
  return { streams: count, chunks, bytes: Math.round(bytes), entries: Math.round(entries) };
}

const HOUR_NS = 3_600_000_000_000n;

/** Loki asks its index hour by hour and adds up, so a stream counts once for each hour it has entries in. */
function hoursOf(parts: readonly StreamPart[], { start, end }: TimeRange): number {
  let first = end;
  let last = start - 1n;
  for (const { minTime, maxTime } of parts) {
    if (minTime < first) first = minTime;
    if (maxTime > last) last = maxTime;
  }
  if (first < start) first = start;
  if (last >= end) last = end - 1n;
  return last < first ? 0 : Number(last / HOUR_NS - first / HOUR_NS) + 1;
}
