import { FaultError, fault } from '../../wire/fault.js';
import { type Disk, diskErrorCode, type WritableFile } from '../disk.js';
import { digestName, draftName, isDigestOf, writeDraft } from './digest-file.js';
import { encodeHeader, GROUP_END, recordBytes, type WalRecord } from './record.js';
import { type Recovery, recoverLog } from './recovery.js';
import { type ClosedSegment, type Mark, markName, quarantinedName, spareName } from './segment.js';
import type { ReadSegments } from './segments.js';
import { SegmentLedger } from './writer.js';

export interface WalSettings {
  /** A segment ends before it would grow beyond this; a larger group gets a segment of its own. */
  readonly segmentBytesMax: number;
  /** So many segments that are no longer needed are kept to be written over. */
  readonly sparesMax: number;
}

/** Totals since the log was opened, and what it holds now. */
export interface WalCounters {
  recordsLogged: number;
  bytesLogged: number;
  /** Groups refused for want of space, and for any other reason. */
  diskFullFailures: number;
  writeFailures: number;
  /** Segments or marks that could not be removed; tried again with the next truncation. */
  truncateFailures: number;
  segments: number;
  bytesInUse: number;
  spares: number;
}

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * An append-only log of records in segments. A segment that existed when the log was opened is never written to, so a
 * torn end never gets records behind it. One that is no longer needed is kept and written over: the file system then need not
 * note for every sync that a file has become longer, which is nearly half of its time. Operations are carried out one at a time, in the order of the calls.
 */
