export type OtlpAction = 'index_label' | 'structured_metadata' | 'drop';

/** Names, or a regular expression that a whole name must match. */
export interface OtlpAttributeRule {
  readonly action: OtlpAction;
  readonly attributes: readonly string[];
  readonly regex: string;
}

/** What becomes of OpenTelemetry attributes; those of scopes cannot be labels. */
export interface OtlpConfig {
  readonly resource_attributes: {
    /** Leave out the 18 attributes that are labels by default. */
    readonly ignore_defaults: boolean;
    readonly attributes_config: readonly OtlpAttributeRule[];
  };
  readonly scope_attributes: readonly OtlpAttributeRule[];
  readonly log_attributes: readonly OtlpAttributeRule[];
  readonly severity_text_as_label: boolean;
}

/** Per-tenant limits, named as in Loki's `limits_config`. Sizes in bytes, durations in nanoseconds as number of ms where said. */
export interface TenantLimits {
  // Write path.
  /** `global`: the rate is one for all distributors, each of which allows its share. `local`: each allows all of it. */
  readonly ingestion_rate_strategy: 'global' | 'local';
  readonly ingestion_rate_mb: number;
  readonly ingestion_burst_size_mb: number;
  readonly max_label_name_length: number;
  readonly max_label_value_length: number;
  readonly max_label_names_per_series: number;
  readonly reject_old_samples: boolean;
  readonly reject_old_samples_max_age_ms: number;
  readonly creation_grace_period_ms: number;
  readonly max_line_size: number;
  readonly max_line_size_truncate: boolean;
  readonly max_line_size_truncate_identifier: string;
  readonly increment_duplicate_timestamp: boolean;
  readonly discover_service_name: readonly string[];
  readonly discover_log_levels: boolean;
  readonly log_level_fields: readonly string[];
  readonly log_level_from_json_max_depth: number;
  readonly allow_structured_metadata: boolean;
  readonly max_structured_metadata_size: number;
  readonly max_structured_metadata_entries_count: number;
  readonly max_global_streams_per_user: number;
  readonly per_stream_rate_limit: number;
  readonly per_stream_rate_limit_burst: number;
  readonly enforced_labels: readonly string[];
  readonly otlp_config: OtlpConfig;
  /** Nanoseconds since the epoch until which pushes are refused; undefined = they are welcome. */
  readonly block_ingestion_until?: bigint;
  /** HTTP status of such a refusal; 200 drops entries without a word. */
  readonly block_ingestion_status_code: number;
  // Read path.
  readonly max_query_series: number;
  readonly max_query_length_ms: number;
  readonly max_query_range_ms: number;
  readonly max_query_lookback_ms: number;
  readonly split_queries_by_interval_ms: number;
  readonly query_timeout_ms: number;
  readonly max_entries_limit_per_query: number;
  readonly max_streams_matchers_per_query: number;
  readonly max_query_bytes_read: number;
  readonly max_querier_bytes_read: number;
  readonly required_labels: readonly string[];
  readonly blocked_queries: readonly BlockedQuery[];
  readonly minimum_labels_number: number;
  readonly shard_aggregations: readonly string[];
  readonly volume_enabled: boolean;
  readonly volume_max_series: number;
  readonly max_concurrent_tail_requests: number;
}

/** Queries that a tenant may not run: those for which every condition that is set is true. */
export interface BlockedQuery {
  /** The query's text, or with `regex` an RE2 expression found in it; `.*` or nothing means every query. */
  readonly pattern: string;
  readonly regex: boolean;
  /** FNV-1, 32 bit, of the query's text; 0 = none. Takes the place of the pattern. */
  readonly hash: number;
  /** `metric`, `filter` (lines are looked at) or `limited` (only a selector); empty = all. */
  readonly types: readonly ('metric' | 'filter' | 'limited')[];
  /** `X-Query-Tags` that the request must carry, e.g. Source=grafana. */
  readonly tags: Readonly<Record<string, string>>;
}

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;

/** Loki's defaults (reference section E). */
export const DEFAULT_LIMITS: TenantLimits = {
  ingestion_rate_strategy: 'global',
  ingestion_rate_mb: 4,
  ingestion_burst_size_mb: 6,
  max_label_name_length: 1024,
  max_label_value_length: 2048,
  max_label_names_per_series: 15,
  reject_old_samples: true,
  reject_old_samples_max_age_ms: 7 * 24 * HOUR_MS,
  creation_grace_period_ms: 600_000,
  max_line_size: 256 * 1024,
  max_line_size_truncate: false,
  max_line_size_truncate_identifier: '',
  increment_duplicate_timestamp: false,
  discover_service_name: [
    'service',
    'app',
    'application',
    'app_name',
    'name',
    'app_kubernetes_io_name',
    'container',
    'container_name',
    'k8s_container_name',
    'component',
    'workload',
    'job',
    'k8s_job_name',
  ],
  discover_log_levels: true,
  log_level_fields: [
    'level',
    'LEVEL',
    'Level',
    'log.level',
    'severity',
    'SEVERITY',
    'Severity',
    'SeverityText',
    'lvl',
    'LVL',
    'Lvl',
    'severity_text',
    'Severity_Text',
    'SEVERITY_TEXT',
  ],
  log_level_from_json_max_depth: 2,
  allow_structured_metadata: true,
  max_structured_metadata_size: 64 * 1024,
  max_structured_metadata_entries_count: 128,
  max_global_streams_per_user: 5000,
  per_stream_rate_limit: 3 * MIB,
  per_stream_rate_limit_burst: 15 * MIB,
  enforced_labels: [],
  otlp_config: {
    resource_attributes: { ignore_defaults: false, attributes_config: [] },
    scope_attributes: [],
    log_attributes: [],
    severity_text_as_label: false,
  },
  block_ingestion_status_code: 260,
  max_query_series: 500,
  max_query_length_ms: 721 * HOUR_MS,
  max_query_range_ms: 0,
  max_query_lookback_ms: 0,
  split_queries_by_interval_ms: HOUR_MS,
  query_timeout_ms: 60_000,
  max_entries_limit_per_query: 5000,
  max_streams_matchers_per_query: 1000,
  max_query_bytes_read: 0,
  max_querier_bytes_read: 150 * 1024 * MIB,
  required_labels: [],
  blocked_queries: [],
  minimum_labels_number: 0,
  shard_aggregations: [],
  volume_enabled: true,
  volume_max_series: 1000,
  max_concurrent_tail_requests: 10,
};
