import { type Fault, fault } from '../../wire/fault.js';
import type { WorkflowStart } from '../../wire/messages/workflow.js';
import { conclude } from './ending.js';
import { execute } from './executions.js';
import { NO_WORKER, workerFor } from './retry.js';
import type { TaskEntry, Turn, WorkflowEntry } from './state.js';
import { countsOf, dequeue, enqueue, nextTenant, type TenantEntry } from './tenants.js';

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
  enqueue(state, workflow);
  for (const task of workflow.tasks) state.tasks.set(task.manifest.id, task);
}

function newWorkflow(message: WorkflowStart, now: number): WorkflowEntry {
  const { workflow: id, tenant, receiver, results, enough, run } = message;
  const workflow: WorkflowEntry = {
    ...{ id, tenant, receiver, results, enough, run, tasks: [], scans: [], emitted: [], scannedCost: 0, scanMs: [] },
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
  let waiting = 0;
  for (const each of state.tenants.values()) waiting += each.waiting.length;
  const own = state.tenants.get(tenant)?.waiting.length ?? 0;
  if (waiting < settings.queuedWorkflowsMax && own < settings.queuedPerTenantMax) return undefined;
  countsOf(state, tenant).refused++;
  return fault('limited', 'too many outstanding requests');
}

/** Lets waiting workflows in, tenants by turns, each with all its tasks that do not scan. */
export function admit(turn: Turn): void {
  const { state } = turn;
  for (let tenant = nextTenant(state); tenant; tenant = nextTenant(state)) {
    const others = tenant.waiting[0]!.tasks.filter((task) => !task.manifest.scan);
    if (!hasRoom(turn, tenant, others.length)) return;
    dequeue(state, tenant).admitted = true;
    state.runningOthers += others.length;
    for (const task of others) execute(turn, task, workerFor(turn, task)!);
  }
}

/**
 * As much again as the bound is kept for tenants that have nothing running: however many queries another one has, the
 * first of a tenant does not wait for their end.
 */
function hasRoom({ state, settings }: Turn, { running }: TenantEntry, others: number): boolean {
  const max = settings.maxRunningOtherTasks * (running === 0 ? 2 : 1);
  return max === 0 || state.runningOthers === 0 || state.runningOthers + others <= max;
}
