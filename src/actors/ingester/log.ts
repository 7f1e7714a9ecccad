import type { Disk } from '../../storage/disk.js';
import type { WalRecord } from '../../storage/wal/record.js';
import type { SegmentDamage } from '../../storage/wal/recovery.js';
import { Wal, type WalSettings } from '../../storage/wal/wal.js';
import { raise } from '../../wire/fault.js';
import type { FoundSegment } from './logged/choose.js';
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
  readonly damage: readonly SegmentDamage[];
  /** Acknowledged records may be missing, because of damage now or before, or of a folder that was lost. */
  readonly isDoubtful: boolean;
  /** What was there, oldest first. */
  readonly segments: readonly FoundSegment[];
  /** The records of some segments, one after the other; each payload is all of a shared buffer. */
  replay(names: readonly string[]): AsyncIterable<readonly WalRecord[]>;
  /** Those of one, as long as it is not truncated away. Rejects when it cannot be read. */
  read(name: string): Promise<readonly WalRecord[]>;
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

/** The write-ahead log in a folder that nobody else writes to. */
export function walIn(
  disk: Disk,
  settings: WalSettings,
  now: () => bigint,
  reading: (fingerprint: Fingerprint) => LogSegments = (fingerprint) => segmentsInPlace(disk, fingerprint),
): OpenLog {
  return async ({ fingerprint }) => {
    const segments = reading(fingerprint);
    const opened = await Wal.open(disk, settings, segments.digests);
    const { truncatedSeq, lastSeq, records, bytes, damage, isDoubtful, made } = opened.recovery;
    return {
      ...{ log: opened.wal, truncatedSeq, records, bytes, damage, isDoubtful, segments: made },
      // Numbers continue from the clock, in microseconds: no log put in place of this one can make them repeat.
      lastSeq: Math.max(lastSeq, Number(now() / 1000n)),
      replay: async function* (names) {
        for await (const { made: records } of segments.records(names, truncatedSeq)) yield records;
      },
      read: async (name) => {
        const { made: records, damage: now } = await segments.read(name, truncatedSeq);
        const unreadable = now.find(({ kind }) => kind === 'unreadable');
        return unreadable ? raise('unavailable', `${name} cannot be read: ${unreadable.reason}`) : records;
      },
      close: async () => {
        await Promise.all([opened.wal.close(), segments.close()]);
      },
      observe: () => observeWal(opened),
    };
  };
}
