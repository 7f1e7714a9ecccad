import { noCounts } from '../../execution/context.js';
import type { Address } from '../../wire/address.js';
import { unreachable } from '../../wire/exhaustive.js';
import { type Fault, fault } from '../../wire/fault.js';
import type { Message } from '../../wire/message.js';
import type { TaskAssign, TaskRef, TaskReport } from '../../wire/messages/workflow.js';
import type { WorkerSettings } from './settings.js';
import { keyOf, type SchedulerEntry, type WorkerEffect, type WorkerEvent, type WorkerState } from './state.js';

/** Attempts remembered after they have ended, at least. */
const KNOWN_MAX = 10_000;

/**
 * The worker: runs what it is assigned once, says what became of it until that is acknowledged, and tells every scheduler
 * again and again what it runs, so that no lost message is missed for longer than a heartbeat.
 */
export function stepWorker(state: WorkerState, settings: WorkerSettings, event: WorkerEvent): WorkerEffect[] {
  const effects: WorkerEffect[] = [];
  switch (event.kind) {
    case 'tick':
      tick(state, settings, event.schedulers, effects);
      break;
    case 'message':
      receive(state, event.from, event.message, effects);
      break;
    case 'ended':
      ended(state, event, effects);
      break;
    case 'leave':
      for (const { key } of state.running.values())
        effects.push({ kind: 'abort', key, why: fault('unavailable', 'worker is stopping') });
      for (const scheduler of state.schedulers.values()) hello(state, settings, scheduler, effects, true);
      return effects;
    default:
      return unreachable(event);
  }
  tellSlots(state, settings, effects);
  return effects;
}

function tick(
  state: WorkerState,
  settings: WorkerSettings,
  addresses: readonly Address[],
  effects: WorkerEffect[],
): void {
  for (const address of addresses) {
    if (!state.schedulers.has(address)) state.schedulers.set(address, { address, silentMs: 0, slots: UNTOLD });
  }
  for (const scheduler of state.schedulers.values()) {
    scheduler.silentMs += settings.tickMs;
    if (scheduler.silentMs > settings.schedulerTimeoutMs) lose(state, scheduler, addresses, effects);
  }
  state.sinceHelloMs += settings.tickMs;
  const isDue = state.sinceHelloMs >= settings.heartbeatMs;
  for (const scheduler of state.schedulers.values()) {
    // A new one may have queries already, and nobody to run them.
    if (isDue || scheduler.slots === UNTOLD) hello(state, settings, scheduler, effects);
  }
  if (!isDue) return;
  state.sinceHelloMs = 0;
  for (const { scheduler, message } of state.pending.values()) effects.push({ kind: 'send', to: scheduler, message });
}

/** Slots of a scheduler that has not heard of this worker. */
const UNTOLD = -1;

/** Nobody waits for its tasks any more; a scheduler that is still said to exist goes on being told of this worker. */
function lose(
  state: WorkerState,
  { address }: SchedulerEntry,
  existing: readonly Address[],
  effects: WorkerEffect[],
): void {
  const why = fault('unavailable', `${address} is not heard any more`);
  for (const { key, scheduler } of state.running.values())
    if (scheduler === address) effects.push({ kind: 'abort', key, why });
  for (const { key, scheduler } of state.pending.values()) if (scheduler === address) state.pending.delete(key);
  if (!existing.includes(address)) state.schedulers.delete(address);
}

function hello(
  state: WorkerState,
  settings: WorkerSettings,
  scheduler: SchedulerEntry,
  effects: WorkerEffect[],
  leaving = false,
): void {
  const running = [...state.running.values()].filter((task) => task.scheduler === scheduler.address);
  scheduler.slots = slotsFor(state, settings, scheduler.address);
  effects.push({
    kind: 'send',
    to: scheduler.address,
    message: {
      ...{ kind: 'worker.hello' as const, incarnation: state.incarnation, scanSlots: scheduler.slots },
      running: running.map(({ ref }) => ref),
      ...(leaving && { leaving: true as const }),
    },
  });
}

/** All slots but those that scans of other schedulers use. */
function slotsFor({ running, schedulers }: WorkerState, { scanSlots }: WorkerSettings, scheduler: Address): number {
  if (schedulers.size === 1) return scanSlots;
  let others = 0;
  for (const task of running.values()) if (task.scan && task.scheduler !== scheduler) others++;
  return Math.max(0, scanSlots - others);
}

function tellSlots(state: WorkerState, settings: WorkerSettings, effects: WorkerEffect[]): void {
  if (state.schedulers.size === 1) return;
  for (const scheduler of state.schedulers.values()) {
    const slots = slotsFor(state, settings, scheduler.address);
    if (slots === scheduler.slots) continue;
    scheduler.slots = slots;
    effects.push({ kind: 'send', to: scheduler.address, message: { kind: 'worker.ready', slots } });
  }
}

function receive(state: WorkerState, from: Address, message: Message, effects: WorkerEffect[]): void {
  const scheduler = state.schedulers.get(from);
  if (scheduler) scheduler.silentMs = 0;
  switch (message.kind) {
    case 'task.assign':
      return assign(state, from, message, effects);
    case 'task.cancel':
      return cancel(state, from, message, effects);
    case 'task.ack':
      state.pending.delete(keyOf(message));
      return;
    case 'worker.welcome':
      for (const ref of message.unknown) cancel(state, from, ref, effects);
      return;
    default:
      return;
  }
}

function assign(state: WorkerState, from: Address, message: TaskAssign, effects: WorkerEffect[]): void {
  if (message.incarnation !== state.incarnation) return;
  const ref = { task: message.task.id, attempt: message.attempt };
  const key = keyOf(ref);
  if (state.known.has(key) || state.knownBefore.has(key)) return;
  remember(state, key);
  state.running.set(key, { key, ref, scheduler: from, scan: message.task.scan });
  effects.push({ kind: 'run', key, assign: message });
}

/** A task that is not here may still be under way: it shall not start, and its scheduler hears that it does not run. */
function cancel(state: WorkerState, from: Address, { task, attempt }: TaskRef, effects: WorkerEffect[]): void {
  const ref = { task, attempt };
  const key = keyOf(ref);
  const why = fault('cancelled', 'task was cancelled');
  if (state.running.has(key)) effects.push({ kind: 'abort', key, why });
  else if (!state.pending.has(key)) {
    remember(state, key);
    effects.push({ kind: 'send', to: from, message: given(ref, why) });
  }
}

function given(ref: TaskRef, why: Fault): Message {
  return { kind: 'task.status', ...ref, status: 'cancelled', fault: why, report: emptyReport() };
}

function remember(state: WorkerState, key: string): void {
  state.known.add(key);
  if (state.known.size < KNOWN_MAX) return;
  state.knownBefore = state.known;
  state.known = new Set();
}

function ended(state: WorkerState, event: Extract<WorkerEvent, { kind: 'ended' }>, effects: WorkerEffect[]): void {
  const task = state.running.get(event.key);
  if (!task) return;
  const { key, ref, scheduler } = task;
  state.running.delete(key);
  const message = { kind: 'task.status' as const, ...ref, ...event.outcome };
  state.pending.set(key, { key, scheduler, message });
  effects.push({ kind: 'send', to: scheduler, message });
}

export function emptyReport(): TaskReport {
  return { ...noCounts(), operators: [] };
}
