import type { DetectRequest, MetadataRequest, QueryRequest, ShardsRequest, VolumeRequest } from '../query.js';

/** api -> querier, an ask; answered `answer` or `fault`. Reading only: safe twice. */
export interface QueryMessage {
  readonly kind: 'query';
  readonly request: QueryRequest;
  /** Aborts when the caller goes away. Over a wire the router says so, and the message has a signal of that side. */
  readonly signal?: AbortSignal;
}

/** api -> querier, an ask; answered `names`, `series`, `stats` or `detected.labels`. Reading only: safe twice. */
export interface LabelsMessage {
  readonly kind: 'labels';
  readonly what: 'labels' | 'values' | 'series' | 'stats' | 'detected-labels';
  readonly request: MetadataRequest;
  /** The label of `values`. */
  readonly name: string;
}

/** api -> querier, an ask; answered `answer` with a vector or a matrix. Reading only: safe twice. */
export interface VolumeMessage {
  readonly kind: 'volume';
  readonly request: VolumeRequest;
}

/** api -> querier, an ask; answered `shards`. Reading only: safe twice. */
export interface ShardsMessage {
  readonly kind: 'shards';
  readonly request: ShardsRequest;
}

/** api -> querier, an ask; answered `detected.fields`, with a name `names`. Reading only: safe twice. */
export interface DetectMessage {
  readonly kind: 'detect';
  readonly request: DetectRequest;
  /** The field whose values are asked for; '' for all fields. */
  readonly name: string;
  /** As in `query`. */
  readonly signal?: AbortSignal;
}
