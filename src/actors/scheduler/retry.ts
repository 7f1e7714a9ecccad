import type { Address } from '../../wire/address.js';
import { type Fault, fault } from '../../wire/fault.js';
import { end, settle } from './ending.js';
import { affineWorker, cancelExecution, execute, idlestWorker, removeExecution, sinkAddress } from './executions.js';
import type { TaskEntry, Turn, WorkerEntry, WorkflowEntry } from './state.js';

/**
 * What to do when an attempt of a task is lost. Its stream begins anew with the next attempt, so whatever feeds the task
 * must run again too: the frames went to the attempt that is gone.
 */
export function runAgain(turn: Turn, task: TaskEntry, why: Fault, lostAt: Address): void {
  turn.state.counters.lost++;
  task.avoid ??= new Set();
  task.avoid.add(lostAt);
  // Whoever reads it has read all there was.
  if (task.consumer?.phase === 'completed') return settle(turn, task, 'completed');
  repeat(turn, task, why);
}

/** The consumer has used frames of an attempt that is gone: it cannot go on, and must begin anew itself. */
export function inputLost(turn: Turn, task: TaskEntry): void {
  const { consumer, workflow } = task;
  turn.state.counters.superseded++;
  const why = fault('unavailable', `input lost: stream ${task.manifest.sink} broke off and was partly used`);
  if (!consumer) return end(turn, workflow, why, true);
  if (consumer.phase === 'completed') return settle(turn, task, 'completed');
  repeat(turn, consumer, why);
}

function repeat(turn: Turn, task: TaskEntry, why: Fault): void {
  const { workflow } = task;
  if (++task.losses >= turn.settings.taskAttemptsMax) return end(turn, workflow, why);
  turn.state.counters.repeated++;
  const others: TaskEntry[] = [];
  reset(turn, task, others);
  workflow.scans = workflow.tasks.filter(({ manifest, phase }) => manifest.scan && phase === 'queued');
  workflow.emitted = workflow.tasks.flatMap(({ report }) => report?.emitted ?? []);
  for (const other of others) execute(turn, other, workerFor(turn, other)!);
}

/** Back to where it had not begun, with all that feeds it. The consumer first: it decides where streams lead. */
function reset(turn: Turn, task: TaskEntry, others: TaskEntry[]): void {
  if (task.phase === 'skipped') return announceSkipped(turn, task);
  for (const execution of [...task.executions]) cancelExecution(turn, execution);
  if (task.phase === 'completed') {
    task.workflow.unfinished++;
    if (!task.manifest.scan) turn.state.runningOthers++;
  }
  task.phase = 'queued';
  task.report = undefined;
  if (!task.manifest.scan) others.push(task);
  for (const input of task.inputs) reset(turn, input, others);
}

/** Some worker that has not lost the task before, where there is one; of those with a free slot the one that `affinity` names. */
export function workerFor({ state }: Turn, { avoid }: TaskEntry, affinity?: string): WorkerEntry | undefined {
  const alike = affinity !== undefined && state.workers.size > 1 ? affineWorker(state, affinity, avoid) : undefined;
  return alike ?? (avoid && idlestWorker(state, avoid)) ?? idlestWorker(state);
}

/** The receiver of a task that never runs has everything at once. Said again until it is acknowledged. */
export function announceSkipped(turn: Turn, task: TaskEntry): void {
  const { sink } = task.manifest;
  const closing = {
    to: sinkAddress(task),
    message: { kind: 'stream.closed', stream: sink, attempt: 0, frames: 0 } as const,
  };
  task.workflow.closing.set(sink, closing);
  turn.effects.push(closing);
}

/** Nobody reads what these would send. */
export function abandon(turn: Turn, task: TaskEntry): void {
  for (const input of task.inputs) {
    abandon(turn, input);
    if (input.phase !== 'queued' && input.phase !== 'running') continue;
    for (const execution of [...input.executions]) cancelExecution(turn, execution);
    settle(turn, input, 'completed');
  }
  task.workflow.scans = task.workflow.scans.filter(({ phase }) => phase === 'queued');
}

/** A worker is gone, with all that ran there. */
export function loseWorker(turn: Turn, worker: WorkerEntry): void {
  turn.state.workers.delete(worker.address);
  const executions = [...worker.executions.values()];
  const counted = executions.filter(({ cancelled }) => !cancelled);
  for (const execution of executions) removeExecution(execution);
  if (turn.state.workers.size === 0) endAll(turn, [...turn.state.workflows.values()]);
  const why = fault('unavailable', `${worker.address} is not heard any more`);
  // Consumers first: what feeds them begins anew with them.
  const tasks = counted.map(({ task }) => task).sort((a, b) => Number(a.manifest.scan) - Number(b.manifest.scan));
  for (const task of tasks) {
    if (task.phase !== 'running' || task.executions.length > 0) continue;
    if (task.workflow.ending) settle(turn, task, 'cancelled');
    else runAgain(turn, task, why, worker.address);
  }
}

export const NO_WORKER = fault('unavailable', 'no worker is connected to the scheduler');

function endAll(turn: Turn, workflows: readonly WorkflowEntry[]): void {
  for (const workflow of workflows) end(turn, workflow, NO_WORKER, true);
}
