import type { Fault } from '../../wire/fault.js';
import type { WorkflowDone } from '../../wire/messages/workflow.js';
import { tellCancel } from './executions.js';
import type { TaskEntry, Turn, WorkflowEntry } from './state.js';
import { leave } from './tenants.js';

/** A task has reached its end; with the last one its workflow does. */
export function settle(turn: Turn, task: TaskEntry, phase: TaskEntry['phase']): void {
  const { state } = turn;
  const { workflow } = task;
  task.phase = phase;
  if (!task.manifest.scan && workflow.admitted) state.runningOthers--;
  if (--workflow.unfinished > 0) return;
  state.workflows.delete(workflow.id);
  for (const { manifest } of workflow.tasks) state.tasks.delete(manifest.id);
  leave(state, workflow);
  conclude(turn, workflow);
}

/** Stops a workflow: what runs is cancelled, what waits never starts. `again`: it may go well from its beginning. */
export function end(turn: Turn, workflow: WorkflowEntry, reason: Fault, again = false): void {
  if (workflow.ending) return;
  workflow.ending = reason;
  workflow.again = again;
  workflow.scans = [];
  for (const { executions } of workflow.tasks) for (const execution of executions) tellCancel(turn, execution);
  for (const task of workflow.tasks) {
    if (task.executions.length > 0 || (task.phase !== 'queued' && task.phase !== 'running')) continue;
    if (task.phase === 'queued') turn.state.counters.cancelled++;
    settle(turn, task, 'cancelled');
  }
}

/** Tells the querier, and keeps what it was told until it says that it knows. */
export function conclude(turn: Turn, workflow: WorkflowEntry): void {
  const { id, receiver, ending, again, firstScanAt, startedAt, tasks } = workflow;
  const reports = tasks.flatMap(({ report }) => (report ? [report] : []));
  const skipped = tasks.filter((task) => task.phase === 'skipped').length;
  const queueMs = (firstScanAt ?? turn.now) - startedAt;
  const done: WorkflowDone = {
    ...{ kind: 'workflow.done', workflow: id, reports, skipped, queueMs },
    ...(ending ? { fault: ending } : {}),
    ...(again ? { again } : {}),
  };
  turn.state.ended.set(id, { receiver, done, keptMs: 0 });
  turn.effects.push({ to: receiver, message: done });
}
