import type { IngesterEffect } from './events.js';
import type { IngesterState } from './state.js';

/** No record up to here has entries that are in a memtable and in no object. */
export function storedThrough({ sealed, active, settledSeq }: IngesterState): number {
  const oldest = sealed[0]?.table ?? active;
  return oldest ? oldest.fromSeq - 1 : settledSeq;
}

/**
 * Forgets the log up to the oldest memtable that is left and the oldest part that is held for another instance: it has one
 * mark, not a list of holes.
 */
export function forgetLog(state: IngesterState, effects: IngesterEffect[]): void {
  state.truncatedSeq = logMark(state);
  effects.push({ kind: 'wal.truncate', throughSeq: state.truncatedSeq });
}

/** What was released may have been all that kept the log. */
export function forgetReleased(state: IngesterState, effects: IngesterEffect[]): void {
  const { heldEnded } = state.counters;
  if (heldEnded === state.heldEndedBefore) return;
  state.heldEndedBefore = heldEnded;
  if (logMark(state) > state.truncatedSeq) forgetLog(state, effects);
}

function logMark(state: IngesterState): number {
  return Math.min(storedThrough(state), state.copies.held.oldestSeq - 1);
}
