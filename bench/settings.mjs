// No limit stands in the way of old traffic that arrives as fast as it can.
export const SETTINGS = [
  'limits.reject_old_samples=false',
  'limits.ingestion_rate_mb=10000',
  'limits.ingestion_burst_size_mb=10000',
  'limits.per_stream_rate_limit=10GB',
  'limits.per_stream_rate_limit_burst=10GB',
  'limits.max_global_streams_per_user=0',
  'log.level=warn',
];
