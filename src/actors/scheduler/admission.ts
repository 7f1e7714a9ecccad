import { type Fault, fault } from '../../wire/fault.js';
import type { WorkflowStart } from '../../wire/message.js';
import { conclude } from './ending.js';
import { execute } from './executions.js';
import { NO_WORKER, workerFor } from './retry.js';
import type { TaskEntry, Turn, WorkflowEntry } from './state.js';

export function start(turn: Turn, message: WorkflowStart): void {
  const { state, now } = turn;
  if (state.workflows.has(message.workflow) || state.ended.has(message.workflow)) return;
  const workflow = newWorkflow(message, now);
  const refusal = refuse(turn, message.tenant);
  if (refusal) {
    state.counters.refused++;
    workflow.ending = refusal;
    workflow.again = refusal === NO_WORKER;
    return conclude(turn, workflow);
  }
  state.workflows.set(workflow.id, workflow);
  for (const task of workflow.tasks) state.tasks.set(task.manifest.id, task);
}

function newWorkflow(message: WorkflowStart, now: number): WorkflowEntry {
  const { workflow: id, tenant, receiver, results, enough, run } = message;
  const workflow: WorkflowEntry = {
    ...{ id, tenant, receiver, results, enough, run, tasks: [], scans: [], emitted: [], scanMs: [] },
    ...{ closing: new Map(), startedAt: now, firstScanAt: undefined, admitted: false, runningScans: 0 },
    ...{ unfinished: message.tasks.length, silentMs: 0, ending: undefined, again: false },
  };
  const bySink = new Map<string, TaskEntry>();
  for (const manifest of message.tasks) {
    const task: TaskEntry = {
      workflow,
      manifest,
      inputs: [],
      consumer: undefined,
      phase: 'queued',
      attempts: 0,
      losses: 0,
      executions: [],
      avoid: undefined,
      report: undefined,
    };
    workflow.tasks.push(task);
    bySink.set(manifest.sink, task);
    if (manifest.scan) workflow.scans.push(task);
  }
  for (const task of workflow.tasks) {
    for (const stream of task.manifest.sources.flat()) {
      const input = bySink.get(stream);
      if (!input) continue;
      input.consumer = task;
      task.inputs.push(input);
    }
  }
  return workflow;
}

function refuse({ state, settings }: Turn, tenant: string): Fault | undefined {
  if (state.workers.size === 0) return NO_WORKER;
  let [waiting, own] = [0, 0];
  for (const workflow of state.workflows.values()) {
    if (!isWaiting(workflow)) continue;
    waiting++;
    if (workflow.tenant === tenant) own++;
  }
  const full = waiting >= settings.queuedWorkflowsMax || own >= settings.queuedPerTenantMax;
  return full ? fault('limited', 'too many outstanding requests') : undefined;
}

function isWaiting({ admitted, ending }: WorkflowEntry): boolean {
  return !admitted && !ending;
}

/** Lets waiting workflows in, in order, each with all its tasks that do not scan. */
export function admit(turn: Turn): void {
  const { state, settings } = turn;
  for (const workflow of state.workflows.values()) {
    if (!isWaiting(workflow)) continue;
    const others = workflow.tasks.filter((task) => !task.manifest.scan);
    const max = settings.maxRunningOtherTasks;
    if (max > 0 && state.runningOthers > 0 && state.runningOthers + others.length > max) return;
    workflow.admitted = true;
    state.runningOthers += others.length;
    for (const task of others) execute(turn, task, workerFor(turn, task)!);
  }
}
