/** Bounds of what is kept about log patterns; durations in milliseconds. */
export interface PatternSettings {
  /** Clusters of one level of one stream; the one not seen for longest makes room. */
  readonly clustersMax: number;
  /** Bytes of a line that are looked at; what follows is one variable. */
  readonly lineBytesMax: number;
  /** Counts older than this are forgotten. */
  readonly retainForMs: number;
  /** Lines are counted by intervals of this length. */
  readonly sampleIntervalMs: number;
  /** All tenants together; streams not seen for longest are forgotten, of the tenant that holds most. */
  readonly memoryBytesMax: number;
  /** Bytes of lines looked at in a second. Of more than that every n-th line is taken, and counts n times. */
  readonly bytesPerSecond: number;
  /** Batches that wait to be looked at: beyond either bound they are skipped. */
  readonly queueBatchesMax: number;
  readonly queueBytesMax: number;
}

export const DEFAULT_PATTERN_SETTINGS: PatternSettings = {
  clustersMax: 300,
  lineBytesMax: 3000,
  retainForMs: 3 * 3_600_000,
  sampleIntervalMs: 10_000,
  memoryBytesMax: 64 << 20,
  bytesPerSecond: 2 << 20,
  queueBatchesMax: 256,
  queueBytesMax: 64 << 20,
};
