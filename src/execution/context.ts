import type { LiveTarget } from '../planning/physical/node.js';
import type { ObjectHandle } from '../storage/dataobj/types.js';
import type { Frame } from '../wire/arrow-frame.js';
import type { Labels } from '../wire/labels.js';
import type { LiveBatch } from '../wire/messages/live.js';
import type { BatchSizes } from './batch/sizes.js';
import type { OperatorStats, Pipeline } from './pipeline.js';

/** What is still in an ingester's memory for a live scan. */
export interface LiveRows {
  readonly batches: readonly LiveBatch[];
  /** Labels of the asked streams, in the order asked. */
  readonly labels: readonly Labels[];
}

/** A frame with the rank of the stream it came on among the streams of its slot. */
export interface RankedFrame {
  readonly frame: Frame;
  readonly rank: number;
}

/** Everything a running fragment may ask of the world. */
export interface ExecutionContext {
  /** Opens an object of the bucket; callers keep no handle, the opener caches. */
  readonly openObject: (path: string) => Promise<ObjectHandle>;
  readonly readLive: (target: LiveTarget) => Promise<LiveRows>;
  /** Frames of all streams of a source slot, as they arrive. */
  readonly source: (slot: number) => Pipeline<RankedFrame>;
  readonly signal: AbortSignal;
  /** Between pages: lets others have the thread when they have waited long enough. Absent where there are no others. */
  readonly rest?: () => Promise<void> | undefined;
  /** Log queries: rows beyond this time (in the order of the query) are not needed: enough better ones are certain. */
  readonly bound?: bigint;
  /** What `now` is in templates: the same for all rows of a query. */
  readonly now: bigint;
  /** Memory one operator may hold. */
  readonly memoryBytesMax: number;
  readonly counters: ScanCounters;
  /** Absent = `BATCH_SIZES`. */
  readonly sizes?: BatchSizes;
  /** Present when operators are to be observed (`explain=analyze`). */
  readonly observe?: { readonly now: () => number; readonly operators: OperatorStats[] };
}

/** What scans looked at, for the statistics of an answer. */
export interface ScanCounters {
  rowsScanned: number;
  bytesScanned: number;
  metadataBytesScanned: number;
  rowsKept: number;
  pages: number;
  pagesPruned: number;
  liveRows: number;
}

export function noCounts(): ScanCounters {
  return {
    rowsScanned: 0,
    bytesScanned: 0,
    metadataBytesScanned: 0,
    rowsKept: 0,
    pages: 0,
    pagesPruned: 0,
    liveRows: 0,
  };
}
