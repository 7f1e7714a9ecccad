/** The body of a thread that reads segments of a log. */
import { workerData } from 'node:worker_threads';
import { collectGarbage } from '../../../storage/collect-garbage-node.js';
import { NodeDisk } from '../../../storage/disk-node.js';
import type { WalRecord } from '../../../storage/wal/record.js';
import { madeOf, readWhole, type SegmentRead } from '../../../storage/wal/segments.js';
import { loadFingerprint } from '../recent.js';
import { digesting, type SegmentDigest } from './digest.js';
import { keepRecords } from './log-segments.js';

export interface SegmentJob {
  readonly kind: 'digest' | 'records';
  readonly name: string;
  readonly afterSeq: number;
}

// Piscina wraps the data given to the pool in a pair of its own.
const folder = (Array.isArray(workerData) ? workerData[1] : workerData) as string;
const digest = digesting(await loadFingerprint());
let spare: Buffer | undefined;

export default async function main({
  kind,
  name,
  afterSeq,
}: SegmentJob): Promise<SegmentRead<SegmentDigest> | SegmentRead<readonly WalRecord[]>> {
  const whole = await readWhole(await NodeDisk.open(folder), name, spare);
  spare = whole.buffer;
  // When the answer is on its way: records are in memory as long as this thread refers to them.
  setImmediate(collectGarbage);
  return kind === 'digest' ? madeOf(whole, afterSeq, digest) : madeOf(whole, afterSeq, keepRecords);
}
