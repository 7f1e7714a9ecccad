/** From memory to objects: seal the active memtable, store its objects, drop it, forget its part of the log. */
import { type Fault, fault } from '../../wire/fault.js';
import type { IngesterEffect, ReplyTo } from './events.js';
import { planFlush, planLogged } from './flush-plan.js';
import { forgetLog } from './log-mark.js';
import { LoggedTable } from './logged/logged-table.js';
import { isFlushed, type Memtable } from './memtable.js';
import type { FlushJob, IngesterState, Sealed } from './state.js';

/** Whether the active memtable has become as large as one should be. */
export function isFull({ active, settings }: IngesterState): boolean {
  return active !== null && isFlushed(active, settings.flushBytes);
}

/** Whether a flush that is under way has to make room before the next append is written. It ends, well or not, and then is asked again. */
export function isBacklogged({ active, sealed, flushFailures, waiting, settings }: IngesterState): boolean {
  if (sealed.length === 0 || flushFailures > 0 || waiting[0]?.copy !== undefined) return false;
  let bytes = active?.memoryBytes ?? 0;
  // What a query had read of the log is let go without a flush.
  for (const { table, isPlanned } of sealed) if (isPlanned) bytes += table.memoryBytes;
  return bytes >= settings.backlogBytesMax;
}

/** Whether nothing came for long, or the first entry came long ago. */
export function isDue({ active, settings }: IngesterState, nowMs: number): boolean {
  if (!active) return false;
  const idle = nowMs - active.lastAppendMs >= settings.chunkIdlePeriodMs;
  return idle || nowMs - active.createdMs >= settings.maxChunkAgeMs;
}

/** Ends the active memtable, if any, and the log's segment with it. It has the records up to `toSeq`. */
export function seal(state: IngesterState, effects: IngesterEffect[], toSeq = state.settledSeq): void {
  const table = state.active;
  if (!table) return;
  const todo = planFlush({ table, toSeq }, state.settings.instance, state.settings.objectWindowMs);
  state.sealed.push({ table, toSeq, todo, running: 0, isPlanned: true });
  state.active = null;
  state.activeFromSeq = toSeq + 1;
  effects.push({ kind: 'wal.rotate' });
}

/** Starts as many objects as may be built at once, those of the oldest memtable first. */
export function startJobs(state: IngesterState, effects: IngesterEffect[], nowMs: number): void {
  if (nowMs < state.flushNotBeforeMs) return;
  for (const memtable of [...state.sealed]) {
    if (!memtable.isPlanned && !plan(state, memtable, effects)) return;
    while (memtable.todo.length > 0 && state.jobs.size < state.settings.flushConcurrency) {
      const input = memtable.todo.shift()!;
      const job = state.nextJob++;
      state.jobs.set(job, { memtable, input });
      memtable.running++;
      effects.push({ kind: 'flush.store', job, input });
    }
    dropIfStored(state, memtable, effects);
  }
}

/** False while it has to be read from the log first; one is at a time, and not before it is its turn. */
function plan(state: IngesterState, memtable: Sealed, effects: IngesterEffect[]): boolean {
  const { table, toSeq } = memtable;
  if (!(table instanceof LoggedTable) || state.jobs.size >= state.settings.flushConcurrency) return false;
  if (!table.isLoaded) {
    state.logged.want(table, effects);
    return false;
  }
  memtable.todo.push(...planLogged(table, toSeq, state.settings.instance, state.settings.objectWindowMs));
  memtable.isPlanned = true;
  return true;
}

export function jobStored(state: IngesterState, job: number, bytes: number, effects: IngesterEffect[]): void {
  const { memtable } = endJob(state, job);
  state.flushFailures = 0;
  state.counters.objectsFlushed++;
  state.counters.objectBytesFlushed += bytes;
  dropIfStored(state, memtable, effects);
}

/** The data stays where it is, in memory and in the log; asks are told, and the object is tried again later. */
export function jobFailed(
  state: IngesterState,
  job: number,
  why: Fault,
  effects: IngesterEffect[],
  nowMs: number,
): void {
  const { memtable, input } = endJob(state, job);
  memtable.todo.unshift(input);
  flushFailed(state, why, effects, nowMs);
}

/** A flush that has to be tried again. */
export function flushFailed(state: IngesterState, why: Fault, effects: IngesterEffect[], nowMs: number): void {
  state.counters.flushFailures++;
  const { flushBackoffMinMs, flushBackoffMaxMs } = state.settings;
  state.flushNotBeforeMs = nowMs + Math.min(flushBackoffMaxMs, flushBackoffMinMs * 2 ** state.flushFailures++);
  const told = fault('unavailable', `flush failed, will be tried again; nothing is lost: ${why.message}`);
  for (const { reply } of state.flushAsks)
    effects.push({ kind: 'reply', to: reply, reply: { kind: 'fault', fault: told } });
  state.flushAsks = [];
}

/** Answers when everything now in memory is in objects, or when a flush fails. */
export function flushAll(state: IngesterState, reply: ReplyTo, effects: IngesterEffect[]): void {
  seal(state, effects);
  state.flushNotBeforeMs = Number.NEGATIVE_INFINITY;
  state.flushAsks.push({ reply, memtable: state.memtables });
}

export function answerFlushAsks(state: IngesterState, effects: IngesterEffect[]): void {
  const oldest = state.sealed[0]?.table.id ?? Number.POSITIVE_INFINITY;
  const left = state.flushAsks.filter(({ memtable }) => memtable >= oldest);
  for (const ask of state.flushAsks) {
    if (!left.includes(ask)) effects.push({ kind: 'reply', to: ask.reply, reply: { kind: 'ok' } });
  }
  state.flushAsks = left;
}

function endJob(state: IngesterState, job: number): FlushJob {
  const ended = state.jobs.get(job)!;
  state.jobs.delete(job);
  ended.memtable.running--;
  return ended;
}

function dropIfStored(state: IngesterState, memtable: Sealed, effects: IngesterEffect[]): void {
  if (memtable.todo.length > 0 || memtable.running > 0) return;
  const { table } = memtable;
  state.sealed.splice(state.sealed.indexOf(memtable), 1);
  table.dropped = true;
  if (!(table instanceof LoggedTable)) forgetStreams(state, table);
  forgetLog(state, effects);
}

function forgetStreams({ registry }: IngesterState, { id, tenants }: Memtable): void {
  for (const { streams } of tenants.values()) {
    for (const { stream, runs, rows } of streams) registry.forget(stream, id, { pieces: runs.length, rows });
  }
}
