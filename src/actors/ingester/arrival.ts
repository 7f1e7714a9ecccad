/** Records that others append to the log: durable and acknowledged before they are seen here. */
import { type EntriesBatch, openEntries } from '../../wire/entries.js';
import type { IngesterEffect } from './events.js';
import type { ArrivedRecord } from './log.js';
import { Memtable } from './memtable.js';
import { takeRecord } from './staging.js';
import type { IngesterState } from './state.js';
import type { StoredBatch } from './stream.js';

/** Takes records into memory, where they are visible at once. No limit is applied: these entries were acknowledged. */
export function takeArrived(
  state: IngesterState,
  records: readonly ArrivedRecord[],
  effects: IngesterEffect[],
  nowMs: number,
): void {
  const batches: StoredBatch[] = [];
  for (const { seq, buffer } of records) {
    // What comes twice has been taken already.
    if (seq <= state.settledSeq) continue;
    state.nextSeq = seq + 1;
    state.settledSeq = seq;
    const entries = opened(state, buffer);
    const batch = entries && takeRecord(state, entries, seq);
    if (!batch) continue;
    state.active ??= new Memtable(++state.memtables, state.activeFromSeq, nowMs);
    state.active.add(batch, nowMs);
    state.counters.rowsAppended += batch.entries.rows;
    batches.push(batch);
  }
  if (state.tails.size > 0 && batches.length > 0) state.tails.publish(batches, effects);
}

/** Null when the bytes make no sense: written by another version, or by somebody else. */
function opened(state: IngesterState, buffer: SharedArrayBuffer): EntriesBatch | null {
  try {
    return openEntries(buffer);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    state.counters.unreadableRecords++;
    return null;
  }
}
