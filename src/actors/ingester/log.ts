import type { Disk } from '../../storage/disk.js';
import type { WalRecord } from '../../storage/wal/record.js';
import type { SegmentDamage } from '../../storage/wal/recovery.js';
import type { SegmentRead } from '../../storage/wal/segments.js';
import { Wal, type WalSettings } from '../../storage/wal/wal.js';
import { raise } from '../../wire/fault.js';
import type { FoundSegment } from './logged/choose.js';
import { KeptDigests } from './logged/kept-digests.js';
import { type LogSegments, segmentsInPlace } from './logged/log-segments.js';
import { type MetricSample, observeWal } from './observe.js';
import type { Fingerprint } from './recent.js';

/** Where entries are durable before objects have them. */
export interface IngesterLog {
  /** Makes records durable. Rejects when none of them is. */
  append(records: readonly WalRecord[]): Promise<void>;
  rotate(): Promise<void>;
  /** Objects have all records up to this one; they need not be kept. Never rejects. */
  truncate(throughSeq: number): Promise<void>;
  /** What was missing has come from others: the next opening no longer doubts this log. Never rejects. */
  trust(): Promise<void>;
}

/** A log that has been read. */
export interface OpenedLog {
  readonly log: IngesterLog;
  /** Numbers continue after it. */
  readonly lastSeq: number;
  /** Records up to here are in objects for certain. */
  readonly truncatedSeq: number;
  readonly records: number;
  readonly bytes: number;
  /** Grows when `replay` comes upon some that the opening did not look at. */
  readonly damage: readonly SegmentDamage[];
  /** Acknowledged records may be missing, because of damage now or before, or of a folder that was lost. */
  readonly isDoubtful: boolean;
  /** What was there, oldest first. */
  readonly segments: readonly FoundSegment[];
  /** The records of some segments, one after the other; each payload is all of a shared buffer. */
  replay(names: readonly string[]): AsyncIterable<readonly WalRecord[]>;
  /** Those of one that had so many, as long as it is not truncated away. Rejects when it cannot be read. */
  read(name: string, count: number): Promise<readonly WalRecord[]>;
  /** So many records of a segment are gone that were there when it was opened. Never rejects. */
  lost(name: string, records: number): Promise<void>;
  /** Called once, when what was there has been taken over: from now on records may arrive. */
  follow?(): void;
  close(): Promise<void>;
  observe(): readonly MetricSample[];
}

/** What a log is told by who reads it: what becomes of records that come by themselves, because others append them. */
export interface LogReader {
  readonly fingerprint: Fingerprint;
  /** Durable records, each numbered above all before; what they hold is not copied. */
  arrived(records: readonly ArrivedRecord[]): void;
  /** False while memory is used up. */
  hasRoom(): boolean;
}

export interface ArrivedRecord {
  readonly seq: number;
  readonly buffer: SharedArrayBuffer;
}

/** Reads a log. Rejects when it cannot be used. */
export type OpenLog = (reader: LogReader) => Promise<OpenedLog>;

export interface LogSettings extends WalSettings {
  /** At a start so much of a log is read, and what is written at the time; of all before there are digests. */
  readonly unreadBytesMax: number;
}

/** The write-ahead log in a folder that nobody else writes to. */
export function walIn(
  disk: Disk,
  settings: LogSettings,
  now: () => bigint,
  reading: (fingerprint: Fingerprint) => LogSegments = (fingerprint) => segmentsInPlace(disk, fingerprint),
): OpenLog {
  return async ({ fingerprint }) => {
    const segments = reading(fingerprint);
    const kept = new KeptDigests(disk, segments, settings.unreadBytesMax);
    const { wal, recovery } = await Wal.open(disk, settings, (names, afterSeq) => kept.digests(names, afterSeq));
    const { truncatedSeq, lastSeq, records, bytes, isDoubtful, made } = recovery;
    const damage = new LogDamage(wal, kept, recovery.damage);
    return {
      ...{ log: wal, truncatedSeq, records, bytes, damage: damage.all, isDoubtful, segments: made },
      // Numbers continue from the clock, in microseconds: no log put in place of this one can make them repeat. One is left out
      // in any case, so that it can be told what different processes wrote.
      lastSeq: Math.max(lastSeq + 1, Number(now() / 1000n)),
      replay: async function* (names) {
        for await (const segment of segments.records(names, truncatedSeq)) {
          await damage.lookAt(segment);
          yield segment.made;
        }
      },
      read: async (name, count) => {
        const { made: records, damage: now } = await segments.read(name, truncatedSeq, count);
        const unreadable = now.find(({ kind }) => kind === 'unreadable');
        return unreadable ? raise('unavailable', `${name} cannot be read: ${unreadable.reason}`) : records;
      },
      lost: (name, count) => damage.lost(name, count),
      follow: () => kept.follow(wal),
      close: async () => {
        await kept.close();
        await Promise.all([wal.close(), segments.close()]);
      },
      observe: () => observeWal(wal, damage.all),
    };
  };
}

/** What is damaged of a log, also what is found so after it was opened. */
class LogDamage {
  readonly all: SegmentDamage[];
  readonly #wal: Wal;
  readonly #kept: KeptDigests;

  constructor(wal: Wal, kept: KeptDigests, found: readonly SegmentDamage[]) {
    this.#wal = wal;
    this.#kept = kept;
    this.all = [...found];
  }

  /** Of a segment that was not read when the log was opened, what is damaged comes to light now. */
  async lookAt({ name, made, damage }: SegmentRead<readonly WalRecord[]>): Promise<void> {
    const records = this.#kept.recordsOf(name);
    if (records === undefined || (damage.length === 0 && made.length >= records)) return;
    if (damage.length === 0) return this.lost(name, records - made.length);
    this.all.push(...damage.map((one) => ({ segment: name, ...one })));
    await this.#wal.doubt(name);
  }

  lost(name: string, records: number): Promise<void> {
    const reason = `${records} records are gone that had been there`;
    this.all.push({ segment: name, kind: 'corrupt', offset: 0, bytes: 0, reason });
    return this.#wal.doubt(name);
  }
}
