/** All that the HTTP layer knows of the system behind it; `cli` builds one over the actors. */
import type { Fault } from '../wire/fault.js';
import type { Labels } from '../wire/labels.js';
import type {
  DetectedField,
  DetectedLabel,
  DetectRequest,
  IndexShard,
  IndexStats,
  MetadataRequest,
  Outcome,
  PatternSeries,
  PatternsRequest,
  PushRequest,
  QueryAnswer,
  QueryRequest,
  ShardsRequest,
  VolumeRequest,
} from '../wire/query.js';
import type { TailFrame, TailRequest } from '../wire/tail.js';

/** A tail that is open until it is closed, or nobody asks for a while. */
export interface TailReader {
  /** Resolves when there is something, or nothing came for a while. One at a time. A fault means that it has ended. */
  next(signal: AbortSignal): Promise<Outcome<TailFrame>>;
  close(): void;
}

export interface Client {
  /** Resolves once every accepted entry is durable. A fault may report entries rejected beside others accepted. */
  push(request: PushRequest): Promise<Outcome<void>>;
  /** Aborting the signal cancels every task of the query. */
  query(request: QueryRequest, signal: AbortSignal): Promise<Outcome<QueryAnswer>>;
  labels(request: MetadataRequest, signal: AbortSignal): Promise<Outcome<readonly string[]>>;
  labelValues(
    request: MetadataRequest & { readonly name: string },
    signal: AbortSignal,
  ): Promise<Outcome<readonly string[]>>;
  series(request: MetadataRequest, signal: AbortSignal): Promise<Outcome<readonly Labels[]>>;
  indexStats(request: MetadataRequest, signal: AbortSignal): Promise<Outcome<IndexStats>>;
  indexShards(request: ShardsRequest, signal: AbortSignal): Promise<Outcome<readonly IndexShard[]>>;
  /** A vector, or with steps a matrix. */
  volume(request: VolumeRequest, signal: AbortSignal): Promise<Outcome<QueryAnswer>>;
  detectedLabels(request: MetadataRequest, signal: AbortSignal): Promise<Outcome<readonly DetectedLabel[]>>;
  detectedFields(request: DetectRequest, signal: AbortSignal): Promise<Outcome<readonly DetectedField[]>>;
  detectedFieldValues(
    request: DetectRequest & { readonly name: string },
    signal: AbortSignal,
  ): Promise<Outcome<readonly string[]>>;
  /** `not-found` where patterns are not kept. */
  patterns(request: PatternsRequest, signal: AbortSignal): Promise<Outcome<readonly PatternSeries[]>>;
  /** Follows a log query. `limited` when the tenant has as many tails as it may. */
  tail(request: TailRequest, signal: AbortSignal): Promise<Outcome<TailReader>>;
  /** LogQL pretty printer; the fault carries the parse error. */
  formatQuery(query: string): Outcome<string>;
  /** Writes everything in memory to objects; resolves when the table of contents has it. */
  flush(): Promise<Outcome<void>>;
  /** Undefined when ready, else why not. */
  readiness(): Fault | undefined;
  /** Prometheus text. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
}
