/** Questions a client asks and their answers: what crosses between the HTTP layer and the querier. */
import type { Fault } from './fault.js';
import type { Labels } from './labels.js';
import type { Nanos } from './time.js';

export type Outcome<T> =
  /** `warnings`: what is missing from the value. */
  | { readonly ok: true; readonly value: T; readonly warnings?: readonly string[] }
  | { readonly ok: false; readonly fault: Fault };

/** What is asked of memories that other processes keep. */
export interface AllowsPartial {
  /** Answer also where so many of them are silent that something may be missing, with a warning. */
  readonly allowPartial?: true;
}

export interface QueryRequest extends AllowsPartial {
  readonly tenant: string;
  readonly query: string;
  readonly mode: 'instant' | 'range';
  /** Instant: start = end = the evaluation time. Log queries read [start, end). */
  readonly start: Nanos;
  readonly end: Nanos;
  /** Metric range queries only, > 0; 0 for instant. */
  readonly stepNs: number;
  readonly limit: number;
  readonly direction: 'forward' | 'backward';
  /** B9: minimum distance between returned entries; 0 = none. */
  readonly intervalNs: number;
  /** Client asked for labels by category (`X-Loki-Response-Encoding-Flags: categorize-labels`). */
  readonly categorizeLabels: boolean;
  readonly explain: 'none' | 'plan' | 'analyze';
  /** `Cache-Control: no-cache`. */
  readonly noCache?: true;
  /** `X-Query-Tags`, e.g. Source=grafana-lokiexplore-app. */
  readonly tags: string;
  /** Only log lines can be shown to the caller: other queries are refused. */
  readonly streamsOnly?: true;
  /** `X-Loki-Query-Limits-Context`: the query this is a slice of; limits on bytes count all that it would read. */
  readonly slicedFrom?: { readonly query: string; readonly start: Nanos; readonly end: Nanos };
}

export interface QueryAnswer {
  readonly result: QueryResult;
  readonly stats: QueryStats;
  readonly warnings: readonly string[];
  /** Text of all plan stages when `explain` was asked for; with `analyze` also rows, bytes and times per operator. */
  readonly explain?: string;
  /** By ingester: entries up to this WAL sequence number are in the answer, those of the range that the query selects. */
  readonly throughSeq?: readonly (readonly [ingester: string, seq: number])[];
}

export type QueryResult =
  | { readonly type: 'streams'; readonly streams: readonly StreamResult[] }
  | { readonly type: 'vector'; readonly samples: readonly VectorSample[] }
  | { readonly type: 'matrix'; readonly series: readonly MatrixSeries[] }
  | { readonly type: 'scalar'; readonly timeMs: number; readonly value: number };

export interface StreamResult {
  /** With categorised labels: the stream's own labels only; else stream, metadata and parsed labels together. */
  readonly labels: Labels;
  readonly entries: readonly StreamEntry[];
}

export interface StreamEntry {
  readonly time: Nanos;
  readonly line: string;
  /** Present only with categorised labels. */
  readonly structuredMetadata?: Labels;
  readonly parsed?: Labels;
}

export interface VectorSample {
  readonly labels: Labels;
  readonly timeMs: number;
  readonly value: number;
}

export interface MatrixSeries {
  readonly labels: Labels;
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
}

/** What a query cost; fed into Loki's `stats` object. */
export interface QueryStats {
  readonly execSeconds: number;
  readonly queueSeconds: number;
  /** Rows and bytes (lines plus metadata) that scans looked at. */
  readonly rowsScanned: number;
  readonly bytesScanned: number;
  /** Rows that passed all filters. */
  readonly rowsKept: number;
  readonly metadataBytesScanned: number;
  readonly entriesReturned: number;
  readonly sections: number;
  readonly sectionsPruned: number;
  readonly pages: number;
  readonly pagesPruned: number;
  readonly liveRows: number;
  readonly streams: number;
  readonly tasks: number;
  /** Pieces of its time that the query was evaluated in; absent = one. */
  readonly slices?: number;
  /** Scans whose result may be kept: all, those found, and those kept for the next time. */
  readonly cache?: { readonly asked: number; readonly found: number; readonly stored: number };
}

