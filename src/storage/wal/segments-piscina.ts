import { Piscina } from 'piscina';
import type { Disk } from '../disk.js';
import type { NodeDisk } from '../disk-node.js';
import type { WalRecord } from './record.js';
import type { Damage } from './replay.js';
import { type ReadSegments, readWhole, type SegmentRead, segmentsOf } from './segments.js';
import type { SegmentContents } from './segments-main-node.js';

/** Segments in memory that nobody has looked at yet, for each thread: one that is read and one that waits. */
const AHEAD = 2;

/** Fewer segments are read sooner than threads start. */
const SEGMENTS_MIN = 8;

const THREAD = new URL('./segments-main-node.js', import.meta.url).href;

/**
 * Reads and verifies a folder's segments on threads of their own, which end with the last of them. Payloads are in shared
 * memory and each has it to itself. Should a thread fail, its segment is read on this one; if one dies, all that are left.
 */
export function segmentsOnThreads(disk: NodeDisk, threads: number, filename = THREAD): ReadSegments {
  return async function* (names) {
    if (names.length < SEGMENTS_MIN) return yield* segmentsOf(disk)(names);
    const pool = new Piscina<string, SegmentContents>({
      filename,
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: 1,
      atomics: 'disabled',
      workerData: disk.folder,
    });
    let isBroken = false;
    pool.on('error', () => {
      isBroken = true;
      // Tasks that wait for a thread would wait for ever; so they fail.
      void pool.destroy();
    });
    const read = (name: string): Promise<SegmentRead> => (isBroken ? readWhole(disk, name) : readOn(pool, disk, name));
    const ahead: Promise<SegmentRead>[] = [];
    let next = 0;
    const readMore = (): void => {
      while (next < names.length && ahead.length < AHEAD * threads) ahead.push(read(names[next++]!));
    };
    try {
      for (readMore(); ahead.length > 0; readMore()) yield await ahead.shift()!;
    } finally {
      await pool.destroy();
    }
  };
}

async function readOn(pool: Piscina<string, SegmentContents>, disk: Disk, name: string): Promise<SegmentRead> {
  try {
    const { bytes, seqs, payloads, damage } = await pool.run(name);
    return { name, bytes, records: replayed(seqs, payloads, damage) };
  } catch {
    return readWhole(disk, name);
  }
}

function* replayed(
  seqs: readonly number[],
  payloads: readonly SharedArrayBuffer[],
  damage: readonly Damage[],
): Generator<WalRecord, readonly Damage[]> {
  for (let i = 0; i < seqs.length; i++) yield { seq: seqs[i]!, payload: new Uint8Array(payloads[i]!) };
  return damage;
}
