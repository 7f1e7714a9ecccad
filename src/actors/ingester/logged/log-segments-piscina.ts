import { Piscina } from 'piscina';
import type { NodeDisk } from '../../../storage/disk-node.js';
import { type MakeOf, madeOf, type ReadSegments, readWhole, type SegmentRead } from '../../../storage/wal/segments.js';
import type { Fingerprint } from '../recent.js';
import { digesting, type SegmentDigest } from './digest.js';
import { keepRecords, type LogSegments, segmentsInPlace } from './log-segments.js';
import type { SegmentJob } from './log-segments-main-node.js';

/** Segments that have been read and nobody has looked at yet, for each thread: one that is read and one that waits. */
const AHEAD = 2;

/** Fewer segments are read sooner than threads start. */
const SEGMENTS_MIN = 8;

/** Threads without work end after so long, and with them the memory they have. */
const IDLE_MS = 3000;

const THREAD = new URL('./log-segments-main-node.js', import.meta.url).href;

/**
 * Reads a folder's segments on threads of their own, which are there as long as there is something to read. Should a thread fail,
 * its segment is read on this one; if one dies, all that are left.
 */
export function segmentsOnThreads(
  disk: NodeDisk,
  count: number,
  fingerprint: Fingerprint,
  filename = THREAD,
): LogSegments {
  const inPlace = segmentsInPlace(disk, fingerprint);
  const threads = new SegmentThreads(disk.folder, count, filename);
  const inThread = <T>(job: SegmentJob, make: MakeOf<T>): Promise<SegmentRead<T>> =>
    threads.run(job, async () => madeOf(await readWhole(disk, job.name), job.afterSeq, make));
  const each = <T>(read: ReadOne<T>, few: ReadSegments<T>): ReadSegments<T> => {
    return (names, afterSeq) => {
      if (names.length < SEGMENTS_MIN) return few(names, afterSeq);
      return inOrder(names, AHEAD * count, (name) => read(name, afterSeq));
    };
  };
  const make = digesting(fingerprint);
  const digest: ReadOne<SegmentDigest> = (name, afterSeq) => inThread({ kind: 'digest', name, afterSeq }, make);
  return {
    digests: each(digest, inPlace.digests),
    digest: (name) => digest(name, 0),
    records: each((name, afterSeq) => inThread({ kind: 'records', name, afterSeq }, keepRecords), inPlace.records),
    read: (name, afterSeq, count) => inThread({ kind: 'records', name, afterSeq, count }, keepRecords),
    close: () => threads.close(),
  };
}

type ReadOne<T> = (name: string, afterSeq: number) => Promise<SegmentRead<T>>;

/** Threads that are started for the first of some jobs and end after the last one. */
class SegmentThreads {
  readonly #folder: string;
  readonly #count: number;
  readonly #filename: string;
  #pool: Piscina<SegmentJob, unknown> | null = null;
  #isBroken = false;
  #jobs = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(folder: string, count: number, filename: string) {
    this.#folder = folder;
    this.#count = count;
    this.#filename = filename;
  }

  /** `otherwise` when no thread can do it. */
  async run<T>(job: SegmentJob, otherwise: () => Promise<T>): Promise<T> {
    if (this.#isBroken) return otherwise();
    clearTimeout(this.#idle);
    this.#jobs++;
    try {
      this.#pool ??= this.#start();
      return (await this.#pool.run(job)) as T;
    } catch {
      return otherwise();
    } finally {
      if (--this.#jobs === 0) this.#idle = setTimeout(() => void this.close(), IDLE_MS).unref();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const pool = this.#pool;
    this.#pool = null;
    await pool?.destroy();
  }

  #start(): Piscina<SegmentJob, unknown> {
    const pool = new Piscina<SegmentJob, unknown>({
      filename: this.#filename,
      minThreads: this.#count,
      maxThreads: this.#count,
      concurrentTasksPerWorker: 1,
      atomics: 'disabled',
      workerData: this.#folder,
    });
    pool.on('error', () => {
      this.#isBroken = true;
      // Tasks that wait for a thread would wait for ever; so they fail.
      void this.close();
    });
    return pool;
  }
}

async function* inOrder<T>(
  names: readonly string[],
  atOnce: number,
  read: (name: string) => Promise<SegmentRead<T>>,
): AsyncGenerator<SegmentRead<T>> {
  const reads: Promise<SegmentRead<T>>[] = [];
  let next = 0;
  const readMore = (): void => {
    while (next < names.length && reads.length < atOnce) reads.push(read(names[next++]!));
  };
  for (readMore(); reads.length > 0; readMore()) yield await reads.shift()!;
}
