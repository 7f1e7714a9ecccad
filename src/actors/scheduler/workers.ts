import type { Address } from '../../wire/address.js';
import type { TaskRef, WorkerHello } from '../../wire/messages/workflow.js';
import { keyOf, tellCancel } from './executions.js';
import { loseWorker } from './retry.js';
import type { Turn, WorkerEntry } from './state.js';

/** Registers a worker or hears its heartbeat: what it should run and does not is said again, and the other way round. */
export function hello(turn: Turn, from: Address, message: WorkerHello): void {
  const { state, effects } = turn;
  const known = state.workers.get(from);
  if (known && message.incarnation < known.incarnation) return; // a late one of an earlier life
  if (known && (message.leaving || message.incarnation > known.incarnation)) loseWorker(turn, known);
  if (message.leaving) return;
  const worker = state.workers.get(from) ?? newWorker(from, message.incarnation);
  state.workers.set(from, worker);
  worker.silentMs = 0;
  worker.scanSlots = message.scanSlots;
  const unknown: TaskRef[] = message.running.filter(
    ({ task, attempt }) => !worker.executions.has(keyOf(task, attempt)),
  );
  effects.push({ to: from, message: { kind: 'worker.welcome', unknown } });
  reconcile(turn, worker, message.running);
}

function newWorker(address: Address, incarnation: number): WorkerEntry {
  return { address, incarnation, scanSlots: 0, executions: new Map(), scans: 0, silentMs: 0 };
}

/**
 * What it runs needs no second word. What it does not run it may have finished (then its status is under way) or never
 * heard of; both is cured by saying it again.
 */
function reconcile(turn: Turn, worker: WorkerEntry, running: readonly TaskRef[]): void {
  if (worker.executions.size === 0) return;
  const runs = new Set(running.map(({ task, attempt }) => keyOf(task, attempt)));
  for (const execution of worker.executions.values()) {
    if (execution.cancelled || execution.task.workflow.ending) tellCancel(turn, execution);
    else if (!runs.has(execution.key) && turn.now - execution.toldAt >= turn.settings.tickMs) {
      execution.toldAt = turn.now;
      turn.effects.push({ to: worker.address, message: execution.assign });
    }
  }
}

export function loseSilentWorkers(turn: Turn): void {
  const { tickMs, workerTimeoutMs } = turn.settings;
  for (const worker of [...turn.state.workers.values()]) {
    worker.silentMs += tickMs;
    if (worker.silentMs > workerTimeoutMs) loseWorker(turn, worker);
  }
}
