/** Reading segments that a restart left in the log: for queries, and to make objects of them. */
import type { WalRecord } from '../../../storage/wal/record.js';
import { type Fault, fault } from '../../../wire/fault.js';
import type { Reply } from '../../../wire/message.js';
import type { LiveReadMessage } from '../../../wire/messages/live.js';
import type { IngesterEffect, ReplyTo } from '../events.js';
import { flushFailed } from '../flushing.js';
import type { IngesterState } from '../state.js';
import { LoggedTable } from './logged-table.js';

/** Null when it is answered later. */
export function readLive(
  state: IngesterState,
  message: LiveReadMessage,
  reply: ReplyTo,
  effects: IngesterEffect[],
): Reply | null {
  const missing = state.snapshots.missing(message.snapshot);
  if (!missing) return readNow(state, message);
  state.logged.want(missing, effects, { message, reply });
  return null;
}

function readNow({ snapshots }: IngesterState, { snapshot, streams }: LiveReadMessage): Reply {
  return (
    snapshots.read(snapshot, streams) ?? {
      kind: 'fault',
      fault: fault('unavailable', 'the query holds this memory no longer'),
    }
  );
}

/** What is lost by now is left out, as it is at a start: nobody would be helped by a flush that waits for it. */
export function tableRead(
  state: IngesterState,
  table: LoggedTable,
  records: readonly WalRecord[],
  effects: IngesterEffect[],
): void {
  const lost = table.load(records);
  if (lost > 0) effects.push({ kind: 'log.lost', name: table.name, records: lost });
  for (const { message, reply: to } of state.logged.loaded(table)) {
    effects.push({ kind: 'reply', to, reply: readNow(state, message) });
  }
}

/** Queries are told; what was to become objects is tried again later. */
export function tableUnread(
  state: IngesterState,
  table: LoggedTable,
  why: Fault,
  effects: IngesterEffect[],
  nowMs: number,
): void {
  state.logged.failed(table, why, effects);
  if (state.sealed[0]?.table === table) flushFailed(state, why, effects, nowMs);
}

/**
 * Lets go of what nobody needs, and of what there is no room for beside memtables: pushes go first. What objects are being made of
 * stays, since it is in memory anyway.
 */
export function letGo({ logged, active, sealed, snapshots, settings }: IngesterState, effects: IngesterEffect[]): void {
  const before = logged.memoryBytes;
  if (before === 0) return;
  let room = settings.backlogBytesMax - (active?.memoryBytes ?? 0);
  const building = new Set<object>();
  for (const { table, isPlanned } of sealed) {
    if (isPlanned) building.add(table);
    if (!(table instanceof LoggedTable)) room -= table.memoryBytes;
  }
  logged.dropAll((table) => table.dropped && !snapshots.holds(table));
  logged.trim(room, (table) => building.has(table));
  const bytes = before - logged.memoryBytes;
  if (bytes > 0) effects.push({ kind: 'memory.freed', bytes });
}
