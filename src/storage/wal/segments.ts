import { type Disk, diskErrorCode } from '../disk.js';
import type { WalRecord } from './record.js';
import { type Damage, readSegment } from './replay.js';
import { segmentNumbers } from './segment.js';

/** A segment as it was read. */
export interface SegmentRead {
  readonly name: string;
  readonly bytes: number;
  /** What `readSegment` finds in it; payloads are valid until the next segment is asked for. */
  readonly records: Generator<WalRecord, readonly Damage[]>;
}

/** Reads segments in the order of their names. Never throws: one that the disk does not give has no records and one damage. */
export type ReadSegments = (names: readonly string[]) => AsyncIterable<SegmentRead>;

/** The next segment is read while one is being looked at; two buffers are used by turns. */
export function segmentsOf(disk: Disk): ReadSegments {
  return async function* (names) {
    let spare: Buffer | undefined;
    let next = names[0] === undefined ? undefined : readWhole(disk, names[0]);
    for (let i = 0; next !== undefined; i++) {
      const read = await next;
      const name = names[i + 1];
      next = name === undefined ? undefined : readWhole(disk, name, spare);
      yield read;
      spare = read.buffer;
    }
  };
}

/** Never rejects. */
export async function readWhole(
  disk: Disk,
  name: string,
  into?: Buffer,
): Promise<SegmentRead & { readonly buffer: Buffer }> {
  try {
    const bytes = await disk.read(name, into);
    const buffer = into && into.buffer === bytes.buffer ? into : bytes;
    return { name, bytes: bytes.length, records: readSegment(bytes, segmentNumbers(name)?.firstSeq), buffer };
  } catch (error) {
    return { name, bytes: 0, records: unreadable(diskErrorCode(error)), buffer: into ?? NO_BYTES };
  }
}

// biome-ignore lint/correctness/useYield: it has no records
function* unreadable(reason: string): Generator<never, readonly Damage[]> {
  return [{ kind: 'unreadable', offset: 0, bytes: 0, reason }];
}

const NO_BYTES = Buffer.alloc(0);
