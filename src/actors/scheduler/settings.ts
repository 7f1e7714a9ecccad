/** Admission control: semaphores over all queries of this scheduler. */
export interface SchedulerSettings {
  /** Scan tasks one query may run at once; 0 = as many as workers have slots. */
  readonly maxRunningScanTasks: number;
  /**
   * Tasks without a scan that may be alive at once, all queries together; 0 = any number. They wait for their inputs
   * most of their life, so a query is let in with all of them or not at all: half a plan would wait for ever.
   */
  readonly maxRunningOtherTasks: number;
  /** Workflows that may wait for admission before new ones are refused. */
  readonly queuedWorkflowsMax: number;
}
