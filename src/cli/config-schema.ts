/** Every setting with its default; `config/single.yaml` explains each one. */
import { LIMITS } from './config-limits.js';
import {
  duration,
  durationOrAll,
  flag,
  integer,
  name,
  oneOf,
  type Setting,
  secret,
  size,
  text,
} from './config-values.js';

export const SETTINGS = {
  role: text('all', 'all, or a comma-separated list of roles'),
  auth_enabled: flag(false),
  server: {
    http_listen_address: text('127.0.0.1', 'an IP address or host name'),
    http_listen_port: integer(3100, 0, 65535),
    graceful_shutdown_timeout: duration('30s'),
  },
  distributor: {
    max_recv_msg_size: size('100MB'),
    max_decompressed_size: size('256MB'),
  },
  ingester: {
    wal: {
      segment_size: size('64MB'),
      spare_segments: integer(4, 0, 64),
    },
    chunk_idle_period: duration('60s'),
    max_chunk_age: duration('30m'),
    flush_bytes: size('80MB'),
    flush_check_period: duration('1s'),
    backlog_bytes_max: size('256MB'),
    memory_bytes_max: size('512MB'),
    max_returned_stream_errors: integer(10, 1, 1000),
  },
  storage: {
    directory: text('./data', 'a folder'),
    bucket: text('', 'a folder, s3://BUCKET/PREFIX, or nothing'),
    s3: {
      access_key_id: text(''),
      secret_access_key: secret(),
    },
  },
  nats: {
    servers: text('', 'addresses such as nats://127.0.0.1:4222, with commas between them, or nothing'),
    credentials_file: text('', 'a file, or nothing'),
    nkey_seed_file: text('', 'a file, or nothing'),
    user: text(''),
    password: secret(),
    token: secret(),
    tls: {
      ca_file: text('', 'a file, or nothing'),
      cert_file: text('', 'a file, or nothing'),
      key_file: text('', 'a file, or nothing'),
    },
    start_timeout: duration('60s'),
  },
  cluster: {
    name: name('skald'),
    instance_name: name(''),
    zone: text('', 'a name, or nothing'),
    advertise_address: text('', 'HOST:PORT, or nothing'),
    replication_factor: integer(3, 1, 9),
    probe_interval: duration('1s'),
    take_over_after: duration('30s'),
  },
  frontend: {
    log_queries_longer_than: durationOrAll('0s'),
  },
  ingest: {
    log: oneOf('ring', ['ring', 'jetstream']),
    jetstream: {
      partitions: integer(16, 1, 1024),
      replicas: integer(0, 0, 5),
      partition_bytes_max: size('0B'),
      monitor: text('', 'an address such as http://127.0.0.1:8222, or nothing'),
    },
  },
  querier: {
    multi_tenant_queries_enabled: flag(false),
    tail_max_duration: duration('1h'),
  },
  query_engine: {
    worker_threads: integer(0, 0, 256),
    max_running_scan_tasks: integer(0, 0, 10_000),
    max_running_other_tasks: integer(1024, 0, 1_000_000),
    max_queued_queries: integer(1024, 0, 1_000_000),
    max_outstanding_requests_per_tenant: integer(256, 0, 1_000_000),
    memory_bytes_max: size('512MB'),
    result_cache_size: size('64MB'),
    rehearsal: flag(true),
  },
  pattern_ingester: {
    enabled: flag(true),
    max_clusters: integer(300, 1, 100_000),
    max_allowed_line_length: integer(3000, 16, 32_767),
    retain_for: duration('3h'),
    pattern_sample_interval: duration('10s'),
    memory_bytes_max: size('64MB'),
    bytes_per_second: size('2MB'),
  },
  runtime_config: {
    file: text('', 'a file, or nothing'),
    period: duration('10s'),
  },
  limits: LIMITS,
  log: {
    level: oneOf('info', ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    format: oneOf('auto', ['auto', 'json', 'pretty']),
  },
};

export interface SettingsTree {
  readonly [key: string]: Setting<unknown> | SettingsTree;
}

/** The values of a tree of settings. */
export type ValuesOf<T> = {
  readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : ValuesOf<T[K]>;
};

export function isSetting(node: Setting<unknown> | SettingsTree | undefined): node is Setting<unknown> {
  return node !== undefined && node.isSetting === true;
}

/** Every setting by its dotted path. */
export function settingPaths(tree: SettingsTree = SETTINGS, prefix = ''): ReadonlyMap<string, Setting<unknown>> {
  const paths = new Map<string, Setting<unknown>>();
  for (const [key, node] of Object.entries(tree)) {
    if (isSetting(node)) paths.set(prefix + key, node);
    else for (const [path, setting] of settingPaths(node, `${prefix}${key}.`)) paths.set(path, setting);
  }
  return paths;
}