export class Wal {
  readonly #disk: Disk;
  readonly #settings: WalSettings;
  readonly #ledger: SegmentLedger;
  readonly #counters: WalCounters = {
    recordsLogged: 0,
    bytesLogged: 0,
    diskFullFailures: 0,
    writeFailures: 0,
    truncateFailures: 0,
    segments: 0,
    bytesInUse: 0,
    spares: 0,
  };
  readonly #spares: string[];
  /** Segments that have a digest. */
  readonly #digested: Set<string>;
  /** Called when a segment is no longer written to. */
  onClosed: () => void = () => undefined;
  #mark: Mark | null;
  /** Known to be durable: no segment is removed before its records are below, nor a damaged one before it is doubtful. */
  #durable: Mark;
  #isDoubtful: boolean;
  #file: WritableFile | null = null;
  #tail: Promise<void> = Promise.resolve();

  private constructor(disk: Disk, settings: WalSettings, { mark, isDoubtful, ...found }: Recovery<unknown>) {
    this.#disk = disk;
    this.#settings = settings;
    this.#ledger = new SegmentLedger(settings.segmentBytesMax, found.segments, found.durableSeq);
    this.#spares = [...found.spares];
    const names = new Set(found.segments.map(({ name }) => name));
    this.#digested = new Set([...names].filter((name) => found.digests.includes(digestName(name))));
    this.#mark = mark;
    this.#durable = mark ?? { seq: 0, isDoubtful: false };
    this.#isDoubtful = isDoubtful;
  }

  /** Reads what is there. */
  static async open<T>(disk: Disk, settings: WalSettings, read: ReadSegments<T>): Promise<OpenedWal<T>> {
    const recovery = await recoverLog(disk, read);
    const names = new Set(recovery.segments.map(({ name }) => name));
    for (const left of recovery.digests) if (!isDigestOf(names, left)) await quietly(disk.remove(left));
    return { wal: new Wal(disk, settings, recovery), recovery };
  }

  /**
   * Makes a group of records durable with one write and one sync. Raises `storage-full` when the disk refuses: then none
   * of the group was acknowledged, its sequence numbers are spent, and the next group is tried afresh.
   */
  append(records: readonly WalRecord[]): Promise<void> {
    return this.#inTurn(() => this.#append(records));
  }

  /** The next record starts a new segment. */
  rotate(): Promise<void> {
    return this.#inTurn(() => this.#closeSegment());
  }

  /** Forgets all records up to and including `throughSeq`, for good: they do not come back after a crash. Never rejects. */
  truncate(throughSeq: number): Promise<void> {
    return this.#inTurn(() => this.#truncate(throughSeq));
  }

  /** What was missing has come from others: the next opening no longer doubts this log. Never rejects. */
  trust(): Promise<void> {
    return this.#inTurn(() => {
      this.#isDoubtful = false;
      return this.#truncate(0);
    });
  }

  /** Segments that are no longer written to and have no digest, oldest first; not those that are damaged. */
  undigested(): readonly ClosedSegment[] {
    return this.#ledger.closed.filter(({ name, damaged }) => !damaged && !this.#digested.has(name));
  }

  /** Keeps what was made of a segment beside it, as long as it is there: see digest-file.ts. Never rejects. */
  async keepDigest(name: string, bytes: Uint8Array): Promise<void> {
    const isWritten = await succeeds(writeDraft(this.#disk, name, bytes));
    await this.#inTurn(async () => {
      const isKept = isWritten && this.#ledger.hasClosed(name);
      if (isKept && (await succeeds(this.#disk.rename(draftName(name), digestName(name))))) this.#digested.add(name);
      else await quietly(this.#disk.remove(draftName(name)));
    });
  }

  /** A segment turned out to be damaged: the next start reads what is left of it, and it is set aside when it is no longer needed. Never rejects. */
  doubt(name: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#ledger.damaged(name);
      await this.#removeDigest(name);
      this.#isDoubtful = true;
      await this.#truncate(0);
    });
  }

  close(): Promise<void> {
    return this.#inTurn(() => this.#closeSegment());
  }

  observe(): Readonly<WalCounters> {
    const { segments, bytes: bytesInUse } = this.#ledger;
    return { ...this.#counters, segments, bytesInUse, spares: this.#spares.length };
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const result = this.#tail.then(task);
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #append(records: readonly WalRecord[]): Promise<void> {
    const bytes = records.reduce((sum, record) => sum + recordBytes(record), 0);
    const lastSeq = records.at(-1)!.seq;
    try {
      if (!this.#file || !this.#ledger.fits(bytes)) await this.#openSegment(records[0]!.seq);
      await this.#write(this.#file!, encodeGroup(records, this.#ledger.offset), lastSeq);
    } catch (error) {
      throw this.#refusal(error);
    }
    this.#ledger.wrote(bytes, lastSeq);
    this.#counters.recordsLogged += records.length;
    this.#counters.bytesLogged += bytes;
  }

  async #openSegment(firstSeq: number): Promise<void> {
    await this.#closeSegment();
    const name = this.#ledger.nameFor(firstSeq);
    const file = (await this.#overSpare(name)) ?? (await this.#disk.create(name));
    try {
      await this.#disk.syncFolder();
    } catch (error) {
      await quietly(file.close());
      await quietly(this.#disk.remove(name));
      throw error;
    }
    this.#file = file;
    this.#ledger.opened(firstSeq);
  }

  /** A segment in place of a spare one; null when there is none that can be used. */
  async #overSpare(name: string): Promise<WritableFile | null> {
    const spare = this.#spares.pop();
    if (spare === undefined) return null;
    try {
      await this.#disk.rename(spare, name);
    } catch {
      return null;
    }
    try {
      return await this.#disk.overwrite(name);
    } catch (error) {
      await quietly(this.#disk.remove(name));
      throw error;
    }
  }

  async #write(file: WritableFile, parts: readonly Uint8Array[], lastSeq: number): Promise<void> {
    let isFull = false;
    try {
      await file.write(parts, this.#ledger.offset).catch((error: unknown) => {
        isFull = FULL.has(diskErrorCode(error));
        throw error;
      });
      await file.sync();
    } catch (error) {
      const isCut = await succeeds(file.truncate(this.#ledger.offset));
      // A write may be its own sync, and after a failed sync nothing is certain about this file's cached pages.
      if (!isCut || !isFull) await this.#closeSegment(lastSeq);
      throw error;
    }
  }

  async #closeSegment(lastSeq = 0): Promise<void> {
    const file = this.#file;
    this.#file = null;
    this.#ledger.close(lastSeq);
    if (!file) return;
    await quietly(file.close());
    this.onClosed();
  }

  async #truncate(throughSeq: number): Promise<void> {
    try {
      const mark = { seq: Math.max(throughSeq, this.#mark?.seq ?? 0), isDoubtful: this.#isDoubtful };
      if (!isSame(mark, this.#mark)) await this.#setMark(mark);
      if (!isSame(mark, this.#durable)) {
        await this.#disk.syncFolder();
        this.#durable = mark;
      }
      for (const segment of this.#ledger.droppable(mark.seq)) await this.#drop(segment);
      while (this.#spares.length > this.#settings.sparesMax) await this.#disk.remove(this.#spares.pop()!);
    } catch {
      this.#counters.truncateFailures++;
    }
  }

  async #drop(segment: ClosedSegment): Promise<void> {
    const { name, bytes, damaged, own } = segment;
    const isSpare = own && bytes <= this.#settings.segmentBytesMax && this.#spares.length < this.#settings.sparesMax;
    await this.#removeDigest(name);
    if (damaged) await this.#disk.rename(name, quarantinedName(name));
    else if (isSpare) {
      await this.#disk.rename(name, spareName(name));
      this.#spares.push(spareName(name));
    } else await this.#disk.remove(name);
    this.#ledger.dropped(segment);
  }

  async #removeDigest(name: string): Promise<void> {
    if (this.#digested.delete(name)) await quietly(this.#disk.remove(digestName(name)));
  }

  async #setMark(mark: Mark): Promise<void> {
    if (this.#mark !== null) await this.#disk.rename(markName(this.#mark), markName(mark));
    else await (await this.#disk.create(markName(mark))).close();
    this.#mark = mark;
  }

  #refusal(error: unknown): FaultError {
    const code = diskErrorCode(error);
    if (FULL.has(code)) this.#counters.diskFullFailures++;
    else this.#counters.writeFailures++;
    return new FaultError(
      fault('storage-full', `the write-ahead log could not be written (${code}): free some disk space`),
    );
  }
}

export interface OpenedWal<T> {
  readonly wal: Wal;
  readonly recovery: Recovery<T>;
}

function isSame(mark: Mark, other: Mark | null): boolean {
  return mark.seq === other?.seq && mark.isDoubtful === other.isDoubtful;
}

function encodeGroup(records: readonly WalRecord[], start: number): readonly Uint8Array[] {
  const parts: Uint8Array[] = [];
  let offset = start;
  for (const record of records) {
    parts.push(encodeHeader(record, offset));
    if (record.head) parts.push(record.head);
    parts.push(record.payload);
    offset += recordBytes(record);
  }
  parts.push(GROUP_END);
  return parts;
}

/** For tidying up after a failure that is already being reported. */
async function quietly(work: Promise<void>): Promise<void> {
  await succeeds(work);
}

function succeeds(work: Promise<void>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
