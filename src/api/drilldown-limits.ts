import { formatByteSize } from '../wire/bytesize.js';
import { formatPrometheusDuration } from '../wire/duration.js';
import type { TenantLimits } from '../wire/limits.js';
import { type Handler, json } from './exchange.js';

/** `GET /loki/api/v1/drilldown-limits`: the tenant's limits that Grafana's Logs Drilldown reads, and what is switched on. */
export const drilldownLimits: Handler = (request, api) =>
  json(
    `${JSON.stringify({
      limits: publishedLimits(api.limits(request.tenant)),
      pattern_ingester_enabled: api.patternsEnabled,
      version: api.version,
    })}\n`,
  );

/** Under Loki's names, written as Loki writes them: `30d1h`, `256KB`. What Skald does not do has Loki's default. */
function publishedLimits(limits: TenantLimits): Record<string, unknown> {
  return {
    discover_log_levels: limits.discover_log_levels,
    discover_service_name: limits.discover_service_name,
    log_level_fields: limits.log_level_fields,
    log_level_from_json_max_depth: limits.log_level_from_json_max_depth,
    max_entries_limit_per_query: limits.max_entries_limit_per_query,
    max_line_size: formatByteSize(limits.max_line_size),
    max_line_size_truncate: limits.max_line_size_truncate,
    max_query_bytes_read: formatByteSize(limits.max_query_bytes_read),
    max_query_length: durationText(limits.max_query_length_ms),
    max_query_lookback: durationText(limits.max_query_lookback_ms),
    max_query_range: durationText(limits.max_query_range_ms),
    max_query_series: limits.max_query_series,
    metric_aggregation_enabled: false,
    pattern_persistence_enabled: false,
    query_timeout: durationText(limits.query_timeout_ms),
    retention_period: '0s',
    volume_enabled: limits.volume_enabled,
    volume_max_series: limits.volume_max_series,
  };
}

function durationText(ms: number): string {
  return formatPrometheusDuration(ms * 1e6);
}
