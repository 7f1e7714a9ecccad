import type { Address } from '../../wire/address.js';
import type { TaskAssign } from '../../wire/messages/workflow.js';
import { receiverAddress } from '../../wire/stream-address.js';
import type { Execution, SchedulerState, TaskEntry, Turn, WorkerEntry } from './state.js';

export function keyOf(task: string, attempt: number): string {
  return `${task}#${attempt}`;
}

export function freeSlots({ scanSlots, scans }: WorkerEntry): number {
  return scanSlots - scans;
}

/** The worker with most free slots; of equal ones that with least to do. Undefined when there is none outside `avoid`. */
export function idlestWorker(state: SchedulerState, avoid?: ReadonlySet<Address>): WorkerEntry | undefined {
  let best: WorkerEntry | undefined;
  for (const worker of state.workers.values()) {
    if (avoid?.has(worker.address)) continue;
    const more = best ? freeSlots(worker) - freeSlots(best) : 1;
    if (more > 0 || (more === 0 && worker.executions.size < best!.executions.size)) best = worker;
  }
  return best;
}

/**
 * The same worker for the same name for as long as it has a free slot, and a worker that comes or goes moves only its own
 * share of names (rendezvous hashing, Thaler and Ravishankar, 1998). Undefined when no slot is free outside `avoid`.
 */
export function affineWorker(
  state: SchedulerState,
  name: string,
  avoid?: ReadonlySet<Address>,
): WorkerEntry | undefined {
  let best: WorkerEntry | undefined;
  let highest = -1;
  for (const worker of state.workers.values()) {
    if (freeSlots(worker) <= 0 || avoid?.has(worker.address)) continue;
    const weight = hashOf(`${worker.address} ${name}`);
    if (weight <= highest) continue;
    best = worker;
    highest = weight;
  }
  return best;
}

/** FNV-1a, its bits mixed: names of sections differ in their last characters. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Starts an attempt of a task. Attempts below the oldest that counts are void from now on. */
export function execute(turn: Turn, task: TaskEntry, worker: WorkerEntry, bound?: bigint): void {
  const { id, tenant, run } = task.workflow;
  const attempt = task.attempts++;
  const assign: TaskAssign = {
    kind: 'task.assign',
    incarnation: worker.incarnation,
    workflow: id,
    tenant,
    task: task.manifest,
    attempt,
    floor: task.executions[0]?.attempt ?? attempt,
    receiver: sinkAddress(task),
    run,
    ...(bound === undefined ? {} : { bound }),
  };
  const key = keyOf(task.manifest.id, attempt);
  const execution: Execution = {
    key,
    task,
    attempt,
    worker,
    startedAt: turn.now,
    assign,
    toldAt: turn.now,
    cancelled: false,
  };
  task.phase = 'running';
  task.executions.push(execution);
  worker.executions.set(key, execution);
  if (task.manifest.scan) {
    worker.scans++;
    task.workflow.runningScans++;
  }
  turn.state.counters.assigned++;
  turn.effects.push({ to: worker.address, message: assign });
}

/** Where the stream of a task is read: by the attempt of the consumer that runs or will run next. */
export function sinkAddress({ manifest, consumer }: TaskEntry): Address {
  if (!consumer) return receiverAddress(manifest.sink);
  return receiverAddress(manifest.sink, consumer.phase === 'queued' ? consumer.attempts : consumer.attempts - 1);
}

/** Nothing of it counts any more. Its worker keeps the slot until it says that it has stopped. */
export function cancelExecution(turn: Turn, execution: Execution): void {
  discard(execution);
  execution.cancelled = true;
  tellCancel(turn, execution);
}

export function tellCancel(turn: Turn, { worker, task, attempt }: Execution): void {
  turn.effects.push({ to: worker.address, message: { kind: 'task.cancel', task: task.manifest.id, attempt } });
}

/** It has ended, well or not. */
export function removeExecution(execution: Execution): void {
  if (!execution.cancelled) discard(execution);
  execution.worker.executions.delete(execution.key);
  if (execution.task.manifest.scan) execution.worker.scans--;
}

function discard(execution: Execution): void {
  const { executions, workflow, manifest } = execution.task;
  const at = executions.indexOf(execution);
  if (at < 0) return;
  executions.splice(at, 1);
  if (manifest.scan) workflow.runningScans--;
}
