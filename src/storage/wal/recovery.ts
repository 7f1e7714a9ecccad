import { type Disk, diskErrorCode } from '../disk.js';
import type { WalRecord } from './record.js';
import { type Damage, readSegment } from './replay.js';
import { type ClosedSegment, markName, markSeq, segmentSeq } from './segment.js';

export interface SegmentDamage extends Damage {
  readonly segment: string;
}

/** What a log held when it was opened. */
export interface Recovery {
  /** No record, mark or segment name is above: new records continue after it. */
  readonly lastSeq: number;
  /** Records up to here were truncated away before; they are not visited even where they can still be read. */
  readonly truncatedSeq: number;
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
  const truncatedSeq = await openMark(disk, names);
  const segments = names.flatMap((name) => segmentSeq(name) ?? []);
  const found = { lastSeq: Math.max(truncatedSeq, ...segments), truncatedSeq, records: 0, bytes: 0 };
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
    segments: closed.map((segment, i) => ({ ...segment, lastSeq: upperBound(i, segments, found.lastSeq) })),
  };
}

/** Sequence numbers ascend from segment to segment, so a bound is known even for one that is damaged. */
function upperBound(index: number, firstSeqs: readonly number[], lastSeq: number): number {
  const next = firstSeqs[index + 1];
  return next === undefined ? lastSeq : next - 1;
}

/** Finds the truncation mark, or makes the first one. Older ones are what a crash left behind. */
async function openMark(disk: Disk, names: readonly string[]): Promise<number> {
  const marks = names.flatMap((name) => markSeq(name) ?? []);
  if (marks.length > 0) return Math.max(...marks);
  const file = await disk.create(markName(0));
  await file.close();
  await disk.syncFolder();
  return 0;
}

async function readWhole(disk: Disk, name: string, damage: SegmentDamage[]): Promise<Buffer> {
  try {
    return await disk.read(name);
  } catch (error) {
    damage.push({ segment: name, kind: 'unreadable', offset: 0, bytes: 0, reason: diskErrorCode(error) });
    return Buffer.alloc(0);
  }
}
