export interface IngesterSettings {
  /** Name of this writer in objects and the table of contents; must not change as long as its log exists. */
  readonly instance: string;
  /** Message and metadata bytes at which a memtable is flushed. Smaller: smaller objects; larger: more memory. */
  readonly flushBytes: number;
  /**
   * Bytes of memtables at which appends wait for a flush that is under way, so that memory is not what entries come faster than objects
   * are built. Not where entries are replicated: an owner that waits would be replaced.
   */
  readonly backlogBytesMax: number;
  /** Everything held, flushing and waiting included. Above it appends are refused until a flush has finished. */
  readonly memoryBytesMax: number;
  /** A memtable without new entries for this long is flushed. */
  readonly chunkIdlePeriodMs: number;
  /** A memtable is flushed at this age even if entries keep coming. */
  readonly maxChunkAgeMs: number;
  readonly flushCheckPeriodMs: number;
  /** Objects being built at the same time. */
  readonly flushConcurrency: number;
  /** Wait after a failed flush; doubles with every further failure up to the maximum. */
  readonly flushBackoffMinMs: number;
  readonly flushBackoffMaxMs: number;
  /** Width of the time windows that objects are cut by; the same as the metastore's. */
  readonly objectWindowMs: number;
  /** Bounds of what is written to the log with one sync: larger groups cost latency. */
  readonly groupBytesMax: number;
  readonly groupAppendsMax: number;
  /** A query that neither ends nor asks for this long no longer holds memory. Longer than any query may run. */
  readonly liveRetentionMs: number;
  /** An append that took this long to become durable may be sent again, its sender having given up on the answer. */
  readonly retriedAfterMs: number;
  /** Within these bounds it is then known again, also when the first copy has left memory. */
  readonly retriesCountMax: number;
  readonly retriesAgeMs: number;
  /** How many rejected entries of a stream an answer describes. */
  readonly maxReturnedStreamErrors: number;
  /** A subscription that is not renewed for this long ends. */
  readonly tailLeaseMs: number;
  /** Bytes of batches that a subscriber may have before entries for it are dropped. Held memory counts whole. */
  readonly tailBacklogBytesMax: number;
  /** Dropped entries that are reported one by one; further ones are only counted. */
  readonly tailDroppedMax: number;
  /** Where entries are replicated: a held part is asked about this long after it came, or was last said to be owned. */
  readonly heldAskAfterMs: number;
  /** How often it is looked which parts it is time for. */
  readonly heldAskPeriodMs: number;
  /** Held parts asked about at once; others wait for the next time. */
  readonly heldAskPartsMax: number;
  /** An owner that is not up for this long loses its parts to their next replicas. */
  readonly takeOverAfterMs: number;
  /** How long another ingester's answer is waited for; at a start, for all of them together. */
  readonly peerTimeoutMs: number;
  /** Ranges of stored parts that are remembered; what is forgotten is looked up in the table of contents. */
  readonly storedRangesMax: number;
}

const MIB = 1 << 20;
const HOUR_MS = 3_600_000;

export const DEFAULT_INGESTER_SETTINGS: IngesterSettings = {
  instance: 'ingester-0',
  flushBytes: 96 * MIB,
  backlogBytesMax: 256 * MIB,
  memoryBytesMax: 512 * MIB,
  chunkIdlePeriodMs: 60_000,
  maxChunkAgeMs: HOUR_MS / 2,
  flushCheckPeriodMs: 1000,
  flushConcurrency: 1,
  flushBackoffMinMs: 500,
  flushBackoffMaxMs: 30_000,
  objectWindowMs: 12 * HOUR_MS,
  groupBytesMax: 32 * MIB,
  groupAppendsMax: 1024,
  liveRetentionMs: 300_000,
  retriedAfterMs: 1000,
  retriesCountMax: 50_000,
  retriesAgeMs: 600_000,
  maxReturnedStreamErrors: 10,
  tailLeaseMs: 30_000,
  tailBacklogBytesMax: 8 * MIB,
  tailDroppedMax: 1000,
  heldAskAfterMs: 60_000,
  heldAskPeriodMs: 5000,
  heldAskPartsMax: 100_000,
  takeOverAfterMs: 30_000,
  peerTimeoutMs: 3000,
  storedRangesMax: 100_000,
};
