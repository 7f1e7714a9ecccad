import type { Disk } from '../disk.js';
import { isDigest } from './digest-file.js';
import type { Damage } from './replay.js';
import {
  type ClosedSegment,
  isSegment,
  isSpare,
  type Mark,
  markName,
  markOf,
  type SegmentNumbers,
  segmentNumbers,
} from './segment.js';
import type { ReadSegments } from './segments.js';

export interface SegmentDamage extends Damage {
  readonly segment: string;
}

/** What a log held when it was opened. */
export interface Recovery<T> {
  /** No record, mark or segment name is above: new records continue after it. */
  readonly lastSeq: number;
  /** The last record that can be read, or was truncated away. */
  readonly durableSeq: number;
  /** Records up to here were truncated away before; they are not visited even where they can still be read. */
  readonly truncatedSeq: number;
  /** What the file says that does so; null when there is none yet. */
  readonly mark: Mark | null;
  /** Acknowledged records may be missing: bytes were damaged, now or before, or this folder is not the one there was. */
  readonly isDoubtful: boolean;
  readonly records: number;
  readonly bytes: number;
  readonly damage: readonly SegmentDamage[];
  readonly segments: readonly ClosedSegment[];
  /** Names of segments that wait to be written over. */
  readonly spares: readonly string[];
  /** Names of files that say what is in segments, or did. */
  readonly digests: readonly string[];
  /** What was made of each segment's records. */
  readonly made: readonly MadeOfSegment<T>[];
}

export interface MadeOfSegment<T> {
  readonly name: string;
  readonly made: T;
}

/**
 * Reads a log's folder. Damaged bytes are reported and skipped; a segment that cannot be
 * read at all is reported and left where it is. Rejects only when the folder itself cannot be used.
 */
export async function recoverLog<T>(disk: Disk, read: ReadSegments<T>): Promise<Recovery<T>> {
  const names = await disk.list();
  const mark = names.map(markOf).findLast((found) => found !== null) ?? (await createMark(disk));
  const truncatedSeq = mark?.seq ?? 0;
  const segments = names.flatMap((name) => segmentNumbers(name) ?? []);
  const found = { durableSeq: truncatedSeq, truncatedSeq, mark, records: 0, bytes: 0 };
  const damage: SegmentDamage[] = [];
  const closed: { name: string; bytes: number; damaged: boolean }[] = [];
  const allMade: MadeOfSegment<T>[] = [];
  for await (const segment of read(names.filter(isSegment), truncatedSeq)) {
    const { name, bytes } = segment;
    found.durableSeq = Math.max(found.durableSeq, segment.lastSeq);
    found.records += segment.records;
    found.bytes += segment.payloadBytes;
    allMade.push({ name, made: segment.made });
    const own = segment.damage.map((one) => ({ segment: name, ...one }));
    const next = segments[closed.length + 1];
    const all = withLostEnd(own, { name, bytes, readTo: found.durableSeq, next });
    damage.push(...all);
    closed.push({ name, bytes, damaged: all.some(({ kind }) => kind !== 'torn') });
  }
  const lastSeq = Math.max(found.durableSeq, ...segments.map(({ firstSeq }) => firstSeq));
  return {
    ...found,
    lastSeq,
    damage,
    made: allMade,
    isDoubtful: mark === null || mark.isDoubtful || damage.length > 0,
    segments: closed.map((segment, i) => ({ ...segment, own: false, lastSeq: upperBound(i, segments, lastSeq) })),
    spares: names.filter(isSpare),
    digests: names.filter(isDigest),
  };
}

interface EndOfSegment {
  readonly name: string;
  readonly bytes: number;
  /** The last record read so far. */
  readonly readTo: number;
  readonly next: SegmentNumbers | undefined;
}

/**
 * An end that looks torn, or as if nothing were missing, is damage to acknowledged records when the next segment was begun
 * behind records that are not there.
 */
function withLostEnd(
  damage: readonly SegmentDamage[],
  { name, bytes, readTo, next }: EndOfSegment,
): readonly SegmentDamage[] {
  if (next === undefined || next.afterSeq <= readTo) return damage;
  if (damage.some(({ kind }) => kind !== 'torn')) return damage;
  const offset = damage[0]?.offset ?? bytes;
  const reason = `records up to ${next.afterSeq} had been written, and end with ${readTo}`;
  return [{ segment: name, kind: 'corrupt', offset, bytes: bytes - offset, reason }];
}

/** Sequence numbers ascend from segment to segment, so a bound is known even for one that is damaged. */
function upperBound(index: number, segments: readonly SegmentNumbers[], lastSeq: number): number {
  const next = segments[index + 1];
  return next === undefined ? lastSeq : next.firstSeq - 1;
}

/**
 * Makes the first mark while there may still be space for it: later marks are renames of it. Null when there is none. A new
 * log is in doubt, as it may be in place of one that was lost.
 */
async function createMark(disk: Disk): Promise<Mark | null> {
  const mark = { seq: 0, isDoubtful: true };
  try {
    const file = await disk.create(markName(mark));
    await file.close();
    return mark;
  } catch {
    return null;
  }
}
