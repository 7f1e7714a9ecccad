/** Replicated parts on their way through a group: known ones are answered, others are owned or held once it is durable. */
import { encodeCopyHead } from '../../../storage/wal/copy-head.js';
import type { BatchCopy } from '../../../wire/batch-copy.js';
import { openEntries } from '../../../wire/entries.js';
import { fault } from '../../../wire/fault.js';
import type { IngesterEffect } from '../events.js';
import { type Staged, stage } from '../staging.js';
import type { Group, IngesterState, WaitingAppend } from '../state.js';
import type { Undo } from '../undo.js';
import { tellReplicas } from './copies.js';
import { heldPart } from './held-part.js';
import { PartMap } from './part-ranges.js';

/** Parts staged with a group. */
export class GroupParts {
  readonly owned = new PartMap<true>();
  readonly held = new PartMap<true>();
}

const NOTHING_NEW: Staged = { batch: null, fault: null };

/** As `stage`, for a part with a name. */
export function stageCopy(
  state: IngesterState,
  { buffer, letIn }: WaitingAppend,
  copy: BatchCopy,
  parts: GroupParts,
  undo: Undo,
  nowMs: number,
): Staged {
  const { owned, held, stored } = state.copies;
  if (stored.has(copy) || owned.has(copy) || parts.owned.has(copy)) return NOTHING_NEW;
  const isOwner = copy.owner === state.settings.instance;
  if (!isOwner && (held.has(copy) || parts.held.has(copy))) return NOTHING_NEW;
  try {
    const head = encodeCopyHead(copy);
    (isOwner ? parts.owned : parts.held).set(copy, true);
    if (!isOwner) return { ...stageHeld(state, buffer, copy, nowMs), head };
    const isLetIn = letIn !== undefined || held.has(copy) || parts.held.has(copy);
    const staged = stage(state, buffer, undo, nowMs, isLetIn);
    if (staged.batch) staged.batch.copy = copy;
    return { ...staged, head };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { batch: null, fault: fault('bad-request', error.message) };
  }
}

/** No limits and no duplicates: these are the owner's to find. */
function stageHeld(state: IngesterState, buffer: SharedArrayBuffer, copy: BatchCopy, nowMs: number): Staged {
  const entries = openEntries(buffer);
  if (entries.rows === 0) return NOTHING_NEW;
  return { ...NOTHING_NEW, held: heldPart(copy, entries, state.nextSeq++, nowMs) };
}

/** The group is durable: parts are owned or held from here on. Those that were let in before have changed their owner. */
export function publishCopies(state: IngesterState, group: Group, effects: IngesterEffect[]): void {
  const { owned, held, stored } = state.copies;
  const promoted: BatchCopy[] = [];
  const rest: BatchCopy[] = [];
  const take = (copy: BatchCopy, throughSeq: number, letIn: boolean): void => {
    const wasHeld = held.remove(copy) !== undefined;
    if (wasHeld) {
      state.counters.heldEnded++;
      state.counters.partsTakenOver++;
    }
    owned.add(copy, throughSeq);
    if (wasHeld || letIn) promoted.push(copy);
  };
  for (const { append, staged } of group.members) {
    const { copy, letIn } = append;
    const { batch, held: part } = staged;
    if (!copy) continue;
    if (batch) take(copy, batch.seq, letIn !== undefined);
    else if (part && !stored.has(copy) && !owned.has(copy)) held.add(part);
    else if (!part && copy.owner === state.settings.instance) rest.push(copy);
  }
  // Nothing of these was left to write: what they had is in memory already, or was refused.
  for (const copy of rest) if (!stored.has(copy) && !owned.has(copy)) take(copy, group.lastSeq, false);
  if (promoted.length === 0) return;
  const { instance: owner } = state.settings;
  tellReplicas(state, promoted, effects, (batches) => ({ kind: 'batches.owned', owner, batches }));
}
