/** A scheduler's steps without actors: tests say what workers do and see what they are told. */
import type { SchedulerSettings } from '../../src/actors/scheduler/settings.js';
import { newScheduler, type SchedulerEffect, type SchedulerState } from '../../src/actors/scheduler/state.js';
import { stepScheduler } from '../../src/actors/scheduler/step.js';
import type { Fault } from '../../src/wire/fault.js';
import type {
  Message,
  TaskManifest,
  TaskReport,
  TaskStatus,
  WorkflowDone,
  WorkflowStart,
} from '../../src/wire/message.js';

export const UNLIMITED: SchedulerSettings = {
  maxRunningScanTasks: 0,
  maxRunningOtherTasks: 0,
  queuedWorkflowsMax: 100,
};

export const NO_REPORT: TaskReport = {
  rowsScanned: 0,
  bytesScanned: 0,
  metadataBytesScanned: 0,
  rowsKept: 0,
  pages: 0,
  pagesPruned: 0,
  liveRows: 0,
  operators: [],
};

/** A task that does not scan; its stream is called after it. */
export function task(id: string, more: Partial<TaskManifest> = {}): TaskManifest {
  return { id, fragment: null, sources: [], sink: `s-${id}`, scan: false, cost: 0, ...more };
}

/** A scan of [from, to). */
export function scan(id: string, cost = 1, from = 0n, to = 100n): TaskManifest {
  return task(id, { scan: true, cost, maxTimeRange: { start: from, end: to } });
}

export function workflow(id: string, tasks: readonly TaskManifest[], more: Partial<WorkflowStart> = {}): WorkflowStart {
  return {
    kind: 'workflow.start',
    workflow: id,
    tenant: 'tenant',
    tasks,
    results: tasks[0]?.sink ?? '',
    receiver: `querier/${id}`,
    run: { analyze: false, now: 0n },
    ...more,
  };
}

export function status(
  id: string,
  outcome: TaskStatus['status'] = 'completed',
  more: { readonly fault?: Fault; readonly emitted?: TaskReport['emitted'] } = {},
): TaskStatus {
  const { fault, emitted } = more;
  return {
    kind: 'task.status',
    task: id,
    status: outcome,
    report: { ...NO_REPORT, ...(emitted ? { emitted } : {}) },
    ...(fault ? { fault } : {}),
  };
}

export class SchedulerHarness {
  now = 0;
  readonly state: SchedulerState = newScheduler();
  readonly dones: WorkflowDone[] = [];
  readonly #settings: SchedulerSettings;

  constructor(settings: Partial<SchedulerSettings> = {}) {
    this.#settings = { ...UNLIMITED, ...settings };
  }

  /** Hands over a message and returns what the scheduler does, in short. */
  tell(message: Message, from = 'worker/0'): string[] {
    return this.step(message, from).map(effectText);
  }

  step(message: Message, from = 'worker/0'): SchedulerEffect[] {
    const effects = stepScheduler(this.state, this.#settings, { from, message }, this.now);
    for (const { message: sent } of effects) if (sent.kind === 'workflow.done') this.dones.push(sent);
    return effects;
  }

  /** Registers a worker that waits for `slots` scan tasks. */
  worker(slots: number, address = 'worker/0', scanSlots = 100): string[] {
    this.tell({ kind: 'worker.hello', scanSlots }, address);
    return this.tell({ kind: 'worker.ready', slots }, address);
  }

  /** A worker reports and, after a scan, waits for another one. */
  finish(id: string, more: Parameters<typeof status>[2] = {}): string[] {
    const isScan = this.state.tasks.get(id)?.task.manifest.scan;
    const first = this.tell(status(id, more.fault ? 'failed' : 'completed', more));
    return isScan ? [...first, ...this.tell({ kind: 'worker.ready', slots: 1 })] : first;
  }

  cancel(id: string): string[] {
    return this.tell({ kind: 'workflow.cancel', workflow: id, reason: 'not wanted any more' });
  }

  /** Everything that must be nothing when no workflow is alive. */
  leftovers(): Record<string, number> {
    const { workflows, tasks, served, runningOthers } = this.state;
    return { workflows: workflows.size, tasks: tasks.size, served: served.size, runningOthers };
  }
}

export const NOTHING_LEFT = { workflows: 0, tasks: 0, served: 0, runningOthers: 0 };

export function effectText({ message }: SchedulerEffect): string {
  switch (message.kind) {
    case 'task.assign':
      return `assign ${message.task.id}`;
    case 'stream.bind':
      return `bind ${message.stream}`;
    case 'task.cancel':
      return `cancel ${message.task}`;
    case 'stream.closed':
      return `close ${message.stream}`;
    case 'workflow.done':
      return `done ${message.workflow}${message.fault ? `: ${message.fault.code}` : ''}`;
    default:
      throw new Error(`a scheduler does not say ${message.kind}`);
  }
}

/** Only the ids of the tasks started, in order. */
export function assigned(effects: readonly string[]): string[] {
  return effects.filter((effect) => effect.startsWith('assign ')).map((effect) => effect.slice('assign '.length));
}
