import type { Disk } from '../../storage/disk.js';
import type { WalRecord } from '../../storage/wal/record.js';
import type { SegmentDamage } from '../../storage/wal/recovery.js';
import type { ReadSegments } from '../../storage/wal/segments.js';
import { Wal, type WalSettings } from '../../storage/wal/wal.js';
import { type MetricSample, observeWal } from './observe.js';

/** Where entries are durable before objects have them. */
export interface IngesterLog {
  /** Makes records durable. Rejects when none of them is. */
  append(records: readonly WalRecord[]): Promise<void>;
  rotate(): Promise<void>;
  /** Objects have all records up to this one; they need not be kept. Never rejects. */
  truncate(throughSeq: number): Promise<void>;
  /** What was missing has come from others: the next opening no longer doubts this log. Never rejects. */
  trust(): Promise<void>;
  close(): Promise<void>;
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
  /** Called once, when what was there has been taken over: from now on records may arrive. */
  follow?(): void;
  observe(): readonly MetricSample[];
}

/** What an ingester does with records that come by themselves, because others append them to its log. */
export interface LogReader {
  /** Durable records, each numbered above all before; what they hold is not copied. */
  arrived(records: readonly ArrivedRecord[]): void;
  /** False while memory is used up. */
  hasRoom(): boolean;
}

export interface ArrivedRecord {
  readonly seq: number;
  readonly buffer: SharedArrayBuffer;
}

/** Reads a log: `visit` gets each record that is there, as a view that it must not keep unless it is all of a buffer. Rejects when it cannot be used. */
export type OpenLog = (visit: (record: WalRecord) => void, reader: LogReader) => Promise<OpenedLog>;

/** The write-ahead log in a folder that nobody else writes to. */
export function walIn(disk: Disk, settings: WalSettings, now: () => bigint, read?: ReadSegments): OpenLog {
  return async (visit) => {
    const opened = await Wal.open(disk, settings, visit, read);
    const { truncatedSeq, lastSeq, records, bytes, damage, isDoubtful } = opened.recovery;
    return {
      ...{ log: opened.wal, truncatedSeq, records, bytes, damage, isDoubtful },
      // Numbers continue from the clock, in microseconds: no log put in place of this one can make them repeat.
      lastSeq: Math.max(lastSeq, Number(now() / 1000n)),
      observe: () => observeWal(opened),
    };
  };
}
