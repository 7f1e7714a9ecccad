export interface WorkerSettings {
  /** Scan tasks run at once; more than the pool has threads only adds switching. */
  readonly scanSlots: number;
  /** Bytes one operator of a task may hold before the query fails with a clear error. */
  readonly memoryBytesMax: number;
  readonly liveReadTimeoutMs: number;
}
