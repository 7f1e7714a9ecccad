import type { Overlap } from '../../planning/physical/node.js';

/** A stream within a scan target; `key` is its canonical label text, the same in every object and memtable. */
export interface TargetStream {
  readonly id: number;
  readonly key: string;
  readonly minTime: bigint;
  readonly maxTime: bigint;
}

export interface TargetStreams {
  readonly other: Overlap['other'];
  /** Targets of one origin hold no entry twice: the sections of an object, a memtable. */
  readonly origin: string;
  readonly streams: readonly TargetStream[];
}

interface Seen extends TargetStream {
  readonly target: TargetStreams;
}

/**
 * For each target (oldest first) the older ones whose rows of the same stream lie in the same stretch of time, so that
 * the same entry may be in both. Empty almost always: time moves on between two flushes.
 */
export function findOverlaps(targets: readonly TargetStreams[]): Overlap[][] {
  if (targets.length < 2) return targets.map(() => []);
  const seen = new Map<string, Seen[]>();
  return targets.map((target) => {
    const overlaps: Overlap[] = [];
    for (const stream of target.streams) {
      const older = seen.get(stream.key);
      if (!older) {
        seen.set(stream.key, [{ ...stream, target }]);
        continue;
      }
      for (const other of older) {
        if (other.target.origin === target.origin) continue;
        const minTime = stream.minTime > other.minTime ? stream.minTime : other.minTime;
        const maxTime = stream.maxTime < other.maxTime ? stream.maxTime : other.maxTime;
        if (minTime > maxTime) continue;
        overlaps.push({ stream: stream.id, other: other.target.other, otherStream: other.id, minTime, maxTime });
      }
      older.push({ ...stream, target });
    }
    return overlaps;
  });
}
