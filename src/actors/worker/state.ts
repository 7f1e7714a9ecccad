import type { Address } from '../../wire/address.js';
import type { Fault } from '../../wire/fault.js';
import type { Message } from '../../wire/message.js';
import type { TaskAssign, TaskRef, TaskStatus } from '../../wire/messages/workflow.js';

export interface RunningTask {
  readonly key: string;
  readonly ref: TaskRef;
  readonly scheduler: Address;
  readonly scan: boolean;
}

/** A status that its scheduler has not acknowledged yet. */
export interface PendingStatus {
  readonly key: string;
  readonly scheduler: Address;
  readonly message: TaskStatus;
}

export interface SchedulerEntry {
  readonly address: Address;
  /** Since it was heard, in ms of this process's ticks: a process that was paused takes nobody for lost. */
  silentMs: number;
  /** Scan slots it was last told of. */
  slots: number;
}

/** What the worker knows. Changed by `step` alone. */
export interface WorkerState {
  readonly incarnation: number;
  readonly running: Map<string, RunningTask>;
  readonly pending: Map<string, PendingStatus>;
  /** Attempts that have been here, so that a late `task.assign` does not run them again; the older half is forgotten at once. */
  known: Set<string>;
  knownBefore: Set<string>;
  readonly schedulers: Map<Address, SchedulerEntry>;
  sinceHelloMs: number;
}

export function newWorker(incarnation: number): WorkerState {
  return {
    ...{
      incarnation,
      running: new Map(),
      pending: new Map(),
      known: new Set(),
      knownBefore: new Set(),
      schedulers: new Map(),
    },
    sinceHelloMs: Number.POSITIVE_INFINITY,
  };
}

export function keyOf({ task, attempt }: TaskRef): string {
  return `${task}#${attempt}`;
}

export type WorkerEvent =
  | { readonly kind: 'message'; readonly from: Address; readonly message: Message }
  /** `tickMs` have passed; these schedulers are known to exist. */
  | { readonly kind: 'tick'; readonly schedulers: readonly Address[] }
  | { readonly kind: 'ended'; readonly key: string; readonly outcome: Omit<TaskStatus, 'kind' | keyof TaskRef> }
  | { readonly kind: 'leave' };

export type WorkerEffect =
  | { readonly kind: 'send'; readonly to: Address; readonly message: Message }
  | { readonly kind: 'run'; readonly key: string; readonly assign: TaskAssign }
  /** Followed by `ended`. */
  | { readonly kind: 'abort'; readonly key: string; readonly why: Fault };
