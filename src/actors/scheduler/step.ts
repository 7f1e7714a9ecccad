import type { Address } from '../../wire/address.js';
import { type Fault, fault } from '../../wire/fault.js';
import type { Message } from '../../wire/message.js';
import type { TaskStatus } from '../../wire/messages/workflow.js';
import { admit, start } from './admission.js';
import { end, settle } from './ending.js';
import { cancelExecution, keyOf, removeExecution } from './executions.js';
import { alive, release, sayAgain } from './queriers.js';
import { abandon, inputLost, runAgain } from './retry.js';
import { assignScans, repeatSlowScans } from './scans.js';
import type { SchedulerSettings } from './settings.js';
import type { Execution, SchedulerEffect, SchedulerEvent, SchedulerState, TaskEntry, Turn } from './state.js';
import { hello, loseSilentWorkers } from './workers.js';

/**
 * The scheduler. Tasks without a scan start as soon as their workflow is admitted, since they only wait for input; scan
 * tasks start one for each slot that workers offer, the tenant served least first. Attempts that are lost run again
 * (decisions/013). `now` is monotonic, in ms.
 */
export function stepScheduler(
  state: SchedulerState,
  settings: SchedulerSettings,
  event: SchedulerEvent,
  now: number,
): SchedulerEffect[] {
  const turn: Turn = { state, settings, now, effects: [] };
  if (event.kind === 'tick') tick(turn);
  else if (!receive(turn, event.from, event.message)) return turn.effects;
  admit(turn);
  assignScans(turn);
  return turn.effects;
}

function tick(turn: Turn): void {
  loseSilentWorkers(turn);
  sayAgain(turn);
  repeatSlowScans(turn);
}

/** True when there may be something to assign now. */
function receive(turn: Turn, from: Address, message: Message): boolean {
  const { state } = turn;
  switch (message.kind) {
    case 'worker.hello':
      hello(turn, from, message);
      return true;
    case 'worker.ready': {
      const worker = state.workers.get(from);
      if (worker) worker.scanSlots = message.slots;
      return true;
    }
    case 'workflow.start':
      start(turn, message);
      return true;
    case 'workflow.alive':
      alive(turn, from, message.workflow);
      return false;
    case 'workflow.cancel': {
      const workflow = state.workflows.get(message.workflow);
      if (workflow) end(turn, workflow, fault('cancelled', message.reason));
      return true;
    }
    case 'workflow.release':
      release(state, message.workflow);
      return false;
    case 'task.status':
      status(turn, from, message);
      return true;
    case 'stream.credit':
      // Only to what the scheduler itself sends: ends of skipped tasks' streams.
      if (message.verdict) for (const { closing } of state.workflows.values()) closing.delete(message.stream);
      return false;
    default:
      return false;
  }
}

/** The first status of an attempt counts; later ones find nothing. */
function status(turn: Turn, from: Address, message: TaskStatus): void {
  const { task: id, attempt } = message;
  turn.effects.push({ to: from, message: { kind: 'task.ack', task: id, attempt } });
  const execution = turn.state.workers.get(from)?.executions.get(keyOf(id, attempt));
  if (!execution) return;
  removeExecution(execution);
  if (execution.cancelled) return;
  const { task } = execution;
  if (message.status !== 'superseded') turn.state.counters[message.status]++;
  if (message.status === 'completed') return complete(turn, execution, message);
  if (message.status === 'failed' && !isLoss(message.fault)) return fail(turn, task, message.fault);
  if (task.executions.length > 0) return; // the other attempt goes on
  if (task.workflow.ending) {
    if (task.phase === 'running') settle(turn, task, message.status === 'failed' ? 'failed' : 'cancelled');
  } else if (message.status === 'superseded') inputLost(turn, task);
  else runAgain(turn, task, message.fault ?? fault('unavailable', `a task ${message.status}`), from);
}

/** Whether another attempt may do better: what is stale is looked up anew by the querier. */
function isLoss(why: Fault | undefined): boolean {
  return why?.code === 'unavailable' && !why.stale;
}

function fail(turn: Turn, task: TaskEntry, why = fault('internal', 'a task failed')): void {
  const last = task.executions.length === 0;
  if (last) task.phase = 'failed';
  // First, so that the last task of a workflow still says why it ends.
  end(turn, task.workflow, why);
  if (last) settle(turn, task, 'failed');
}

function complete(turn: Turn, { task, startedAt, attempt }: Execution, { report }: TaskStatus): void {
  const { workflow } = task;
  for (const other of [...task.executions]) cancelExecution(turn, other);
  task.report = report;
  if (task.manifest.scan) {
    workflow.scanMs.push(turn.now - startedAt);
    workflow.scannedCost += task.manifest.cost;
    if (report.emitted) workflow.emitted.push(...report.emitted);
  }
  // The first attempt has read all of its inputs. A later one may have found that its receiver needs nothing any more.
  if (attempt > 0 && !workflow.ending) abandon(turn, task);
  settle(turn, task, 'completed');
}
