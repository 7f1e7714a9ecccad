import type { Fault } from '../fault.js';
import type { TimeRange } from '../time.js';

/** One run of a task. A task that is run again has the next attempt; the first is 0. */
export interface TaskRef {
  readonly task: string;
  readonly attempt: number;
}

/**
 * worker -> every scheduler, at its start and as its heartbeat: registers the worker and reconciles what both believe.
 * Answered by `worker.welcome`. Safe twice and late.
 */
export interface WorkerHello {
  readonly kind: 'worker.hello';
  /** Greater for every life of a worker at one address: tasks of an earlier one are lost. */
  readonly incarnation: number;
  /** Scan tasks it may run at once for this scheduler: its slots but for those that other schedulers use. */
  readonly scanSlots: number;
  /** What it runs for this scheduler. */
  readonly running: readonly TaskRef[];
  /** It stops; its tasks are given up. */
  readonly leaving?: true;
}

/** scheduler -> worker, answers a hello: I am here, and of what you run I do not know these: give them up. Safe twice. */
export interface WorkerWelcome {
  readonly kind: 'worker.welcome';
  readonly unknown: readonly TaskRef[];
}

/** worker -> scheduler, when `scanSlots` of its hello has changed: what it is now. Safe twice; lost: the next hello says it. */
export interface WorkerReady {
  readonly kind: 'worker.ready';
  readonly slots: number;
}

/**
 * querier -> scheduler, an ask: run these tasks and send the results stream to `receiver`. Answered `ok` when it is known;
 * a refusal comes as `workflow.done`. One per workflow id, safe twice.
 */
export interface WorkflowStart {
  readonly kind: 'workflow.start';
  readonly workflow: string;
  readonly tenant: string;
  /** Tasks as made by planning/workflow; opaque here, since wire knows no plans. */
  readonly tasks: readonly TaskManifest[];
  readonly results: string;
  /** Where `workflow.done` goes. The results stream goes to the address of that stream. */
  readonly receiver: string;
  /** Log queries: so many rows are enough; scans that cannot hold any of them need not run. */
  readonly enough?: { readonly rows: number; readonly ascending: boolean };
  readonly run: RunOptions;
}

/**
 * querier -> scheduler, as a heartbeat while the workflow runs, and back: still here. A scheduler that does not know the
 * workflow answers `workflow.done`. Safe twice.
 */
export interface WorkflowAlive {
  readonly kind: 'workflow.alive';
  readonly workflow: string;
}

/** What all tasks of a query are told alike. */
export interface RunOptions {
  /** Observe every operator, for `explain=analyze`. */
  readonly analyze: boolean;
  /** The one `now` of the query, for templates. */
  readonly now: bigint;
  /** Neither take nor keep results of scans. */
  readonly noCache?: true;
}

export interface TaskManifest {
  readonly id: string;
  readonly fragment: unknown;
  readonly sources: readonly (readonly string[])[];
  readonly sink: string;
  readonly scan: boolean;
  readonly cost: number;
  /** Newest and oldest time of its data, for releasing scans in time order and stopping early. */
  readonly maxTimeRange?: TimeRange;
  /** Tasks of the same name go to the same worker where that costs nothing: it may still have what they read. */
  readonly affinity?: string;
  /** So small that the worker runs it itself, on no thread, unless it is at such a task already. */
  readonly inPlace?: boolean;
  /** A scan that is likely to find all rows that are wanted: others wait for it, though not for long. */
  readonly ahead?: true;
}

/** querier -> scheduler: stop everything of this workflow. Safe twice, and safe before or after its end. */
export interface WorkflowCancel {
  readonly kind: 'workflow.cancel';
  readonly workflow: string;
  readonly reason: string;
}

/** scheduler -> querier, when every task has ended, and again until `workflow.release`. The first counts. */
export interface WorkflowDone {
  readonly kind: 'workflow.done';
  readonly workflow: string;
  readonly fault?: Fault;
  readonly reports: readonly TaskReport[];
  /** The fault is none of the query's: run from its beginning, elsewhere or here, it may go well. */
  readonly again?: true;
  /** Scan tasks that were never run because enough rows were certain. */
  readonly skipped: number;
  readonly queueMs: number;
}

/** querier -> scheduler: `workflow.done` has come. Safe twice. */
export interface WorkflowRelease {
  readonly kind: 'workflow.release';
  readonly workflow: string;
}

/** scheduler -> worker, and again until a hello names it or its status comes. Twice: the second is ignored. */
export interface TaskAssign {
  readonly kind: 'task.assign';
  /** Of the worker it is meant for; any other one ignores it. */
  readonly incarnation: number;
  readonly workflow: string;
  readonly tenant: string;
  readonly task: TaskManifest;
  readonly attempt: number;
  /** Attempts of this task below it are void; between it and `attempt` another one may run at the same time. */
  readonly floor: number;
  /** Where the receiver of its stream listens. */
  readonly receiver: string;
  readonly run: RunOptions;
  /** Log queries: so many rows up to this time are certain that the task need not look beyond it. */
  readonly bound?: bigint;
}

/** scheduler -> worker: give the task up, free everything, say `task.status`. Safe twice, and before its assign. */
export interface TaskCancel extends TaskRef {
  readonly kind: 'task.cancel';
}

/**
 * worker -> scheduler, when its attempt has ended and its stream needs no sender any more; again until `task.ack`. The
 * first of an attempt counts. `superseded`: the receiver has already used frames of another attempt.
 */
export interface TaskStatus extends TaskRef {
  readonly kind: 'task.status';
  readonly status: 'completed' | 'cancelled' | 'failed' | 'superseded';
  readonly fault?: Fault;
  readonly report: TaskReport;
}

/** scheduler -> worker: the status of that attempt has come. Safe twice. */
export interface TaskAck extends TaskRef {
  readonly kind: 'task.ack';
}

/** Rows of a log query that a task has sent, and the time of the last in the order of the query. */
export interface EmittedRows {
  readonly rows: number;
  readonly lastTime: bigint;
}

/** What a task did: sums for statistics, and per operator for `explain=analyze`. */
export interface TaskReport {
  readonly rowsScanned: number;
  readonly bytesScanned: number;
  readonly metadataBytesScanned: number;
  readonly rowsKept: number;
  readonly pages: number;
  readonly pagesPruned: number;
  readonly liveRows: number;
  readonly operators: readonly OperatorReport[];
  /** Log queries: what was sent, in parts in the order of the query, so that the runner knows when K rows are certain. */
  readonly emitted?: readonly EmittedRows[];
  /** Of each section read, whether what came of it was in the worker's cache; absent where it could not be. */
  readonly cache?: readonly ('found' | 'stored' | 'missed')[];
}

export interface OperatorReport {
  readonly operator: string;
  readonly depth: number;
  readonly rowsOut: number;
  readonly batches: number;
  readonly milliseconds: number;
  readonly notes?: string;
}
