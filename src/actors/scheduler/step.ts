import { type Fault, fault } from '../../wire/fault.js';
import type { TaskStatus, WorkflowStart } from '../../wire/message.js';
import { receiverAddress } from '../../wire/stream-address.js';
import { cannotContribute, certainTime } from './enough.js';
import type { SchedulerSettings } from './settings.js';
import type {
  SchedulerEffect,
  SchedulerEvent,
  SchedulerState,
  TaskEntry,
  WorkerEntry,
  WorkflowEntry,
} from './state.js';

/**
 * The scheduler. Tasks without a scan start as soon as their workflow is admitted, since they only wait for input; scan
 * tasks start one for each slot that workers offer, the tenant served least first. `now` is monotonic, in ms.
 */
export function stepScheduler(
  state: SchedulerState,
  settings: SchedulerSettings,
  event: SchedulerEvent,
  now: number,
): SchedulerEffect[] {
  const { from, message } = event;
  const effects: SchedulerEffect[] = [];
  switch (message.kind) {
    case 'worker.hello':
      hello(state, from, message.scanSlots);
      break;
    case 'worker.ready':
      addSlots(state, from, message.slots);
      break;
    case 'workflow.start':
      start(state, settings, message, now, effects);
      break;
    case 'workflow.cancel': {
      const workflow = state.workflows.get(message.workflow);
      if (workflow) end(state, workflow, fault('cancelled', message.reason), effects, now);
      break;
    }
    case 'task.status':
      finish(state, message, effects, now);
      break;
    default:
      return [];
  }
  admit(state, settings, effects);
  assignScans(state, settings, effects, now);
  return effects;
}

/** A second hello takes nothing back, and no number of messages makes a worker larger than it is. */
function hello(state: SchedulerState, worker: string, scanSlots: number): void {
  const slots = state.workers.get(worker)?.slots ?? 0;
  state.workers.set(worker, { address: worker, scanSlots, slots: Math.min(slots, scanSlots) });
}

function addSlots(state: SchedulerState, worker: string, slots: number): void {
  const entry = state.workers.get(worker);
  if (entry) entry.slots = Math.min(entry.slots + slots, entry.scanSlots);
}

function start(
  state: SchedulerState,
  settings: SchedulerSettings,
  message: WorkflowStart,
  now: number,
  effects: SchedulerEffect[],
): void {
  if (state.workflows.has(message.workflow)) return;
  const tasks = message.tasks.map((manifest): TaskEntry => ({ manifest, phase: 'queued', worker: undefined }));
  const workflow: WorkflowEntry = {
    id: message.workflow,
    tenant: message.tenant,
    receiver: message.receiver,
    results: message.results,
    enough: message.enough,
    run: message.run,
    tasks,
    scans: tasks.filter((task) => task.manifest.scan),
    reports: [],
    emitted: [],
    startedAt: now,
    firstScanAt: undefined,
    admitted: false,
    runningScans: 0,
    unfinished: tasks.length,
    ending: undefined,
  };
  const waiting = [...state.workflows.values()].filter(({ admitted }) => !admitted).length;
  const refusal = refuse(state, settings, waiting);
  if (refusal) {
    state.counters.refused++;
    workflow.ending = refusal;
    return done(workflow, effects, now);
  }
  state.workflows.set(workflow.id, workflow);
  for (const task of tasks) state.tasks.set(task.manifest.id, { workflow, task });
}

function refuse(state: SchedulerState, settings: SchedulerSettings, waiting: number): Fault | undefined {
  if (state.workers.size === 0) return fault('unavailable', 'no worker is connected to the scheduler');
  if (waiting >= settings.queuedWorkflowsMax) return fault('limited', 'too many outstanding requests');
  return undefined;
}

/** Lets waiting workflows in, in order, each with all its tasks that do not scan. */
function admit(state: SchedulerState, settings: SchedulerSettings, effects: SchedulerEffect[]): void {
  for (const workflow of state.workflows.values()) {
    if (workflow.admitted || workflow.ending) continue;
    const others = workflow.tasks.filter((task) => !task.manifest.scan);
    const max = settings.maxRunningOtherTasks;
    if (max > 0 && state.runningOthers > 0 && state.runningOthers + others.length > max) return;
    workflow.admitted = true;
    for (const task of others) {
      state.runningOthers++;
      assign(state, workflow, task, anyWorker(state), effects);
    }
  }
}

function anyWorker(state: SchedulerState): WorkerEntry {
  let best: WorkerEntry | undefined;
  for (const worker of state.workers.values()) if (!best || worker.slots > best.slots) best = worker;
  return best!;
}

function assignScans(
  state: SchedulerState,
  settings: SchedulerSettings,
  effects: SchedulerEffect[],
  now: number,
): void {
  for (;;) {
    const worker = anyWorker(state);
    if (!worker || worker.slots === 0) return;
    const workflow = nextWorkflow(state, settings);
    if (!workflow) return;
    const task = workflow.scans.shift()!;
    const certain = workflow.enough && certainTime(workflow.emitted, workflow.enough);
    if (certain !== undefined && skippable(workflow, task, certain)) {
      skip(state, workflow, task, effects, now);
      continue;
    }
    worker.slots--;
    workflow.runningScans++;
    workflow.firstScanAt ??= now;
    state.served.set(workflow.tenant, (state.served.get(workflow.tenant) ?? 0) + task.manifest.cost);
    assign(state, workflow, task, worker, effects, certain);
  }
}

