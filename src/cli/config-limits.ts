/** The `limits` block: Loki's names and spellings, turned into what the rest of the system reads. */
import { DEFAULT_LIMITS, type TenantLimits } from '../wire/limits.js';
import { blockedQueries } from './config-blocked.js';
import { otlpConfig } from './config-otlp.js';
import {
  decimal,
  duration,
  flag,
  integer,
  names,
  oneOf,
  optionalTime,
  type Setting,
  size,
  text,
} from './config-values.js';

const MANY = Number.MAX_SAFE_INTEGER;

export const LIMITS = {
  ingestion_rate_strategy: oneOf('global', ['global', 'local']),
  ingestion_rate_mb: decimal(4),
  ingestion_burst_size_mb: decimal(6),
  max_label_name_length: integer(1024, 1, MANY),
  max_label_value_length: integer(2048, 1, MANY),
  max_label_names_per_series: integer(15, 1, MANY),
  reject_old_samples: flag(true),
  reject_old_samples_max_age: duration('1w'),
  creation_grace_period: duration('10m'),
  max_line_size: size('256KB'),
  max_line_size_truncate: flag(false),
  max_line_size_truncate_identifier: text(''),
  increment_duplicate_timestamp: flag(false),
  discover_service_name: names(DEFAULT_LIMITS.discover_service_name),
  discover_log_levels: flag(true),
  log_level_fields: names(DEFAULT_LIMITS.log_level_fields),
  log_level_from_json_max_depth: integer(2, 0, 100),
  allow_structured_metadata: flag(true),
  max_structured_metadata_size: size('64KB'),
  max_structured_metadata_entries_count: integer(128, 0, MANY),
  max_global_streams_per_user: integer(5000, 0, MANY),
  per_stream_rate_limit: size('3MB'),
  per_stream_rate_limit_burst: size('15MB'),
  enforced_labels: names([]),
  otlp_config: otlpConfig(),
  block_ingestion_until: optionalTime(),
  block_ingestion_status_code: integer(260, 200, 599),
  max_query_series: integer(500, 0, MANY),
  max_query_length: duration('721h'),
  max_query_range: duration('0s'),
  max_query_lookback: duration('0s'),
  split_queries_by_interval: duration('1h'),
  query_timeout: duration('1m'),
  max_entries_limit_per_query: integer(5000, 0, MANY),
  max_streams_matchers_per_query: integer(1000, 0, MANY),
  max_query_bytes_read: size('0B'),
  max_querier_bytes_read: size('150GB'),
  required_labels: names([]),
  blocked_queries: blockedQueries(),
  minimum_labels_number: integer(0, 0, 1000),
  shard_aggregations: names([]),
  volume_enabled: flag(true),
  volume_max_series: integer(1000, 0, MANY),
  max_concurrent_tail_requests: integer(10, 0, MANY),
};

export type WrittenLimits = {
  readonly [K in keyof typeof LIMITS]: (typeof LIMITS)[K] extends Setting<infer T> ? T : never;
};

/** Durations carry their unit in the name once they are numbers. */
export function tenantLimits(written: WrittenLimits): TenantLimits {
  const {
    reject_old_samples_max_age,
    creation_grace_period,
    max_query_length,
    max_query_range,
    max_query_lookback,
    split_queries_by_interval,
    query_timeout,
    block_ingestion_until,
    ...same
  } = written;
  return Object.freeze({
    ...same,
    ...(block_ingestion_until === null ? {} : { block_ingestion_until }),
    reject_old_samples_max_age_ms: reject_old_samples_max_age,
    creation_grace_period_ms: creation_grace_period,
    max_query_length_ms: max_query_length,
    max_query_range_ms: max_query_range,
    max_query_lookback_ms: max_query_lookback,
    split_queries_by_interval_ms: split_queries_by_interval,
    query_timeout_ms: query_timeout,
  });
}

/** The way back: what a configuration with these limits would say. */
function writtenLimits(limits: TenantLimits): WrittenLimits {
  const {
    reject_old_samples_max_age_ms,
    creation_grace_period_ms,
    max_query_length_ms,
    max_query_range_ms,
    max_query_lookback_ms,
    split_queries_by_interval_ms,
    query_timeout_ms,
    block_ingestion_until,
    ...same
  } = limits;
  return {
    ...same,
    block_ingestion_until: block_ingestion_until ?? null,
    reject_old_samples_max_age: reject_old_samples_max_age_ms,
    creation_grace_period: creation_grace_period_ms,
    max_query_length: max_query_length_ms,
    max_query_range: max_query_range_ms,
    max_query_lookback: max_query_lookback_ms,
    split_queries_by_interval: split_queries_by_interval_ms,
    query_timeout: query_timeout_ms,
  };
}

/** A tenant's limits with some of them written anew. */
export function overriddenLimits(base: TenantLimits, overrides: Partial<WrittenLimits>): TenantLimits {
  return tenantLimits({ ...writtenLimits(base), ...overrides });
}

/** Limits in Loki's names and spellings. */
export function printableLimits(limits: TenantLimits): Record<string, unknown> {
  const values: Record<string, unknown> = { ...writtenLimits(limits) };
  const limitsByName: [string, Setting<unknown>][] = Object.entries(LIMITS);
  return Object.fromEntries(limitsByName.map(([name, limit]) => [name, limit.print(values[name])]));
}
