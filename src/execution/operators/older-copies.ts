/**
 * Identical entries may lie in two places: pushed again after the first copy was flushed, replayed from the log after a
 * crash, or written by two replicas. A scan whose target overlaps older ones keeps a row only if none of those holds the
 * same entry. Times are compared first, since that needs one small column of either side and mostly settles it.
 */
import { getOrCreate } from '../../wire/get-or-create.js';
import { LabelReader } from '../batch/label-reader.js';
import type { LogBatch } from '../batch/log-batch.js';
import { labelsKey } from '../batch/sample-batch.js';

/** Entries of older targets at the times at which the scanning target has rows too, by stream id of the latter. */
export class OlderCopies {
  /** What the times are offsets from, in ns. */
  readonly base: bigint;
  readonly #times = new Map<number, Set<number>>();
  readonly #entries = new Map<number, Set<string>>();

  constructor(base = 0n) {
    this.base = base;
  }

  /** Streams with rows that may be copies. */
  get size(): number {
    return this.#times.size;
  }

  /** Remembers at which times rows of our streams may be copies. */
  expect(times: ReadonlyMap<number, ReadonlySet<number>>): void {
    for (const [stream, more] of times) {
      const known = getOrCreate(this.#times, stream, () => new Set<number>());
      for (const time of more) known.add(time);
    }
  }

  /** Remembers the rows alive of an older target at such times; `streamOf` maps its stream ids to ours. */
  add(batch: LogBatch, streamOf: ReadonlyMap<number, number>): void {
    const shift = Number(batch.base - this.base);
    let reader: LabelReader | undefined;
    for (let i = 0; i < batch.count; i++) {
      const row = batch.row(i);
      const stream = streamOf.get(batch.streamIds[row]!);
      if (stream === undefined || !this.concerns(stream, batch.times[row]! + shift)) continue;
      reader ??= new LabelReader(batch);
      getOrCreate(this.#entries, stream, () => new Set<string>()).add(entryKey(batch, row, reader));
    }
  }

  /** True when the row is worth a look-up; `time` is an offset from `base`. */
  concerns(stream: number, time: number): boolean {
    return this.#times.get(stream)?.has(time) === true;
  }

  concernsStream(stream: number): boolean {
    return this.#times.has(stream);
  }

  /** True when a row of the stream from `first` to `last` is worth one. */
  concernsAny(stream: number, first: number, last: number): boolean {
    for (const time of this.#times.get(stream) ?? []) if (time >= first && time <= last) return true;
    return false;
  }

  has(stream: number, key: string): boolean {
    return this.#entries.get(stream)?.has(key) === true;
  }
}

/** Drops the rows alive that an older target holds too. */
export function keepFirstCopies(batch: LogBatch, copies: OlderCopies): void {
  if (copies.size === 0 || batch.count === 0) return;
  const shift = Number(batch.base - copies.base);
  let reader: LabelReader | undefined;
  const rows = batch.selection ?? new Int32Array(batch.rows);
  let kept = 0;
  for (let i = 0; i < batch.count; i++) {
    const row = batch.row(i);
    const stream = batch.streamIds[row]!;
    if (copies.concerns(stream, batch.times[row]! + shift)) {
      reader ??= new LabelReader(batch);
      if (copies.has(stream, entryKey(batch, row, reader))) continue;
    }
    rows[kept++] = row;
  }
  batch.select(rows, kept);
}

/** Structured metadata and line, at a time: what makes an entry of a stream the same entry. */
function entryKey(batch: LogBatch, row: number, reader: LabelReader): string {
  const { offsets, bytes } = batch.message;
  const line = bytes.latin1Slice(offsets[row]!, offsets[row + 1]!);
  return `${batch.base + BigInt(batch.times[row]!)} ${labelsKey(reader.read(row).metadata)} ${line}`;
}
