import { getOrCreate } from '../../wire/get-or-create.js';
import type { Labels } from '../../wire/labels.js';
import type { Nanos } from '../../wire/time.js';
import { LabelIndex } from './label-index.js';
import { type ActiveStream, isOlder, type Piece, type StoredBatch } from './stream.js';

/** Estimates of what a batch and a piece of it cost besides the bytes of the batch. */
const BATCH_OVERHEAD_BYTES = 2048;
const PIECE_OVERHEAD_BYTES = 160;

export interface MemtableStream {
  readonly id: number;
  readonly owner: MemtableTenant;
  readonly stream: ActiveStream;
  readonly labels: Labels;
  /** In order of arrival. */
  readonly pieces: Piece[];
  /** Those with the least and the greatest time. */
  oldest: Piece;
  newest: Piece;
  rows: number;
  /** Message bytes. */
  bytes: number;
}

export function minTimeOf({ oldest: { batch, oldest } }: MemtableStream): Nanos {
  return batch.entries.times[oldest]!;
}

export function maxTimeOf({ newest: { batch, newest } }: MemtableStream): Nanos {
  return batch.entries.times[newest]!;
}

/** The part of a memtable that belongs to one tenant. */
export class MemtableTenant {
  readonly tenant: string;
  readonly batches: StoredBatch[] = [];
  /** By id. */
  readonly streams: MemtableStream[] = [];
  readonly index = new LabelIndex();

  constructor(tenant: string) {
    this.tenant = tenant;
  }

  add(batch: StoredBatch, memtable: number): void {
    batch.memtable = memtable;
    batch.index = this.batches.push(batch) - 1;
    const { messageOffsets } = batch.entries;
    for (const piece of batch.pieces) {
      const { current } = piece.stream;
      const stream = current?.owner === this ? current : this.#addStream(piece);
      piece.id = stream.id;
      stream.pieces.push(piece);
      stream.rows += piece.to - piece.from;
      stream.bytes += messageOffsets[piece.to]! - messageOffsets[piece.from]!;
      const { oldest, newest } = stream;
      if (isOlder(batch.words, piece.oldest, oldest.batch.words, oldest.oldest)) stream.oldest = piece;
      if (isOlder(newest.batch.words, newest.newest, batch.words, piece.newest)) stream.newest = piece;
    }
  }

  #addStream(piece: Piece): MemtableStream {
    const { stream } = piece;
    const { labels } = stream;
    const added: MemtableStream = {
      id: this.index.add(labels),
      owner: this,
      stream,
      labels,
      pieces: [],
      oldest: piece,
      newest: piece,
      rows: 0,
      bytes: 0,
    };
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
    this.rawBytes += rawBytes(batch);
    this.memoryBytes += memoryBytes(batch);
  }
}

/** A memtable that is being flushed, with the last sequence number it covers. */
export interface SealedMemtable {
  readonly table: Memtable;
  readonly toSeq: number;
}

export function rawBytes({ entries }: StoredBatch): number {
  return entries.messages.length + entries.metadata.length;
}

/** What an encoded batch costs by itself. */
export function batchMemory(buffer: SharedArrayBuffer): number {
  return buffer.byteLength + BATCH_OVERHEAD_BYTES;
}

export function memoryBytes({ entries, pieces }: StoredBatch): number {
  return batchMemory(entries.buffer) + PIECE_OVERHEAD_BYTES * pieces.length;
}
