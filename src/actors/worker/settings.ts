export interface WorkerSettings {
  /** Scan tasks run at once; more than the pool has threads only adds switching. */
  readonly scanSlots: number;
  /** Bytes one operator of a task may hold before the query fails with a clear error. */
  readonly memoryBytesMax: number;
  readonly liveReadTimeoutMs: number;
  /** Streams that do not move are looked after this often. */
  readonly tickMs: number;
  /** Schedulers hear of it this often. */
  readonly heartbeatMs: number;
  /** A scheduler not heard for so long is gone, and its tasks are given up. */
  readonly schedulerTimeoutMs: number;
  /** A receiver that does not answer for so long fails the task that sends to it. */
  readonly streamTimeoutMs: number;
}

export const DEFAULT_WORKER_TIMES = {
  tickMs: 250,
  heartbeatMs: 1_000,
  schedulerTimeoutMs: 10_000,
  streamTimeoutMs: 10_000,
} as const satisfies Partial<WorkerSettings>;
