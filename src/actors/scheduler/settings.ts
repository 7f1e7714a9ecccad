/** Admission control: semaphores over all queries of this scheduler. And when it gives up on whom. */
export interface SchedulerSettings {
  /** Scan tasks one query may run at once; 0 = as many as workers have slots. */
  readonly maxRunningScanTasks: number;
  /**
   * Tasks without a scan that may be alive at once, all queries together; 0 = any number. They wait for their inputs
   * most of their life, so a query is let in with all of them or not at all: half a plan would wait for ever. Tenants
   * with nothing running are let in up to twice as many.
   */
  readonly maxRunningOtherTasks: number;
  /** Workflows that may wait for admission before new ones are refused. */
  readonly queuedWorkflowsMax: number;
  /** As `queuedWorkflowsMax`, of one tenant. */
  readonly queuedPerTenantMax: number;
  /** A task is run so often before its query fails. */
  readonly taskAttemptsMax: number;
  /** Time is looked at this often. */
  readonly tickMs: number;
  /** A worker not heard for so long is lost, and its tasks run elsewhere. */
  readonly workerTimeoutMs: number;
  /** A querier not heard for so long is gone, and its workflow ends. */
  readonly querierTimeoutMs: number;
  /** A scan that takes so many times the median of its workflow's finished ones is run a second time; 0 = never. */
  readonly slowScanFactor: number;
  /** No scan is slow before it has taken so long. */
  readonly slowScanMinMs: number;
}

export const DEFAULT_SCHEDULER_TIMES = {
  taskAttemptsMax: 3,
  tickMs: 250,
  workerTimeoutMs: 5_000,
  querierTimeoutMs: 10_000,
  slowScanFactor: 3,
  slowScanMinMs: 2_000,
} as const satisfies Partial<SchedulerSettings>;
