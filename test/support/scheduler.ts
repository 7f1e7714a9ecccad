/** A scheduler's steps without actors: tests say what workers do and see what they are told. */
import { DEFAULT_SCHEDULER_TIMES, type SchedulerSettings } from '../../src/actors/scheduler/settings.js';
import {
  newScheduler,
  type SchedulerEffect,
  type SchedulerEvent,
  type SchedulerState,
} from '../../src/actors/scheduler/state.js';
import { stepScheduler } from '../../src/actors/scheduler/step.js';
import type { Fault } from '../../src/wire/fault.js';
import type { Message } from '../../src/wire/message.js';
import type {
  TaskManifest,
  TaskRef,
  TaskReport,
  TaskStatus,
  WorkflowDone,
  WorkflowStart,
} from '../../src/wire/messages/workflow.js';

export const UNLIMITED: SchedulerSettings = {
  maxRunningScanTasks: 0,
  maxRunningOtherTasks: 0,
  queuedWorkflowsMax: 100,
  queuedPerTenantMax: 100,
  ...DEFAULT_SCHEDULER_TIMES,
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
  more: { readonly fault?: Fault; readonly emitted?: TaskReport['emitted']; readonly attempt?: number } = {},
): TaskStatus {
  const { fault, emitted, attempt = 0 } = more;
  return {
    kind: 'task.status',
    task: id,
    attempt,
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

  /** Hands over a message and returns what the scheduler does, in short; that it has heard something is not mentioned. */
  tell(message: Message, from = 'worker/0'): string[] {
    return this.step(message, from).flatMap(effectText);
  }

  step(message: Message, from = 'worker/0'): SchedulerEffect[] {
    return this.#step({ kind: 'message', from, message });
  }

  /** So much time passes, in ticks. */
  wait(ms: number): string[] {
    const texts: string[] = [];
    for (let passed = 0; passed < ms; passed += this.#settings.tickMs) {
      this.now += this.#settings.tickMs;
      texts.push(...this.#step({ kind: 'tick' }).flatMap(effectText));
    }
    return texts;
  }

  #step(event: SchedulerEvent): SchedulerEffect[] {
    const effects = stepScheduler(this.state, this.#settings, event, this.now);
    for (const { message: sent } of effects) if (sent.kind === 'workflow.done') this.dones.push(sent);
    return effects;
  }

  /** A heartbeat: `slots` scan tasks are welcome, these tasks run. */
  worker(slots: number, address = 'worker/0', running: readonly TaskRef[] = [], incarnation = 1): string[] {
    return this.tell({ kind: 'worker.hello', incarnation, scanSlots: slots, running }, address);
  }

  /** The worker reports. */
  finish(id: string, more: Parameters<typeof status>[2] = {}): string[] {
    const execution = this.state.tasks.get(id)?.executions[0];
    const message = status(id, more.fault ? 'failed' : 'completed', { attempt: execution?.attempt ?? 0, ...more });
    return this.tell(message, execution?.worker.address);
  }

  cancel(id: string): string[] {
    return this.tell({ kind: 'workflow.cancel', workflow: id, reason: 'not wanted any more' });
  }

  /** Everything that must be nothing when no workflow is alive. */
  leftovers(): Record<string, number> {
    const { workflows, tasks, tenants, runningOthers, workers } = this.state;
    const executions = [...workers.values()].reduce((sum, worker) => sum + worker.executions.size + worker.scans, 0);
    return { workflows: workflows.size, tasks: tasks.size, tenants: tenants.size, runningOthers, executions };
  }
}

export const NOTHING_LEFT = { workflows: 0, tasks: 0, tenants: 0, runningOthers: 0, executions: 0 };

export function effectText({ message }: SchedulerEffect): string[] {
  const attempt = (ref: TaskRef): string => (ref.attempt === 0 ? ref.task : `${ref.task}#${ref.attempt}`);
  switch (message.kind) {
    case 'task.assign':
      return [`assign ${attempt({ task: message.task.id, attempt: message.attempt })}`];
    case 'task.cancel':
      return [`cancel ${attempt(message)}`];
    case 'stream.closed':
      return [`close ${message.stream}`];
    case 'workflow.done':
      return [`done ${message.workflow}${message.fault ? `: ${message.fault.code}` : ''}`];
    case 'worker.welcome':
      return message.unknown.map((ref) => `unknown ${attempt(ref)}`);
    case 'workflow.alive':
      return [`alive ${message.workflow}`];
    case 'task.ack':
      return [];
    default:
      throw new Error(`a scheduler does not say ${message.kind}`);
  }
}

/** Only the ids of the tasks started, in order. */
export function assigned(effects: readonly string[]): string[] {
  return effects.filter((effect) => effect.startsWith('assign ')).map((effect) => effect.slice('assign '.length));
}
