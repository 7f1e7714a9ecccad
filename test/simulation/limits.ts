import { DEFAULT_LIMITS, type TenantLimits } from '../../src/wire/limits.js';

export const LIMITS: TenantLimits = {
  ...DEFAULT_LIMITS,
  discover_service_name: [],
  discover_log_levels: false,
  reject_old_samples: false,
  max_query_series: 0,
  max_entries_limit_per_query: 0,
  query_timeout_ms: 30_000,
};
