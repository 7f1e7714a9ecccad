import type { EntriesBatch } from '../../wire/entries.js';
import type { Recovered } from './events.js';
import { Memtable, rawBytes } from './memtable.js';
import { appendKey } from './recent.js';
import { takeBatch, unstage } from './staging.js';
import type { IngesterState } from './state.js';
import type { Checkpoint, StoredBatch } from './stream.js';

/**
 * Takes over what the log held. All of it goes to one memtable, also rows that objects hold already: so an object of this
 * writer either has nothing in common with the memtable's sequence numbers, or all its rows are in the memtable, and
 * a query that prefers the memtable sees every entry once. Covered rows are left out when it is flushed. No limit is
 * applied: these entries were acknowledged.
 */
export function takeOver(state: IngesterState, recovered: Recovered, nowMs: number): void {
  state.phase = 'running';
  state.counters.unreadableRecords += recovered.unreadable;
  state.nextSeq = recovered.lastSeq + 1;
  state.settledSeq = recovered.lastSeq;
  state.activeFromSeq = recovered.truncatedSeq + 1;
  if (recovered.batches.length === 0) return;
  const table = new Memtable(++state.memtables, state.activeFromSeq, nowMs);
  table.covered = recovered.coverage;
  state.active = table;
  for (const { seq, entries } of recovered.batches) {
    state.recent.add(appendKey(entries.tenant, new Uint8Array(entries.buffer), state.fingerprint), nowMs);
    const batch = takeRecord(state, entries, seq);
    if (!batch) continue;
    table.add(batch, nowMs);
    state.counters.recoveredRows += batch.entries.rows;
    state.counters.recoveredBytes += rawBytes(batch);
  }
}

/** Null when all rows of the record are duplicates, or when it names a stream in a way nobody understands. */
function takeRecord(state: IngesterState, entries: EntriesBatch, seq: number): StoredBatch | null {
  const undo: Checkpoint[] = [];
  try {
    return takeBatch(state, entries, seq, undo);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    unstage(state, undo);
    state.counters.unreadableRecords++;
    return null;
  }
}
