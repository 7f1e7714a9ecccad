import type { TopK } from '../../planning/physical/node.js';
import type { LogBatch } from '../batch/log-batch.js';
import { gatherRows, type RowsTable, TableRows } from '../batch/rows-table.js';
import { BATCH_SIZES, type BatchSizes } from '../batch/sizes.js';
import { checkMemory } from '../memory.js';
import type { Pipeline } from '../pipeline.js';

/** The time of the k-th best row so far: scans below skip what cannot beat it. */
export class TopKBound {
  readonly ascending: boolean;
  /** Undefined until k rows are known. Nanoseconds since the epoch. */
  time: bigint | undefined;

  /** `time`: when it is already certain that k rows at least as good exist elsewhere. */
  constructor(ascending: boolean, time?: bigint) {
    this.ascending = ascending;
    this.time = time;
  }

  /** True when nothing in [min, max] can be among the best. Equal times are let through. */
  excludes(min: bigint, max: bigint): boolean {
    if (this.time === undefined) return false;
    return this.ascending ? min > this.time : max < this.time;
  }
}

/** A batch with the rank of its sender among several; rows of equal time are ordered by it. */
export interface RankedBatch {
  readonly batch: LogBatch | TableRows;
  readonly rank: number;
  /** True when the batch's rows are already in the order of the query. */
  readonly ordered: boolean;
}

/** The first k rows by time; rows of equal time keep storage order when ascending and reverse it when descending. */
export async function* topK(
  input: Pipeline<RankedBatch>,
  node: TopK,
  bound: TopKBound,
  memoryBytesMax = Number.POSITIVE_INFINITY,
  sizes: BatchSizes = BATCH_SIZES,
): Pipeline<RowsTable> {
  const best = new Best(node, bound, memoryBytesMax, sizes);
  for await (const ranked of input) await best.add(ranked);
  const table = await best.finish();
  if (table.rows > 0) yield node.intervalNs > 0 ? spaced(table, node) : table;
}

class Best {
  readonly #node: TopK;
  readonly #bound: TopKBound;
  readonly #sizes: BatchSizes;
  readonly #memoryBytesMax: number;
  #batches: (LogBatch | TableRows)[] = [];
  // One candidate per index: where it is, when it was, and its place among equals.
  #batchOf: number[] = [];
  #rowOf: number[] = [];
  #timeOf: number[] = [];
  #placeOf: number[] = [];
  #base: bigint | undefined;
  #threshold: number | undefined;
  #arrivals = 0;
  /** Bytes of the batches. */
  #retained = 0;

  constructor(node: TopK, bound: TopKBound, memoryBytesMax: number, sizes: BatchSizes) {
    this.#sizes = sizes;
    this.#memoryBytesMax = memoryBytesMax;
    this.#node = node;
    this.#bound = bound;
  }

