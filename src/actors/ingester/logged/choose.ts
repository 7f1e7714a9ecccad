import type { WindowCoverage } from '../../../storage/metastore/types.js';
import type { MadeOfSegment } from '../../../storage/wal/recovery.js';
import { segmentNumbers } from '../../../storage/wal/segment.js';
import type { TimeRange } from '../../../wire/time.js';
import { batchMemory, isFlushed, runMemory } from '../memtable.js';
import type { SegmentDigest } from './digest.js';

export type FoundSegment = MadeOfSegment<SegmentDigest>;

/** What of a log becomes memory at a restart, and what is left where it is until it is asked for. */
export interface Chosen {
  /** Names of segments. */
  readonly taken: readonly string[];
  readonly left: readonly FoundSegment[];
}

/**
 * The newest segments become memory, so that what comes again is compared with their rows, and more is added to them before
 * they become objects: as much as one memtable has. So do those with replicated parts, which others are asked about, and those of
 * which objects have some: these are few, since objects are made one memtable after the other.
 */
export function chooseSegments(
  found: readonly FoundSegment[],
  coverage: ReadonlyMap<string, readonly WindowCoverage[]>,
  flushBytes: number,
): Chosen {
  const newest = firstOfNewest(found, flushBytes);
  const taken: string[] = [];
  const left: FoundSegment[] = [];
  found.forEach((segment, i) => {
    const { name, made } = segment;
    if (i >= newest || made.isMixed || isCovered(made, coverage)) taken.push(name);
    else if (made.tenants.length > 0) left.push(segment);
  });
  return { taken, left };
}

function firstOfNewest(found: readonly FoundSegment[], flushBytes: number): number {
  let first = found.length;
  for (const sum = { rawBytes: 0, memoryBytes: 0 }; first > 0; first--) {
    for (const { rawBytes, lengths, streamIds } of found[first - 1]!.made.tenants) {
      sum.rawBytes += rawBytes;
      for (const length of lengths) sum.memoryBytes += batchMemory(length);
      sum.memoryBytes += runMemory(streamIds.length);
    }
    if (isFlushed(sum, flushBytes)) break;
  }
  return first;
}

/** Whether objects may have some of it. */
function isCovered(
  { firstSeq, lastSeq, tenants }: SegmentDigest,
  coverage: Parameters<typeof chooseSegments>[1],
): boolean {
  return tenants.some(({ tenant }) =>
    coverage.get(tenant)?.some(({ ranges }) => ranges.some(([from, to]) => from <= lastSeq && to >= firstSeq)),
  );
}

/**
 * For each segment that is left, the first number of the stretch of the log it belongs to: records that follow each other without a
 * gap between segments either. One process wrote them, and had all of them in memory, as no object has any of them; so each push
 * was compared with what the others have. A start leaves a gap, as does a write that failed.
 */
export function stretchesOf(left: readonly FoundSegment[]): number[] {
  let stretch = 0;
  return left.map(({ name, made }, i) => {
    const { firstSeq, afterSeq } = segmentNumbers(name) ?? { firstSeq: 0, afterSeq: 0 };
    const follows = i > 0 && afterSeq === left[i - 1]!.made.lastSeq && firstSeq === afterSeq + 1;
    if (!follows) stretch = made.firstSeq;
    return stretch;
  });
}

/** By tenant, the times of all entries. */
export function rangesOf(digests: readonly SegmentDigest[]): Map<string, TimeRange> {
  const ranges = new Map<string, TimeRange>();
  for (const { tenants } of digests) {
    for (const { tenant, streams } of tenants) {
      for (const { minTime, maxTime } of streams) {
        const { start, end } = ranges.get(tenant) ?? { start: minTime, end: maxTime + 1n };
        ranges.set(tenant, {
          start: minTime < start ? minTime : start,
          end: maxTime >= end ? maxTime + 1n : end,
        });
      }
    }
  }
  return ranges;
}
