import type { Address } from '../../wire/address.js';
import type { Fault } from '../../wire/fault.js';
import type { Message } from '../../wire/message.js';
import type { StreamClosed } from '../../wire/messages/stream.js';
import type { EmittedRows, RunOptions, TaskManifest, TaskReport, WorkflowDone } from '../../wire/messages/workflow.js';
import type { SchedulerSettings } from './settings.js';
import type { TenantCounts, TenantEntry } from './tenants.js';

export type TaskPhase = 'queued' | 'running' | 'completed' | 'cancelled' | 'failed' | 'skipped';

/** One attempt of a task at a worker. */
export interface Execution {
  readonly key: string;
  readonly task: TaskEntry;
  readonly attempt: number;
  readonly worker: WorkerEntry;
  readonly startedAt: number;
  /** What it was told, to be told again. */
  readonly assign: Message;
  /** When it was last told. */
  toldAt: number;
  /** It is to stop, and nothing of it counts any more; its worker has not said yet that it has. */
  cancelled: boolean;
}

export interface TaskEntry {
  readonly workflow: WorkflowEntry;
  readonly manifest: TaskManifest;
  /** The tasks whose streams it reads. */
  readonly inputs: TaskEntry[];
  /** The task that reads its stream; undefined for that of the results. */
  consumer: TaskEntry | undefined;
  phase: TaskPhase;
  /** Attempts begun: the number of the next. */
  attempts: number;
  /** Attempts that were lost. */
  losses: number;
  /** Attempts that count, two while a slow scan is run a second time. */
  readonly executions: Execution[];
  /** Where it was lost; others are tried first. */
  avoid: Set<Address> | undefined;
  report: TaskReport | undefined;
}

export interface WorkflowEntry {
  readonly id: string;
  readonly tenant: string;
  readonly receiver: Address;
  readonly results: string;
  readonly enough: { readonly rows: number; readonly ascending: boolean } | undefined;
  readonly run: RunOptions;
  readonly tasks: TaskEntry[];
  /** Scan tasks not yet assigned, next first. */
  scans: TaskEntry[];
  /** Finished scans of a log query: how many rows each sent and the time of its last. */
  emitted: EmittedRows[];
  /** What finished scans cost together. */
  scannedCost: number;
  /** How long finished scans took, in ms. */
  readonly scanMs: number[];
  /** Ends of skipped tasks' streams that the receivers have not acknowledged, by stream. */
  readonly closing: Map<string, { readonly to: Address; readonly message: StreamClosed }>;
  readonly startedAt: number;
  firstScanAt: number | undefined;
  admitted: boolean;
  runningScans: number;
  unfinished: number;
  /** Since its querier was heard. */
  silentMs: number;
  /** Why it ends early; its tasks are being cancelled. */
  ending: Fault | undefined;
  again: boolean;
}

export interface WorkerEntry {
  readonly address: Address;
  readonly incarnation: number;
  /** Scan tasks of this scheduler it may run at once. */
  scanSlots: number;
  readonly executions: Map<string, Execution>;
  /** Of `executions`, those that scan. */
  scans: number;
  silentMs: number;
}

/** A workflow that has ended, until its querier knows. */
export interface EndedWorkflow {
  readonly receiver: Address;
  /** Undefined when it has been released: then only its id is remembered, for a start that arrives late. */
  done: WorkflowDone | undefined;
  keptMs: number;
}

/** What the scheduler knows. Changed by `step` alone. */
export interface SchedulerState {
  readonly workers: Map<Address, WorkerEntry>;
  readonly workflows: Map<string, WorkflowEntry>;
  readonly ended: Map<string, EndedWorkflow>;
  /** All tasks of the workflows. */
  readonly tasks: Map<string, TaskEntry>;
  readonly tenants: Map<string, TenantEntry>;
  readonly counts: Map<string, TenantCounts>;
  /** Queries let in. */
  turns: number;
  runningOthers: number;
  readonly counters: Record<
    'assigned' | 'completed' | 'failed' | 'cancelled' | 'skipped' | 'refused' | 'lost' | 'superseded' | 'repeated',
    number
  >;
}

export function newScheduler(): SchedulerState {
  return {
    ...{ workers: new Map(), workflows: new Map(), ended: new Map(), tasks: new Map() },
    ...{ tenants: new Map(), counts: new Map(), turns: 0 },
    runningOthers: 0,
    counters: {
      ...{ assigned: 0, completed: 0, failed: 0, cancelled: 0, skipped: 0, refused: 0 },
      ...{ lost: 0, superseded: 0, repeated: 0 },
    },
  };
}

export type SchedulerEvent =
  | { readonly kind: 'message'; readonly from: Address; readonly message: Message }
  /** `tickMs` have passed. */
  | { readonly kind: 'tick' };

export interface SchedulerEffect {
  readonly to: Address;
  readonly message: Message;
}

/** One step: what it works on and what comes out of it. */
export interface Turn {
  readonly state: SchedulerState;
  readonly settings: SchedulerSettings;
  readonly now: number;
  readonly effects: SchedulerEffect[];
}
