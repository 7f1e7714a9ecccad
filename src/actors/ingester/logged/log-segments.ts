import type { Disk } from '../../../storage/disk.js';
import type { WalRecord } from '../../../storage/wal/record.js';
import {
  type MakeOf,
  madeOf,
  type ReadSegments,
  readWhole,
  type SegmentRead,
  segmentsOf,
} from '../../../storage/wal/segments.js';
import type { Fingerprint } from '../recent.js';
import { digesting, type SegmentDigest } from './digest.js';
import { ownMemory } from './own-memory.js';

/** The ways in which an ingester reads segments of its log. Records have memory of their own. */
export interface LogSegments {
  readonly digests: ReadSegments<SegmentDigest>;
  readonly records: ReadSegments<readonly WalRecord[]>;
  /** Of one segment. Never rejects. */
  digest(name: string): Promise<SegmentRead<SegmentDigest>>;
  /** Of one that had so many records when they were counted. Never rejects. */
  read(name: string, afterSeq: number, count: number): Promise<SegmentRead<readonly WalRecord[]>>;
  close(): Promise<void>;
}

/** On the thread that asks. */
export function segmentsInPlace(disk: Disk, fingerprint: Fingerprint): LogSegments {
  const make = digesting(fingerprint);
  return {
    digests: segmentsOf(disk, make),
    digest: async (name) => madeOf(await readWhole(disk, name), 0, make),
    records: segmentsOf(disk, keepRecords),
    read: async (name, afterSeq) => madeOf(await readWhole(disk, name), afterSeq, keepRecords),
    close: async () => undefined,
  };
}

export const keepRecords: MakeOf<readonly WalRecord[]> = (records) =>
  Array.from(records, ({ seq, payload }) => ({ seq, payload: new Uint8Array(ownMemory(payload)) }));
