/**
 * Identical entries may lie in two places: pushed again after the first copy was flushed, or replayed from the log
 * after a crash. A scan whose target overlaps older ones keeps a row only if none of those holds the same entry.
 */
import type { Overlap } from '../../planning/physical/node.js';
import { LabelReader } from '../batch/label-reader.js';
import type { LogBatch } from '../batch/log-batch.js';
import { labelsKey } from '../batch/sample-batch.js';

/** Entries of older targets, by stream id of the scanning target. */
export class OlderCopies {
  readonly #streams = new Map<number, { min: bigint; max: bigint; entries: Set<string> }>();

  constructor(overlaps: readonly Overlap[] = []) {
    for (const { stream, minTime, maxTime } of overlaps) {
      const known = this.#streams.get(stream);
      this.#streams.set(stream, {
        min: known && known.min < minTime ? known.min : minTime,
        max: known && known.max > maxTime ? known.max : maxTime,
        entries: known?.entries ?? new Set(),
      });
    }
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Remembers the rows alive of an older target; `streamOf` maps its stream ids to ours. */
  add(batch: LogBatch, streamOf: ReadonlyMap<number, number>): void {
    const reader = new LabelReader(batch);
    for (let i = 0; i < batch.count; i++) {
      const row = batch.row(i);
      const stream = streamOf.get(batch.streamIds[row]!);
      if (stream !== undefined) this.#streams.get(stream)?.entries.add(entryKey(batch, row, reader));
    }
  }

  /** True when the row is worth a look-up: its stream overlaps at its time. */
  concerns(stream: number, time: bigint): boolean {
    const overlap = this.#streams.get(stream);
    return overlap !== undefined && time >= overlap.min && time <= overlap.max;
  }

  has(stream: number, key: string): boolean {
    return this.#streams.get(stream)!.entries.has(key);
  }
}

/** Drops the rows alive that an older target holds too. */
export function keepFirstCopies(batch: LogBatch, copies: OlderCopies): void {
  if (copies.size === 0 || batch.count === 0) return;
  let reader: LabelReader | undefined;
  const rows = batch.selection ?? new Int32Array(batch.rows);
  let kept = 0;
  for (let i = 0; i < batch.count; i++) {
    const row = batch.row(i);
    const stream = batch.streamIds[row]!;
    if (copies.concerns(stream, batch.base + BigInt(batch.times[row]!))) {
      reader ??= new LabelReader(batch);
      if (copies.has(stream, entryKey(batch, row, reader))) continue;
    }
    rows[kept++] = row;
  }
  batch.select(rows, kept);
}

/** Time, structured metadata and line: what makes an entry of a stream the same entry. */
function entryKey(batch: LogBatch, row: number, reader: LabelReader): string {
  const { offsets, bytes } = batch.message;
  const line = bytes.latin1Slice(offsets[row]!, offsets[row + 1]!);
  return `${batch.base + BigInt(batch.times[row]!)} ${labelsKey(reader.read(row).metadata)} ${line}`;
}