  async add({ batch, rank, ordered }: RankedBatch): Promise<void> {
    if (batch.count === 0) return;
    if (this.#base === undefined) this.#start(batch.base);
    const shift = Number(batch.base - this.#base!);
    const { ascending } = this.#node;
    const place = rank * 2 ** 40;
    const number = this.#batches.length;
    const before = this.#rowOf.length;
    const forwards = ascending || ordered;
    for (let i = 0; i < batch.count; i++) {
      const row = batch.row(forwards ? i : batch.count - 1 - i);
      const time = batch.times[row]! + shift;
      if (this.#threshold !== undefined && (ascending ? time > this.#threshold : time < this.#threshold)) continue;
      this.#batchOf.push(number);
      this.#rowOf.push(row);
      this.#timeOf.push(time);
      this.#placeOf.push(place + this.#arrivals++);
    }
    if (this.#rowOf.length === before) return letGo(batch);
    this.#batches.push(batch);
    this.#retained += bytesOf(batch);
    const { candidatesSlack, retainedBytes } = this.#sizes;
    // The first k tell scans what need not be read: soon is better than seldom.
    const most = this.#threshold === undefined ? this.#limit : 2 * this.#limit + candidatesSlack;
    if (this.#rowOf.length >= most || this.#retained > retainedBytes) await this.#prune();
  }

  /** Times are offsets from the first batch's base; a bound known before is a threshold from the start. */
  #start(base: bigint): void {
    this.#base = base;
    if (this.#bound.time !== undefined) this.#threshold = Number(this.#bound.time - base);
  }

  finish(): Promise<RowsTable> {
    return this.#gather(this.#sorted().slice(0, this.#limit));
  }

  get #limit(): number {
    return this.#node.intervalNs > 0 ? Number.POSITIVE_INFINITY : this.#node.k;
  }

  #sorted(): number[] {
    const sign = this.#node.ascending ? 1 : -1;
    const times = this.#timeOf;
    const places = this.#placeOf;
    return [...times.keys()].sort((a, b) => sign * (times[a]! - times[b]!) || places[a]! - places[b]!);
  }

  async #gather(order: readonly number[]): Promise<RowsTable> {
    const needed = new Set(order.map((candidate) => this.#batches[this.#batchOf[candidate]!]!));
    await Promise.all([...needed].map((batch) => (batch instanceof TableRows ? undefined : batch.load())));
    return gatherRows(
      this.#batches,
      order.map((candidate) => this.#batchOf[candidate]!),
      order.map((candidate) => this.#rowOf[candidate]!),
    );
  }

  /** Keeps the best, and lets go of batches that have none of them. */
  async #prune(): Promise<void> {
    const order = this.#sorted().slice(0, this.#limit);
    const kept = new Set(order.map((candidate) => this.#batchOf[candidate]!));
    this.#batches.forEach((batch, number) => {
      if (!kept.has(number)) letGo(batch);
    });
    this.#keepBatches(order, [...kept]);
    if (this.#retained > this.#sizes.retainedBytes / 2) await this.#copyOut();
    if (order.length < this.#limit) return;
    this.#threshold = this.#timeOf.at(-1)!;
    this.#bound.time = this.#base! + BigInt(this.#threshold);
  }

  /** Copies the best into one table, so that the pages they came from can go. */
  async #copyOut(): Promise<void> {
    const table = await this.#gather([...this.#rowOf.keys()]);
    checkMemory(table.text.bytes.length, this.#memoryBytesMax);
    this.#batches = [new TableRows(table)];
    this.#batchOf = this.#batchOf.map(() => 0);
    this.#rowOf = this.#rowOf.map((_, i) => i);
    this.#retained = 0;
  }

  #keepBatches(order: readonly number[], kept: readonly number[]): void {
    const numbers = new Map(kept.map((number, i) => [number, i]));
    const batchOf = order.map((candidate) => numbers.get(this.#batchOf[candidate]!)!);
    this.#rowOf = order.map((candidate) => this.#rowOf[candidate]!);
    this.#timeOf = order.map((candidate) => this.#timeOf[candidate]!);
    this.#placeOf = order.map((candidate) => this.#placeOf[candidate]!);
    this.#batchOf = batchOf;
    this.#batches = kept.map((number) => this.#batches[number]!);
    this.#retained = this.#batches.reduce((sum, batch) => sum + bytesOf(batch), 0);
  }
}

/** Of what only lives on for the sake of a batch; a table has no rows that are not wanted. */
function bytesOf(batch: LogBatch | TableRows): number {
  return batch instanceof TableRows ? 0 : batch.heldBytes;
}

function letGo(batch: LogBatch | TableRows): void {
  if (!(batch instanceof TableRows)) batch.release();
}

/** Loki runs a query hour by hour, and each hour starts to count anew (B9; `split_queries_by_interval`). */
const SPLIT_NS = 3_600_000_000_000n;

/** B9: from the first row of an hour on, only rows at least the interval away from the last one kept. */
function spaced(table: RowsTable, { intervalNs, k }: TopK): RowsTable {
  const rows: number[] = [];
  const interval = BigInt(intervalNs);
  let last: bigint | undefined;
  for (let row = 0; row < table.rows && rows.length < k; row++) {
    const time = table.times[row]!;
    if (last !== undefined && time / SPLIT_NS !== last / SPLIT_NS) last = undefined;
    const distance = last === undefined ? interval : time > last ? time - last : last - time;
    if (distance < interval) continue;
    rows.push(row);
    last = time;
  }
  return gatherRows(
    [new TableRows(table)],
    rows.map(() => 0),
    rows,
  );
}
