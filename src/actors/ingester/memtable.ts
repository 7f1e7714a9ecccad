import { getOrCreate } from '../../wire/get-or-create.js';
import type { Labels } from '../../wire/labels.js';
import type { Nanos } from '../../wire/time.js';
import { LabelIndex } from './label-index.js';
import { isOlder } from './runs.js';
import type { ActiveStream, StoredBatch } from './stream.js';

/** Estimates of what a batch and the rows of one of its streams cost besides the bytes of the batch. */
const BATCH_OVERHEAD_BYTES = 2048;
const RUN_OVERHEAD_BYTES = 80;
const FIRST_RUNS = 256;

export interface MemtableStream {
  readonly id: number;
  readonly owner: MemtableTenant;
  readonly stream: ActiveStream;
  readonly labels: Labels;
  /** Its runs among those of the tenant, in order of arrival. */
  readonly runs: number[];
  /** Where the rows with the least and the greatest time are. */
  oldest: StoredBatch;
  oldestRow: number;
  newest: StoredBatch;
  newestRow: number;
  rows: number;
  /** Message bytes. */
  bytes: number;
}

export function minTimeOf({ oldest, oldestRow }: MemtableStream): Nanos {
  return oldest.entries.times[oldestRow]!;
}

export function maxTimeOf({ newest, newestRow }: MemtableStream): Nanos {
  return newest.entries.times[newestRow]!;
}

/** The part of a memtable that belongs to one tenant. */
export class MemtableTenant {
  readonly tenant: string;
  readonly batches: StoredBatch[] = [];
  /** By id. */
  readonly streams: MemtableStream[] = [];
  readonly index = new LabelIndex();
  #runs = new Int32Array(4 * FIRST_RUNS);
  #runCount = 0;

  constructor(tenant: string) {
    this.tenant = tenant;
  }

  /** Quads (batch, fromRow, toRow, stream) in order of arrival, as an object is built from them. */
  get runs(): Int32Array {
    return this.#runs.subarray(0, 4 * this.#runCount);
  }

  add(batch: StoredBatch, memtable: number): void {
    batch.memtable = memtable;
    batch.index = this.batches.push(batch) - 1;
    const { streamEnds } = batch.entries;
    let from = 0;
    for (let s = 0; s < streamEnds.length; s++) {
      const to = streamEnds[s]!;
      if (to > from) this.#addRun(batch, s, from, to);
      from = to;
    }
  }

  #addRun(batch: StoredBatch, s: number, from: number, to: number): void {
    const active = batch.streams[s]!;
    const { current } = active;
    const stream = current?.owner === this ? current : this.#addStream(active, batch, from);
    const { messageOffsets } = batch.entries;
    stream.runs.push(this.#appendRun(batch.index, from, to, stream.id));
    stream.rows += to - from;
    stream.bytes += messageOffsets[to]! - messageOffsets[from]!;
    const oldest = batch.runs.oldest(s);
    const newest = batch.runs.newest(s);
    if (isOlder(batch.words, oldest, stream.oldest.words, stream.oldestRow)) {
      stream.oldest = batch;
      stream.oldestRow = oldest;
    }
    if (isOlder(stream.newest.words, stream.newestRow, batch.words, newest)) {
      stream.newest = batch;
      stream.newestRow = newest;
    }
  }

  #appendRun(batch: number, from: number, to: number, stream: number): number {
    const at = 4 * this.#runCount;
    if (at === this.#runs.length) {
      const grown = new Int32Array(2 * at);
      grown.set(this.#runs);
      this.#runs = grown;
    }
    this.#runs[at] = batch;
    this.#runs[at + 1] = from;
    this.#runs[at + 2] = to;
    this.#runs[at + 3] = stream;
    return this.#runCount++;
  }

  #addStream(stream: ActiveStream, batch: StoredBatch, row: number): MemtableStream {
    const { labels } = stream;
    const id = this.index.add(labels);
    const ends = { oldest: batch, oldestRow: row, newest: batch, newestRow: row };
    const added: MemtableStream = { id, owner: this, stream, labels, runs: [], ...ends, rows: 0, bytes: 0 };
    this.streams.push(added);
    stream.current = added;
    return added;
  }
}

/** Batches since the last flush, oldest first: the log's records from `fromSeq` on. */
export class Memtable {
  readonly id: number;
  readonly fromSeq: number;
  readonly createdMs: number;
  readonly tenants = new Map<string, MemtableTenant>();
  lastAppendMs: number;
  rows = 0;
  /** Message and metadata bytes. */
  rawBytes = 0;
  memoryBytes = 0;
  /** All of it is in objects; only queries that hold it may still read it. */
  dropped = false;

  constructor(id: number, fromSeq: number, nowMs: number) {
    this.id = id;
    this.fromSeq = fromSeq;
    this.createdMs = nowMs;
    this.lastAppendMs = nowMs;
  }

  get streams(): number {
    let count = 0;
    for (const tenant of this.tenants.values()) count += tenant.streams.length;
    return count;
  }

  add(batch: StoredBatch, nowMs: number): void {
    const { tenant: name, rows } = batch.entries;
    getOrCreate(this.tenants, name, (tenant) => new MemtableTenant(tenant)).add(batch, this.id);
    this.lastAppendMs = nowMs;
    this.rows += rows;
    this.rawBytes += batch.runs.rawBytes;
    this.memoryBytes += memoryBytes(batch);
  }
}

/** A memtable that is being flushed, with the last sequence number it covers. */
export interface SealedMemtable {
  readonly table: Memtable;
  readonly toSeq: number;
}

/** What an encoded batch of so many bytes costs by itself. */
export function batchMemory(bytes: number): number {
  return bytes + BATCH_OVERHEAD_BYTES;
}

/** What the rows of so many streams in a batch cost besides. */
export function runMemory(runs: number): number {
  return RUN_OVERHEAD_BYTES * runs;
}

export function memoryBytes({ entries, streams }: StoredBatch): number {
  return batchMemory(entries.buffer.byteLength) + runMemory(streams.length);
}

/** Whether a memtable is as large as one should be. */
export function isFlushed(
  { rawBytes, memoryBytes }: Pick<Memtable, 'rawBytes' | 'memoryBytes'>,
  flushBytes: number,
): boolean {
  return rawBytes >= flushBytes || memoryBytes >= 2 * flushBytes;
}
