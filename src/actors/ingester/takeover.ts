import type { WindowCoverage } from '../../storage/metastore/types.js';
import type { EntriesBatch } from '../../wire/entries.js';
import { NS_PER_MS } from '../../wire/time.js';
import type { IngesterEffect, Recovered } from './events.js';
import { Memtable, rawBytes } from './memtable.js';
import { takeRecord } from './staging.js';
import type { IngesterState } from './state.js';
import { withoutRows } from './subset.js';

/**
 * Takes over what the log held, but for rows that objects of this writer hold already: the process died between listing
 * these objects and forgetting the log. All goes to one memtable. No limit is applied: these entries were acknowledged.
 */
export function takeOver(state: IngesterState, recovered: Recovered, effects: IngesterEffect[], nowMs: number): void {
  const { batches, coverage, lastSeq, truncatedSeq, unreadable } = recovered;
  state.phase = 'running';
  state.counters.unreadableRecords += unreadable;
  state.nextSeq = lastSeq + 1;
  state.settledSeq = lastSeq;
  state.activeFromSeq = truncatedSeq + 1;
  for (const { seq, entries } of batches) {
    state.recent.add(entries.tenant, entries.buffer, nowMs);
    const left = withoutCovered(entries, seq, coverage.get(entries.tenant) ?? [], state.settings.objectWindowMs);
    const batch = left && takeRecord(state, left, seq);
    if (!batch) continue;
    state.active ??= new Memtable(++state.memtables, state.activeFromSeq, nowMs);
    state.active.add(batch, nowMs);
    state.counters.recoveredRows += batch.entries.rows;
    state.counters.recoveredBytes += rawBytes(batch);
  }
  if (state.active || batches.length === 0) return;
  state.activeFromSeq = lastSeq + 1;
  effects.push({ kind: 'wal.truncate', throughSeq: lastSeq });
}

/** The rows in windows for which no object covers the record; null when there are none. */
function withoutCovered(
  entries: EntriesBatch,
  seq: number,
  coverage: readonly WindowCoverage[],
  windowMs: number,
): EntriesBatch | null {
  const windowNs = BigInt(windowMs) * NS_PER_MS;
  const covered = coverage.filter(({ ranges }) => ranges.some(([from, to]) => from <= seq && seq <= to));
  const drop = new Uint8Array(entries.rows);
  for (const { window } of covered) {
    entries.times.forEach((time, row) => {
      if (time >= window && time < window + windowNs) drop[row] = 1;
    });
  }
  return covered.length === 0 && entries.rows > 0 ? entries : withoutRows(entries, drop);
}