/** labels, label values, series and index/stats. */
export interface MetadataRequest extends AllowsPartial {
  readonly tenant: string;
  readonly start: Nanos;
  readonly end: Nanos;
  /** Selectors as text, e.g. `{app="x"}`; empty = everything. Several mean any of them (series). */
  readonly selectors: readonly string[];
}

export interface IndexStats {
  readonly streams: number;
  readonly chunks: number;
  readonly bytes: number;
  readonly entries: number;
}

/** index/volume and, with a step, index/volume_range; at most one selector. */
export interface VolumeRequest extends MetadataRequest {
  /** 0: one sum over the whole range. */
  readonly stepNs: number;
  /** Labels to sum by; empty: those of the selector's matchers, all of them for a selector without any. */
  readonly targetLabels: readonly string[];
  /** One row for each set of label values, or one for each label name. */
  readonly aggregateBy: 'series' | 'labels';
  readonly limit: number;
}

/** index/shards. */
export interface ShardsRequest extends MetadataRequest {
  readonly targetBytes: number;
}

/** Streams whose fingerprints lie between two bounds, both inclusive. */
export interface IndexShard {
  readonly min: bigint;
  readonly max: bigint;
  readonly stats: IndexStats;
}

/** A stream label that is worth looking at, and how many values it has. */
export interface DetectedLabel {
  readonly label: string;
  readonly cardinality: number;
}

/** detected_fields and detected_field/{name}/values: what is in the latest lines of a log query. */
export interface DetectRequest extends AllowsPartial {
  readonly tenant: string;
  readonly query: string;
  /** [start, end). */
  readonly start: Nanos;
  readonly end: Nanos;
  readonly lineLimit: number;
  /** Most fields, or values, to answer. */
  readonly limit: number;
  /** X-Query-Tags. */
  readonly tags: string;
}

export type FieldType = 'int' | 'float' | 'boolean' | 'duration' | 'bytes' | 'string';
export type FieldParser = 'json' | 'logfmt';

export interface DetectedField {
  readonly label: string;
  readonly type: FieldType;
  readonly cardinality: number;
  /** Stages that make the field a label; none for structured metadata. */
  readonly parsers: readonly FieldParser[];
  /** Keys from the outermost object inwards, as written; empty for what is not from JSON. */
  readonly jsonPath: readonly string[];
}

export interface PatternsRequest extends AllowsPartial {
  readonly tenant: string;
  /** A selector as text, e.g. `{app="x"}`. */
  readonly selector: string;
  /** [start, end). */
  readonly start: Nanos;
  readonly end: Nanos;
  readonly stepNs: number;
}

/** How often lines of a pattern and a level came. */
export interface PatternSeries {
  /** Operand of `|>`, e.g. `user <_> logged in`. */
  readonly pattern: string;
  readonly level: string;
  /** Seconds since the epoch at which a step begins, and lines in it; ascending, none of them empty. */
  readonly samples: readonly (readonly [seconds: number, lines: number])[];
}

/** `/api/prom/push` accepts the older JSON shape; OpenTelemetry has its own. */
export type PushFormat = 'loki' | 'legacy' | 'otlp';

/** Encodings that are undone where the body is decoded. */
export type BodyEncoding = 'zstd' | 'lz4';

export interface PushRequest {
  readonly tenant: string;
  /** Value of Content-Type, parameters included. */
  readonly contentType: string;
  /** Body after Content-Encoding has been undone, but for zstd and lz4; snappy block compression of protobuf is still on. */
  readonly body: Uint8Array;
  /** Absent = none is left. */
  readonly encoding?: BodyEncoding;
  readonly format: PushFormat;
}
