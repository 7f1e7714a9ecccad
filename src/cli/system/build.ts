/** One function per component: actors with the settings of this process. */
import { Distributor } from '../../actors/distributor/actor.js';
import type { PushCounts } from '../../actors/distributor/events.js';
import { DEFAULT_DISTRIBUTOR_SETTINGS } from '../../actors/distributor/settings.js';
import { Patterns } from '../../actors/patterns/actor.js';
import { DEFAULT_PATTERN_SETTINGS } from '../../actors/patterns/settings.js';
import { Querier } from '../../actors/querier/actor.js';
import { DEFAULT_QUERIER_TIMES } from '../../actors/querier/settings.js';
import { Scheduler } from '../../actors/scheduler/actor.js';
import { DEFAULT_SCHEDULER_TIMES } from '../../actors/scheduler/settings.js';
import { Tailer } from '../../actors/tailer/actor.js';
import { DEFAULT_TAILER_SETTINGS } from '../../actors/tailer/settings.js';
import { Worker } from '../../actors/worker/actor.js';
import { DEFAULT_WORKER_TIMES } from '../../actors/worker/settings.js';
import { CachingPool } from '../../execution/cache/caching-pool.js';
import type { ResultCache } from '../../execution/cache/result-cache.js';
import { InPlacePool } from '../../execution/in-place-pool.js';
import { InlinePool } from '../../execution/pool-inline.js';
import { MetastoreCatalog } from '../../storage/metastore/catalog.js';
import { WINDOW_NS } from '../../storage/metastore/window.js';
import { address } from '../../wire/address.js';
import type { SystemContext } from './context.js';
import { logWritersOf } from './jetstream-nats.js';

export function buildDistributor(
  context: SystemContext,
  replicationFactor: number,
  onCounts: (tenant: string, counts: PushCounts) => void,
): Distributor {
  const { settings, name, router, clock, random, peers, limits } = context;
  const ring = {
    owners: (token: number) => peers.owners(token),
    get distributors() {
      return Math.max(1, peers.active('distributor'));
    },
  };
  const ingesterAddress =
    settings.ingest.log === 'jetstream' ? logWritersOf(context) : (owner: string): string => address('ingester', owner);
  const patterns = (tenant: string): string | undefined => peers.keeper('patterns', tenant);
  return new Distributor(
    address('distributor', name),
    { router, clock, self: `${name}/${random.ulid()}`, ring, ingesterAddress, limits, patterns, onCounts },
    {
      ...DEFAULT_DISTRIBUTOR_SETTINGS,
      replicationFactor,
      maxDecompressedBytes: settings.distributor.max_decompressed_size,
    },
  );
}

export function buildQuerier({
  settings,
  name,
  router,
  clock,
  random,
  peers,
  metastore,
  limits,
  log,
}: SystemContext): Querier {
  return new Querier(
    address('querier', name),
    {
      ...{ router, clock, random, catalog: new MetastoreCatalog(metastore), metastore, limits },
      log: (message, detail) => log.info(detail, message),
    },
    {
      ...DEFAULT_QUERIER_TIMES,
      logQueriesLongerThanMs: settings.frontend.log_queries_longer_than,
      ingesters: () => peers.holders,
      deadIngesters: () => peers.lostHolders,
      leftIngesters: () => peers.leftHolders,
      replicationFactor: peers.replicationFactor,
      schedulers: () => peers.addresses('scheduler'),
      resolveTimeoutMs: settings.limits.query_timeout_ms,
      windowNs: WINDOW_NS,
    },
  );
}

export function buildTailer({ settings, name, router, clock, random, peers, limits }: SystemContext): Tailer {
  return new Tailer(
    address('tailer', name),
    { router, clock, random, limits },
    {
      ...DEFAULT_TAILER_SETTINGS,
      ...(peers.replicationFactor > 1 && { rowsRemembered: TAIL_ROWS_REMEMBERED, subscribeTimeoutMs: 3_000 }),
      ingesters: () => peers.holders,
      replicationFactor: peers.replicationFactor,
      querier: address('querier', name),
      maxDurationMs: settings.querier.tail_max_duration,
    },
  );
}

export function buildScheduler({ settings: { query_engine }, name, router, clock }: SystemContext): Scheduler {
  return new Scheduler(address('scheduler', name), router, clock, {
    ...DEFAULT_SCHEDULER_TIMES,
    maxRunningScanTasks: query_engine.max_running_scan_tasks,
    maxRunningOtherTasks: query_engine.max_running_other_tasks,
    queuedWorkflowsMax: query_engine.max_queued_queries,
    queuedPerTenantMax: query_engine.max_outstanding_requests_per_tenant,
  });
}

export function buildWorker(
  { settings, name, router, clock, pool, peers, metastore }: SystemContext,
  results: ResultCache,
): Worker {
  const here = new InlinePool(
    (path) => metastore.open(path),
    () => clock.monotonicMs(),
    { others: () => new Promise((resolve) => clock.after(0, resolve)) },
  );
  const tasks = new InPlacePool(here, pool);
  return new Worker(
    address('worker', name),
    { router, clock, pool: new CachingPool(tasks, results), schedulers: () => peers.reachable('scheduler') },
    {
      ...DEFAULT_WORKER_TIMES,
      scanSlots: pool.size,
      memoryBytesMax: settings.query_engine.memory_bytes_max,
      // Where others have copies, a query is better looked up anew than left waiting.
      liveReadTimeoutMs: peers.replicationFactor > 1 ? LIVE_READ_TIMEOUT_MS : settings.limits.query_timeout_ms,
    },
  );
}

const TAIL_ROWS_REMEMBERED = 10_000;

const LIVE_READ_TIMEOUT_MS = 5_000;

export function buildPatterns({ settings, name, router, clock, log }: SystemContext): Patterns {
  const { pattern_ingester: written } = settings;
  return new Patterns(
    address('patterns', name),
    { router, clock, log: (message, detail) => log.warn(detail, message) },
    {
      ...DEFAULT_PATTERN_SETTINGS,
      clustersMax: written.max_clusters,
      lineBytesMax: written.max_allowed_line_length,
      retainForMs: written.retain_for,
      sampleIntervalMs: written.pattern_sample_interval,
      memoryBytesMax: written.memory_bytes_max,
      bytesPerSecond: written.bytes_per_second,
    },
  );
}
