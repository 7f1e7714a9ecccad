/**
 * Group commit: at most one sync is in flight, and appends that arrive meanwhile share the next one, since a sync covers
 * only what was written before it began.
 */
import type { WalRecord } from '../../storage/wal/record.js';
import type { Fault } from '../../wire/fault.js';
import type { Reply } from '../../wire/message.js';
import { heldMemory } from './copies/held-part.js';
import { GroupParts, publishCopies, stageCopy } from './copies/stage-copy.js';
import type { IngesterEffect } from './events.js';
import { isBacklogged } from './flushing.js';
import { batchMemory, Memtable, memoryBytes } from './memtable.js';
import { stage, unstage } from './staging.js';
import type { Group, GroupMember, IngesterState, WaitingAppend } from './state.js';
import type { StoredBatch } from './stream.js';
import { Undo } from './undo.js';

/** Starts the next group when none is in flight, and there is room for it. */
export function beginGroup(state: IngesterState, effects: IngesterEffect[], nowMs: number): void {
  while (!state.group && state.waiting.length > 0 && !isBacklogged(state)) {
    const group = stageGroup(state, takeWaiting(state), nowMs);
    const records = recordsOf(group);
    if (records.length === 0) {
      if (group.replicated) publishCopies(state, group, effects);
      answer(group, effects, null);
      continue;
    }
    state.group = group;
    effects.push({ kind: 'wal.append', records });
  }
  noteBacklog(state, nowMs);
}

/** What still waits, and for no group, waits for a flush. */
function noteBacklog(state: IngesterState, nowMs: number): void {
  const waits = !state.group && state.waiting.length > 0;
  if (waits) state.backloggedSinceMs ??= nowMs;
  else if (state.backloggedSinceMs !== null) {
    state.counters.backloggedMs += nowMs - state.backloggedSinceMs;
    state.backloggedSinceMs = null;
  }
}

/** The group is durable: its entries become visible, are told to who follows them, then it is answered. */
export function publishGroup(state: IngesterState, effects: IngesterEffect[], nowMs: number): void {
  const group = endGroup(state);
  for (const batch of group.batches) {
    state.active ??= new Memtable(++state.memtables, state.activeFromSeq, nowMs);
    state.active.add(batch, nowMs);
    state.counters.rowsAppended += batch.entries.rows;
  }
  for (const { append, staged } of group.members) {
    const { batch, fault } = staged;
    const isLate = nowMs - append.receivedMs >= state.settings.retriedAfterMs;
    if (isLate && batch && !fault) state.recent.add(batch.entries.tenant, append.buffer, nowMs);
  }
  if (group.replicated) publishCopies(state, group, effects);
  if (state.tails.size > 0) state.tails.publish(newBatches(group), effects);
  answer(group, effects, null);
}

/** The disk refused the group: it is as if it had never come, but for its sequence numbers. */
export function refuseGroup(state: IngesterState, fault: Fault, effects: IngesterEffect[]): void {
  const group = endGroup(state);
  unstage(state, group.undo);
  state.counters.groupsRefused++;
  answer(group, effects, fault);
}

function takeWaiting(state: IngesterState): WaitingAppend[] {
  const { groupAppendsMax, groupBytesMax } = state.settings;
  const most = Math.min(state.waiting.length, groupAppendsMax);
  let count = 0;
  for (let bytes = 0; count < most && (count === 0 || bytes < groupBytesMax); count++) {
    bytes += state.waiting[count]!.buffer.byteLength;
  }
  const taken = state.waiting.splice(0, count);
  for (const { buffer } of taken) state.waitingBytes -= batchMemory(buffer.byteLength);
  return taken;
}

function stageGroup(state: IngesterState, appends: readonly WaitingAppend[], nowMs: number): Group {
  const undo = new Undo();
  const parts = new GroupParts();
  const members = appends.map((append): GroupMember => {
    const { copy, buffer } = append;
    const staged = copy ? stageCopy(state, append, copy, parts, undo, nowMs) : stage(state, buffer, undo, nowMs);
    return { append, staged };
  });
  const batches = members.flatMap(({ staged }) => staged.batch ?? []);
  let bytes = batches.reduce((sum, batch) => sum + memoryBytes(batch), 0);
  for (const { staged } of members) if (staged.held) bytes += heldMemory(staged.held);
  const replicated = appends.some(({ copy }) => copy !== undefined);
  return { batches, members, undo, lastSeq: state.nextSeq - 1, bytes, replicated };
}

/** In order of their numbers. */
function recordsOf({ members }: Group): WalRecord[] {
  return members.flatMap(({ staged: { batch, held, head } }) => {
    const buffer = batch?.entries.buffer ?? held?.buffer;
    const seq = batch?.seq ?? held?.seq;
    if (!buffer || seq === undefined) return [];
    const record = { seq, payload: new Uint8Array(buffer) };
    return head ? { ...record, head } : record;
  });
}

/** Without what has been told to followers by the instance that owned it before. */
function newBatches({ members, batches, replicated }: Group): readonly StoredBatch[] {
  if (!replicated) return batches;
  return members.flatMap(({ append, staged: { batch } }) => (batch && append.letIn !== 'again' ? batch : []));
}

function endGroup(state: IngesterState): Group {
  const group = state.group!;
  state.group = null;
  state.settledSeq = group.lastSeq;
  state.counters.groups++;
  return group;
}

/** `failure` concerns the whole group; otherwise each append has its own outcome. */
function answer(group: Group, effects: IngesterEffect[], failure: Fault | null): void {
  for (const { append, staged } of group.members) {
    const value = failure ?? staged.fault;
    const reply: Reply = value ? { kind: 'fault', fault: value } : { kind: 'ok' };
    effects.push({ kind: 'reply', to: append.reply, reply });
  }
}
