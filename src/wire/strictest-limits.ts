import type { TenantLimits } from './limits.js';

/** Numbers of which 0 means no limit. */
const BOUNDS = [
  'max_query_series',
  'max_query_length_ms',
  'max_query_range_ms',
  'max_query_lookback_ms',
  'split_queries_by_interval_ms',
  'query_timeout_ms',
  'max_entries_limit_per_query',
  'max_streams_matchers_per_query',
  'max_query_bytes_read',
  'max_querier_bytes_read',
  'volume_max_series',
  'max_concurrent_tail_requests',
] as const satisfies readonly (keyof TenantLimits)[];

/** What a query over several tenants may do: of every limit on reading the strictest one. At least one must be given. */
export function strictestLimits(all: readonly TenantLimits[]): TenantLimits {
  const [first] = all;
  if (first === undefined) throw new Error('no limits given');
  const least = (key: (typeof BOUNDS)[number]): number => {
    const set = all.map((limits) => limits[key]).filter((value) => value > 0);
    return set.length === 0 ? 0 : Math.min(...set);
  };
  return {
    ...first,
    ...Object.fromEntries(BOUNDS.map((key) => [key, least(key)])),
    required_labels: [...new Set(all.flatMap((limits) => limits.required_labels))],
    minimum_labels_number: Math.max(...all.map((limits) => limits.minimum_labels_number)),
    blocked_queries: all.flatMap((limits) => limits.blocked_queries),
    shard_aggregations: first.shard_aggregations.filter((name) =>
      all.every((limits) => limits.shard_aggregations.includes(name)),
    ),
    volume_enabled: all.every((limits) => limits.volume_enabled),
  };
}