/** Of the workflows with a scan to run, that of the tenant served least; the oldest of a tenant first. */
function nextWorkflow(state: SchedulerState, settings: SchedulerSettings): WorkflowEntry | undefined {
  let best: WorkflowEntry | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const workflow of state.workflows.values()) {
    if (!workflow.admitted || workflow.ending || workflow.scans.length === 0) continue;
    if (settings.maxRunningScanTasks > 0 && workflow.runningScans >= settings.maxRunningScanTasks) continue;
    const served = state.served.get(workflow.tenant) ?? 0;
    if (served >= least) continue;
    best = workflow;
    least = served;
  }
  return best;
}

function assign(
  state: SchedulerState,
  workflow: WorkflowEntry,
  task: TaskEntry,
  worker: WorkerEntry,
  effects: SchedulerEffect[],
  bound?: bigint,
): void {
  const { sink } = task.manifest;
  task.phase = 'running';
  task.worker = worker.address;
  state.counters.assigned++;
  const { id, tenant, run } = workflow;
  effects.push(
    {
      to: worker.address,
      message: {
        kind: 'task.assign',
        workflow: id,
        tenant,
        task: task.manifest,
        run,
        ...(bound === undefined ? {} : { bound }),
      },
    },
    { to: worker.address, message: { kind: 'stream.bind', stream: sink, receiver: receiverAddress(sink) } },
  );
}

function skippable({ enough }: WorkflowEntry, { manifest }: TaskEntry, certain: bigint): boolean {
  return (
    enough !== undefined &&
    manifest.maxTimeRange !== undefined &&
    cannotContribute(manifest.maxTimeRange, certain, enough.ascending)
  );
}

function skip(
  state: SchedulerState,
  workflow: WorkflowEntry,
  task: TaskEntry,
  effects: SchedulerEffect[],
  now: number,
): void {
  task.phase = 'skipped';
  state.counters.skipped++;
  const { sink } = task.manifest;
  effects.push({ to: receiverAddress(sink), message: { kind: 'stream.closed', stream: sink, frames: 0 } });
  settle(state, workflow, task, effects, now);
}

/** The first terminal status of a task counts; later ones find no entry. */
function finish(state: SchedulerState, message: TaskStatus, effects: SchedulerEffect[], now: number): void {
  const entry = state.tasks.get(message.task);
  if (entry?.task.phase !== 'running') return;
  const { workflow, task } = entry;
  task.phase = message.status;
  state.counters[message.status]++;
  workflow.reports.push(message.report);
  if (task.manifest.scan) {
    workflow.runningScans--;
    if (message.report.emitted) workflow.emitted.push(message.report.emitted);
  } else state.runningOthers--;
  // First, so that the last task of a workflow still says why it ends. A task that its worker gave up counts as failed.
  if (message.status !== 'completed')
    end(state, workflow, message.fault ?? fault('internal', `a task ${message.status}`), effects, now);
  settle(state, workflow, task, effects, now);
}

function settle(
  state: SchedulerState,
  workflow: WorkflowEntry,
  task: TaskEntry,
  effects: SchedulerEffect[],
  now: number,
): void {
  state.tasks.delete(task.manifest.id);
  if (--workflow.unfinished > 0) return;
  state.workflows.delete(workflow.id);
  if (state.workflows.size === 0) state.served.clear(); // fairness is between those who wait together
  done(workflow, effects, now);
}

/** Stops a workflow: what runs is cancelled, what waits never starts. */
function end(
  state: SchedulerState,
  workflow: WorkflowEntry,
  reason: Fault,
  effects: SchedulerEffect[],
  now: number,
): void {
  if (workflow.ending) return;
  workflow.ending = reason;
  workflow.scans.length = 0;
  for (const task of workflow.tasks) {
    if (task.phase === 'running')
      effects.push({ to: task.worker!, message: { kind: 'task.cancel', task: task.manifest.id } });
  }
  for (const task of workflow.tasks) {
    if (task.phase !== 'queued') continue;
    task.phase = 'cancelled';
    state.counters.cancelled++;
    settle(state, workflow, task, effects, now);
  }
}

function done(workflow: WorkflowEntry, effects: SchedulerEffect[], now: number): void {
  const { id, receiver, ending, reports, firstScanAt, startedAt } = workflow;
  const skipped = workflow.tasks.filter((task) => task.phase === 'skipped').length;
  const queueMs = (firstScanAt ?? now) - startedAt;
  effects.push({
    to: receiver,
    message: { kind: 'workflow.done', workflow: id, reports, skipped, queueMs, ...(ending ? { fault: ending } : {}) },
  });
}
