import type { Address } from '../../wire/address.js';
import type { Fault } from '../../wire/fault.js';
import type { Message, RunOptions, TaskManifest, TaskReport } from '../../wire/message.js';

export type TaskPhase = 'queued' | 'running' | 'completed' | 'cancelled' | 'failed' | 'skipped';

export interface TaskEntry {
  readonly manifest: TaskManifest;
  phase: TaskPhase;
  worker: Address | undefined;
}

export interface WorkflowEntry {
  readonly id: string;
  readonly tenant: string;
  readonly receiver: Address;
  readonly results: string;
  readonly enough: { readonly rows: number; readonly ascending: boolean } | undefined;
  readonly run: RunOptions;
  readonly tasks: readonly TaskEntry[];
  /** Scan tasks not yet assigned, next first. */
  readonly scans: TaskEntry[];
  readonly reports: TaskReport[];
  /** Finished scans of a log query: how many rows each sent and the time of its last. */
  readonly emitted: { readonly rows: number; readonly lastTime: bigint }[];
  readonly startedAt: number;
  firstScanAt: number | undefined;
  admitted: boolean;
  runningScans: number;
  unfinished: number;
  /** Why it ends early; its tasks are being cancelled. */
  ending: Fault | undefined;
}

export interface WorkerEntry {
  readonly address: Address;
  /** Scan tasks it may run at once. */
  readonly scanSlots: number;
  /** Scan tasks it waits for now. */
  slots: number;
}

/** What the scheduler knows. Changed by `step` alone. */
export interface SchedulerState {
  readonly workers: Map<Address, WorkerEntry>;
  readonly workflows: Map<string, WorkflowEntry>;
  readonly tasks: Map<string, { readonly workflow: WorkflowEntry; readonly task: TaskEntry }>;
  /** Estimated bytes of scans started, by tenant: the tenant that had least goes first. */
  readonly served: Map<string, number>;
  runningOthers: number;
  readonly counters: Record<'assigned' | 'completed' | 'failed' | 'cancelled' | 'skipped' | 'refused', number>;
}

export function newScheduler(): SchedulerState {
  return {
    workers: new Map(),
    workflows: new Map(),
    tasks: new Map(),
    served: new Map(),
    runningOthers: 0,
    counters: { assigned: 0, completed: 0, failed: 0, cancelled: 0, skipped: 0, refused: 0 },
  };
}

export type SchedulerEvent = { readonly from: Address; readonly message: Message };

export interface SchedulerEffect {
  readonly to: Address;
  readonly message: Message;
}
