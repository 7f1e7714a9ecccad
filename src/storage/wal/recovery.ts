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
  /** The file that says so; null when there is none yet. */
  readonly mark: string | null;
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
  const mark = names.findLast((name) => markSeq(name) !== null) ?? (await createMark(disk));
  const truncatedSeq = mark === null ? 0 : markSeq(mark)!;
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
    segments: closed.map((segment, i) => ({ ...segment, lastSeq: upperBound(i, segments, found.lastSeq) })),
  };
}

/** Sequence numbers ascend from segment to segment, so a bound is known even for one that is damaged. */
function upperBound(index: number, firstSeqs: readonly number[], lastSeq: number): number {
  const next = firstSeqs[index + 1];
  return next === undefined ? lastSeq : next - 1;
}

/** Makes the first mark while there may still be space for it: later marks are renames of it. Null when there is none. */
async function createMark(disk: Disk): Promise<string | null> {
  const name = markName(0);
  try {
    const file = await disk.create(name);
    await file.close();
    return name;
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
