import { type Disk, diskErrorCode } from '../disk.js';
import type { WalRecord } from './record.js';
import { type Damage, readSegment } from './replay.js';
import { type ClosedSegment, type Mark, markName, markOf, segmentSeq } from './segment.js';

export interface SegmentDamage extends Damage {
  readonly segment: string;
}

/** What a log held when it was opened. */
export interface Recovery {
  /** No record, mark or segment name is above: new records continue after it. */
  readonly lastSeq: number;
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
}

/**
 * Reads a log's folder, one segment in memory at a time. Damaged bytes are reported and skipped; a segment that cannot be
 * read at all is reported and left where it is. Rejects only when the folder itself cannot be used.
 */
export async function recoverLog(disk: Disk, visit: (record: WalRecord) => void): Promise<Recovery> {
  const names = await disk.list();
  const mark = names.map(markOf).findLast((found) => found !== null) ?? (await createMark(disk));
  const truncatedSeq = mark?.seq ?? 0;
  const segments = names.flatMap((name) => segmentSeq(name) ?? []);
  const found = { lastSeq: Math.max(truncatedSeq, ...segments), truncatedSeq, mark, records: 0, bytes: 0 };
  const damage: SegmentDamage[] = [];
  const closed: { name: string; bytes: number; damaged: boolean }[] = [];
  for (const name of names) {
    if (segmentSeq(name) === null) continue;
    const bytes = await readWhole(disk, name, damage);
    const records = readSegment(bytes);
    let record = records.next();
    for (; !record.done; record = records.next()) {
      found.lastSeq = Math.max(found.lastSeq, record.value.seq);
      if (record.value.seq <= truncatedSeq) continue;
      found.records++;
      found.bytes += record.value.payload.length;
      visit(record.value);
    }
    for (const one of record.value) damage.push({ segment: name, ...one });
    closed.push({
      name,
      bytes: bytes.length,
      damaged: damage.some((one) => one.segment === name && one.kind !== 'torn'),
    });
  }
  return {
    ...found,
    damage,
    isDoubtful: mark === null || mark.isDoubtful || damage.length > 0,
    segments: closed.map((segment, i) => ({ ...segment, lastSeq: upperBound(i, segments, found.lastSeq) })),
  };
}

/** Sequence numbers ascend from segment to segment, so a bound is known even for one that is damaged. */
function upperBound(index: number, firstSeqs: readonly number[], lastSeq: number): number {
  const next = firstSeqs[index + 1];
  return next === undefined ? lastSeq : next - 1;
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

async function readWhole(disk: Disk, name: string, damage: SegmentDamage[]): Promise<Buffer> {
  try {
    return await disk.read(name);
  } catch (error) {
    damage.push({ segment: name, kind: 'unreadable', offset: 0, bytes: 0, reason: diskErrorCode(error) });
    return Buffer.alloc(0);
  }
}
