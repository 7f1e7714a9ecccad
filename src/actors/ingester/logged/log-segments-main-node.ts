/** The body of a thread that reads segments of a log. */
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import { collectGarbage } from '../../../storage/collect-garbage-node.js';
import { NodeDisk } from '../../../storage/disk-node.js';
import { HEADER_BYTES, type WalRecord } from '../../../storage/wal/record.js';
import { segmentNumbers } from '../../../storage/wal/segment.js';
import { madeOf, readWhole, type SegmentRead } from '../../../storage/wal/segments.js';
import { loadFingerprint } from '../recent.js';
import { digesting, type SegmentDigest } from './digest.js';
import { keepRecords } from './log-segments.js';
import { readRecords } from './read-records-node.js';

export interface SegmentJob {
  readonly kind: 'digest' | 'records';
  readonly name: string;
  readonly afterSeq: number;
  /** How many records there are, where that is known. */
  readonly count?: number;
}

// Piscina wraps the data given to the pool in a pair of its own.
const folder = (Array.isArray(workerData) ? workerData[1] : workerData) as string;
const digest = digesting(await loadFingerprint());
/** Read into by one job after the other; not kept once single segments are asked for. */
let spare: Buffer | undefined;

export default async function main(
  job: SegmentJob,
): Promise<SegmentRead<SegmentDigest> | SegmentRead<readonly WalRecord[]>> {
  const { kind, name, afterSeq, count } = job;
  // When the answer is on its way: records are in memory as long as this thread refers to them.
  setImmediate(collectGarbage);
  const known = count === undefined ? null : readCounted(name, afterSeq, count);
  if (known) return known;
  const whole = await readWhole(await NodeDisk.open(folder), name, spare);
  spare = count === undefined ? whole.buffer : undefined;
  return kind === 'digest' ? madeOf(whole, afterSeq, digest) : madeOf(whole, afterSeq, keepRecords);
}

/** Null when there are not as many records as there should be: then the segment is looked at as a whole. */
function readCounted(name: string, afterSeq: number, count: number): SegmentRead<readonly WalRecord[]> | null {
  spare = undefined;
  try {
    const all = readRecords(join(folder, name), segmentNumbers(name)?.firstSeq ?? 0);
    const made = all.filter(({ seq }) => seq > afterSeq);
    if (made.length !== count) return null;
    const payloadBytes = made.reduce((sum, { payload }) => sum + payload.length, 0);
    const bytes = all.reduce((sum, { payload }) => sum + HEADER_BYTES + payload.length, 0);
    return { name, bytes, lastSeq: all.at(-1)?.seq ?? 0, records: count, payloadBytes, made, damage: [] };
  } catch {
    return null;
  }
}
