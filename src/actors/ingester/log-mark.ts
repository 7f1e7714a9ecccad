import type { IngesterEffect } from './events.js';
import type { IngesterState } from './state.js';

/** No record up to here has entries that are in a memtable and in no object. */
export function storedThrough({ sealed, active, settledSeq }: IngesterState): number {
  const oldest = sealed[0]?.table ?? active;
  return oldest ? oldest.fromSeq - 1 : settledSeq;
}

/**
 * Forgets the log up to the oldest memtable that is left, the oldest part that is held for another instance, and what queries still
 * read from it: it has one mark, not a list of holes.
 */
export function forgetLog(state: IngesterState, effects: IngesterEffect[]): void {
  state.truncatedSeq = logMark(state);
  effects.push({ kind: 'wal.truncate', throughSeq: state.truncatedSeq });
}

/** What was released may have been all that kept the log. */
export function forgetReleased(state: IngesterState, effects: IngesterEffect[]): void {
  const released = state.counters.heldEnded + state.snapshots.loggedReleased;
  if (released === state.releasedBefore) return;
  state.releasedBefore = released;
  if (logMark(state) > state.truncatedSeq) forgetLog(state, effects);
}

/** Queries have to look for it anew, and find it in objects, where this ingester ends. */
function logMark(state: IngesterState): number {
  const read = state.phase === 'drained' ? Number.POSITIVE_INFINITY : state.snapshots.oldestLoggedSeq();
  return Math.min(storedThrough(state), state.copies.held.oldestSeq - 1, read - 1);
}
