export interface QuerierSettings {
  /** Addresses of the ingesters whose memory belongs to every answer, as known now; any that may answer. */
  readonly ingesters: () => readonly string[];
  /** Those that are known to be gone and not forgotten: they are not asked, and count as silent. */
  readonly deadIngesters: () => readonly string[];
  /** Those that left in order and are remembered: their logs may still hold parts of others. */
  readonly leftIngesters: () => readonly string[];
  /** Ingesters that every entry is sent to; a majority of them has it. */
  readonly replicationFactor: number;
  /** Where others have copies, an ingester that does not answer within this time is silent: nobody waits for it longer. */
  readonly ingesterSilentMs: number;
  /** Schedulers known to exist; asked for every query. */
  readonly schedulers: () => readonly string[];
  /** How long an ingester may take to name what it holds. */
  readonly resolveTimeoutMs: number;
  /** Width of the windows that objects are cut by; as the metastore's. */
  readonly windowNs: bigint;
  /** A scheduler that does not take a query for so long is passed over. */
  readonly startTimeoutMs: number;
  /** Schedulers hear that a query is still wanted this often. */
  readonly aliveMs: number;
  /** A scheduler not heard for so long is lost, and the query starts anew at another. */
  readonly schedulerTimeoutMs: number;
  /** A query whose run was lost is run again so often. */
  readonly rerunsMax: number;
  /** Wait before each of those. */
  readonly rerunDelayMs: number;
  /** Tasks of a query that are planned and run at once; queries with more are cut into slices. */
  readonly sliceTasksMax: number;
  /** Bytes of lines that are looked up first where the first rows in the order of time are wanted: what one task searches in some milliseconds. */
  readonly lookUpBytes: number;
  /** Queries that take longer are written to the log; 0 = none, -1 = all. */
  readonly logQueriesLongerThanMs: number;
  /** A query is looked up anew so often when an ingester goes away while it is read. */
  readonly lookUpsAnewMax: number;
}

export const DEFAULT_QUERIER_TIMES = {
  deadIngesters: () => [],
  leftIngesters: () => [],
  replicationFactor: 1,
  ingesterSilentMs: 3_000,
  lookUpsAnewMax: 2,
  startTimeoutMs: 2_000,
  aliveMs: 1_000,
  schedulerTimeoutMs: 5_000,
  rerunsMax: 2,
  rerunDelayMs: 250,
  sliceTasksMax: 1_000,
  lookUpBytes: 4 << 20,
  logQueriesLongerThanMs: 0,
} as const satisfies Partial<QuerierSettings>;
