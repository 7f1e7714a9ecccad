import type { LogBatch } from '../batch/log-batch.js';

/**
 * Writes to `keep` the rows among `rows[0..count)` (all rows of the batch when null) that meet a condition, ascending,
 * and returns how many. `keep` may be `rows` itself. A filter may mark rows with an error.
 */
export type RowFilter = (batch: LogBatch, rows: Int32Array | null, count: number, keep: Int32Array) => number;

/** Applies a filter to the rows alive. */
export function applyFilter(batch: LogBatch, filter: RowFilter): void {
  if (batch.count === 0) return;
  const keep = batch.selection ?? new Int32Array(batch.count);
  batch.select(keep, filter(batch, batch.selection, batch.count, keep));
}
