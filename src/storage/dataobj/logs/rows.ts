/** The rows of a build, as references into the batches they came in. Nothing is copied until a page is encoded. */
import type { EntriesBatch } from '../../../wire/entries.js';
import { formatLabels, type Labels } from '../../../wire/labels.js';
import { TimestampView, timestampBase } from '../../../wire/time.js';
import type { BuildInput } from '../types.js';

/** Longer windows would let two times of a page differ by more than a delta can carry (2^52 ns). */
export const WINDOW_NANOS_MAX = 1n << 52n;

export interface Rows {
  readonly count: number;
  /** Row i is row `row[i]` of batch `batch[i]`. */
  readonly batch: Int32Array;
  readonly row: Int32Array;
  /** Where its message begins in the batch's. */
  readonly message: Int32Array;
  /** Object-local stream id. */
  readonly stream: Int32Array;
  /** Nanoseconds from the start of the window. */
  readonly time: Float64Array;
  readonly messageBytes: Int32Array;
  /** The keys and values of all its pairs. */
  readonly metadataBytes: Int32Array;
}

export interface CollectedRows {
  readonly rows: Rows;
  /** Index = object-local stream id; only streams that have rows, by service and then in label order. */
  readonly labels: readonly Labels[];
  /** How many pairs there are of each metadata key. */
  readonly keyCounts: ReadonlyMap<string, number>;
}

/** The rows of the input's runs that lie in its window, in arrival order. */
export function collectRows(input: BuildInput): CollectedRows {
  const length = input.window.end - input.window.start;
  if (length > WINDOW_NANOS_MAX) throw new RangeError(`a window of ${length} ns is longer than 2^52 ns`);
  const rows = takeRows(input, Number(length));
  const keyCounts = measure(rows, input.batches);
  return { rows, keyCounts, labels: renumber(rows.stream, rows.count, input.streams) };
}

function takeRows(input: BuildInput, length: number): Rows {
  const { batches, runs } = input;
  let capacity = 0;
  for (let r = 0; r < runs.length; r += 4) capacity += runs[r + 2]! - runs[r + 1]!;
  const rows = emptyRows(capacity);
  const views = batches.map((one) => new TimestampView(one.times));
  const base = timestampBase(input.window.start);
  let count = 0;
  for (let r = 0; r < runs.length; r += 4) {
    const batch = runs[r]!;
    const view = views[batch]!;
    const end = runs[r + 2]!;
    for (let i = runs[r + 1]!; i < end; i++) {
      const at = view.offset(i, base);
      if (at < 0 || at >= length) continue;
      rows.batch[count] = batch;
      rows.row[count] = i;
      rows.stream[count] = runs[r + 3]!;
      rows.time[count++] = at;
    }
  }
  return { ...rows, count };
}

function emptyRows(count: number): Rows {
  return {
    count,
    batch: new Int32Array(count),
    row: new Int32Array(count),
    message: new Int32Array(count),
    stream: new Int32Array(count),
    time: new Float64Array(count),
    messageBytes: new Int32Array(count),
    metadataBytes: new Int32Array(count),
  };
}

/** Fills in the rows' sizes and counts their metadata keys. In arrival order, so that memory is read from front to back. */
function measure(rows: Rows, batches: readonly EntriesBatch[]): Map<string, number> {
  const sizes = batches.map(pairSizes);
  const keyCounts = batches.map((batch) => new Int32Array(batch.keys.length));
  for (let i = 0; i < rows.count; i++) {
    const { messageOffsets, pairStarts, pairs, pairKeys } = batches[rows.batch[i]!]!;
    const row = rows.row[i]!;
    rows.message[i] = messageOffsets[row]!;
    rows.messageBytes[i] = messageOffsets[row + 1]! - messageOffsets[row]!;
    const last = pairStarts[row + 1]!;
    const size = sizes[rows.batch[i]!]!;
    const counts = keyCounts[rows.batch[i]!]!;
    let bytes = 0;
    for (let at = pairStarts[row]!; at < last; at++) {
      const pair = pairs[at]!;
      const key = pairKeys[pair]!;
      bytes += size[pair]!;
      counts[key] = counts[key]! + 1;
    }
    rows.metadataBytes[i] = bytes;
  }
  return sumCounts(batches, keyCounts);
}

/** Bytes of the key and the value of each of a batch's pairs. */
function pairSizes({ keys, pairKeys, pairOffsets }: EntriesBatch): Int32Array {
  const lengths = keys.map((key) => Buffer.byteLength(key));
  return pairKeys.map((key, pair) => lengths[key]! + pairOffsets[pair + 1]! - pairOffsets[pair]!);
}

function sumCounts(batches: readonly EntriesBatch[], keyCounts: readonly Int32Array[]): Map<string, number> {
  const sums = new Map<string, number>();
  batches.forEach((batch, b) => {
    batch.keys.forEach((key, k) => {
      const count = keyCounts[b]![k]!;
      if (count > 0) sums.set(key, (sums.get(key) ?? 0) + count);
    });
  });
  return sums;
}

/** What programs of one kind have in common: Loki gives it to every stream that has none. */
const SERVICE_LABEL = 'service_name';

/**
 * Replaces the caller's stream numbers by ranks; equal label sets become one stream. Streams of a service, which log alike and are
 * asked for together, come one after the other, so that their rows fill pages of their own; else label order decides.
 */
function renumber(stream: Int32Array, count: number, streams: BuildInput['streams']): Labels[] {
  const used = new Uint8Array(streams.length);
  for (let i = 0; i < count; i++) used[stream[i]!] = 1;
  const named = streams.flatMap(({ labels }, i) => (used[i] === 1 ? [{ i, labels, text: formatLabels(labels) }] : []));
  const services = streams.map(({ labels }) => labels.find(([name]) => name === SERVICE_LABEL)?.[1] ?? '');
  named.sort((a, b) => compare(services[a.i]!, services[b.i]!) || compare(a.text, b.text));
  const ids = new Int32Array(streams.length);
  const labels: Labels[] = [];
  named.forEach((one, n) => {
    if (n === 0 || named[n - 1]!.text !== one.text) labels.push(one.labels);
    ids[one.i] = labels.length - 1;
  });
  for (let i = 0; i < count; i++) stream[i] = ids[stream[i]!]!;
  return labels;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The first `count` rows of `order`. */
export function permute(rows: Rows, order: Int32Array, count: number): Rows {
  const out = emptyRows(count);
  for (let i = 0; i < count; i++) {
    const from = order[i]!;
    out.batch[i] = rows.batch[from]!;
    out.row[i] = rows.row[from]!;
    out.message[i] = rows.message[from]!;
    out.stream[i] = rows.stream[from]!;
    out.time[i] = rows.time[from]!;
    out.messageBytes[i] = rows.messageBytes[from]!;
    out.metadataBytes[i] = rows.metadataBytes[from]!;
  }
  return out;
}
