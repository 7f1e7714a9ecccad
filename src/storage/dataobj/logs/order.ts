/** Row order of an object: time bucket, then stream, then time, then arrival; equal neighbours are dropped. */
import type { EntriesBatch } from '../../../wire/entries.js';
import { sortIndices } from '../../../wire/sort-indices.js';
import { permute, type Rows } from './rows.js';

/** Time is looked at in this many slices when it is divided into buckets of equal bytes. */
const TIME_SLOTS = 65536;

export interface OrderedRows {
  readonly rows: Rows;
  /** Ascending. */
  readonly bucket: Int32Array;
}

export function orderRows(arrived: Rows, batches: readonly EntriesBatch[], bucketBytes: number): OrderedRows {
  const bucketOf = timeBuckets(arrived, bucketBytes);
  const byStream = stableOrder(undefined, arrived.stream, arrived.count);
  const order = stableOrder(byStream, bucketOf, arrived.count);
  sortTimes(order, arrived, bucketOf);
  const count = dropRepeats(order, arrived, bucketOf, batches);
  const bucket = new Int32Array(count);
  for (let i = 0; i < count; i++) bucket[i] = bucketOf[order[i]!]!;
  return { rows: permute(arrived, order, count), bucket };
}

/** The bucket of each row: time slices that hold about equal shares of the message bytes. */
function timeBuckets(rows: Rows, bucketBytes: number): Int32Array {
  const lengths = rows.messageBytes;
  const bucketOf = new Int32Array(rows.count);
  let total = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < rows.count; i++) {
    total += lengths[i]!;
    const time = rows.time[i]!;
    if (time < min) min = time;
    if (time > max) max = time;
  }
  const buckets = Math.max(1, Math.round(total / bucketBytes));
  if (buckets === 1 || max <= min) return bucketOf;
  const scale = (TIME_SLOTS - 1) / (max - min);
  const before = new Float64Array(TIME_SLOTS + 1);
  for (let i = 0; i < rows.count; i++) {
    const slot = Math.floor((rows.time[i]! - min) * scale);
    before[slot + 1] = before[slot + 1]! + lengths[i]!;
  }
  for (let slot = 0; slot < TIME_SLOTS; slot++) before[slot + 1] = before[slot + 1]! + before[slot]!;
  for (let i = 0; i < rows.count; i++) {
    const slot = Math.floor((rows.time[i]! - min) * scale);
    bucketOf[i] = Math.min(buckets - 1, Math.floor((before[slot]! * buckets) / total));
  }
  return bucketOf;
}

/** Counting sort of row numbers by key; rows with equal keys keep the order given (or arrival order). */
function stableOrder(order: Int32Array | undefined, key: Int32Array, count: number): Int32Array {
  let keys = 0;
  for (let i = 0; i < count; i++) if (key[i]! >= keys) keys = key[i]! + 1;
  if (keys <= 1 && order !== undefined) return order;
  const next = new Int32Array(keys + 1);
  for (let i = 0; i < count; i++) next[key[i]! + 1] = next[key[i]! + 1]! + 1;
  for (let k = 0; k < keys; k++) next[k + 1] = next[k + 1]! + next[k]!;
  const sorted = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const row = order === undefined ? i : order[i]!;
    const slot = key[row]!;
    sorted[next[slot]!] = row;
    next[slot] = next[slot]! + 1;
  }
  return sorted;
}

/** Sorts each group of one bucket and stream by time. Rows mostly arrive in order, so most groups cost one comparison a row. */
function sortTimes(order: Int32Array, rows: Rows, bucketOf: Int32Array): void {
  const { stream, time } = rows;
  let scratch: Int32Array | undefined;
  let start = 0;
  while (start < order.length) {
    const first = order[start]!;
    let sorted = true;
    let last = first;
    let end = start + 1;
    for (; end < order.length; end++) {
      const row = order[end]!;
      if (stream[row] !== stream[first] || bucketOf[row] !== bucketOf[first]) break;
      if (time[row]! < time[last]!) sorted = false;
      last = row;
    }
    if (!sorted) {
      scratch ??= new Int32Array(order.length);
      sortIndices(order, start, end, time, scratch);
    }
    start = end;
  }
}

/** Compacts `order` so that no row equals its predecessor in stream, time, line and metadata; returns how many stay. */
function dropRepeats(order: Int32Array, rows: Rows, bucketOf: Int32Array, batches: readonly EntriesBatch[]): number {
  const { stream, time } = rows;
  let kept = 0;
  for (let i = 0; i < order.length; i++) {
    const row = order[i]!;
    if (kept > 0) {
      const last = order[kept - 1]!;
      const near = time[row] === time[last] && stream[row] === stream[last] && bucketOf[row] === bucketOf[last];
      if (near && sameEntry(batches[rows.batch[row]!]!, rows.row[row]!, batches[rows.batch[last]!]!, rows.row[last]!))
        continue;
    }
    order[kept++] = row;
  }
  return kept;
}

function sameEntry(a: EntriesBatch, i: number, b: EntriesBatch, j: number): boolean {
  const pairs = a.pairStarts[i + 1]! - a.pairStarts[i]!;
  if (b.pairStarts[j + 1]! - b.pairStarts[j]! !== pairs) return false;
  if (!sameText(a.messages, a.messageOffsets, i, b.messages, b.messageOffsets, j)) return false;
  for (let p = 0; p < pairs; p++) {
    const left = a.pairs[a.pairStarts[i]! + p]!;
    const right = b.pairs[b.pairStarts[j]! + p]!;
    if (a.keys[a.pairKeys[left]!] !== b.keys[b.pairKeys[right]!]) return false;
    if (!sameText(a.metadata, a.pairOffsets, left, b.metadata, b.pairOffsets, right)) return false;
  }
  return true;
}

function sameText(
  a: Uint8Array,
  aOffsets: Int32Array,
  i: number,
  b: Uint8Array,
  bOffsets: Int32Array,
  j: number,
): boolean {
  const from = aOffsets[i]!;
  const length = aOffsets[i + 1]! - from;
  const other = bOffsets[j]!;
  if (bOffsets[j + 1]! - other !== length) return false;
  for (let k = 0; k < length; k++) if (a[from + k] !== b[other + k]) return false;
  return true;
}
