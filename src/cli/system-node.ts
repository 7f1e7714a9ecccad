/** The composition root: builds every actor of a single process and hands out a client. */
import { join } from 'node:path';
import { Distributor } from '../actors/distributor/actor.js';
import type { DistributorRing } from '../actors/distributor/events.js';
import { DEFAULT_DISTRIBUTOR_SETTINGS } from '../actors/distributor/settings.js';
import { IngesterActor } from '../actors/ingester/actor.js';
import { DataFolder } from '../actors/ingester/data-folder-node.js';
import { loadFingerprint } from '../actors/ingester/recent.js';
import { DEFAULT_INGESTER_SETTINGS, type IngesterSettings } from '../actors/ingester/settings.js';
import { Patterns } from '../actors/patterns/actor.js';
import { DEFAULT_PATTERN_SETTINGS, type PatternSettings } from '../actors/patterns/settings.js';
import { Querier } from '../actors/querier/actor.js';
import { DEFAULT_QUERIER_TIMES } from '../actors/querier/settings.js';
import { hashRing } from '../actors/ring/ring.js';
import { NodeClock, NodeRandom } from '../actors/runtime/clock-node.js';
import { LocalRouter } from '../actors/runtime/router-local.js';
import { Scheduler } from '../actors/scheduler/actor.js';
import { DEFAULT_SCHEDULER_TIMES } from '../actors/scheduler/settings.js';
import { Tailer } from '../actors/tailer/actor.js';
import { DEFAULT_TAILER_SETTINGS } from '../actors/tailer/settings.js';
import { Worker } from '../actors/worker/actor.js';
import { DEFAULT_WORKER_TIMES } from '../actors/worker/settings.js';
import type { Client } from '../api/client.js';
import { CachingPool } from '../execution/cache/caching-pool.js';
import { ResultCache } from '../execution/cache/result-cache.js';
import type { TaskPool } from '../execution/pool.js';
import { PiscinaPool } from '../execution/pool-piscina.js';
import { FilesystemBucket } from '../storage/bucket/filesystem-node.js';
import { DEFAULT_BUILD_SETTINGS } from '../storage/dataobj/types.js';
import { NodeDisk } from '../storage/disk-node.js';
import { MetastoreCatalog } from '../storage/metastore/catalog.js';
import { Metastore } from '../storage/metastore/metastore.js';
import { TocWriter } from '../storage/metastore/toc-writer.js';
import { WINDOW_NS } from '../storage/metastore/window.js';
import { address } from '../wire/address.js';
import type { TenantLimits } from '../wire/limits.js';
import type { Settings } from './config.js';
import { PoolFlusher } from './flusher-node.js';
import type { Logger } from './log-node.js';
import type { Metrics } from './metrics-node.js';
import { routerClient } from './router-client-node.js';
import { exposeMetrics } from './system-metrics-node.js';

const ADDRESSES = {
  distributor: address('distributor', '0'),
  querier: address('querier', '0'),
  scheduler: address('scheduler', '0'),
  worker: address('worker', '0'),
  tailer: address('tailer', '0'),
};
/** Nobody answers there when patterns are not kept. */
const PATTERNS = address('patterns', '0');

export interface System {
  readonly client: Client;
  /** Name of the ingester in the ring; the same for as long as the data folder lives. */
  readonly instance: string;
  /** Refuses new work, flushes memory to objects, stops threads. False when time ran out; the log keeps what is left. */
  close(timeoutMs: number): Promise<boolean>;
}

/** Opens the data folder and starts all actors. Resolves when pushes and queries are welcome. */
export async function startSystem(
  settings: Settings,
  threads: number,
  log: Logger,
  metrics: Metrics,
  limits: (tenant: string) => TenantLimits,
): Promise<System> {
  const folder = await DataFolder.open(settings.storage.directory);
  const clock = new NodeClock();
  const random = new NodeRandom();
  const router = new LocalRouter({ clock, onTrouble: (what, at, detail) => log.error({ at, detail }, what) });
  const bucket = new FilesystemBucket(join(folder.path, 'bucket'));
  const metastore = new Metastore(bucket);
  const threadSetup = { bucketRoot: join(folder.path, 'bucket'), cacheBytesMax: THREAD_CACHE_BYTES };
  const pool: TaskPool = new PiscinaPool(threads, threadSetup, (error) => log.error({ error }, 'a worker thread died'));
  const ingesterSettings = ingesterSettingsOf(settings, folder.instance);
  const ingester = new IngesterActor(
    {
      router,
      clock,
      disk: await NodeDisk.open(join(folder.path, 'wal')),
      segmentBytesMax: settings.ingester.wal.segment_size,
      flusher: new PoolFlusher(pool, bucket, new TocWriter(bucket), DEFAULT_BUILD_SETTINGS),
      fingerprint: await loadFingerprint(),
      metastore,
      limits,
      log: (level, message, detail) => log[level](detail, message),
    },
    ingesterSettings,
  );
  const scheduler = new Scheduler(ADDRESSES.scheduler, router, clock, {
    maxRunningScanTasks: settings.query_engine.max_running_scan_tasks,
    maxRunningOtherTasks: settings.query_engine.max_running_other_tasks,
    queuedWorkflowsMax: settings.query_engine.max_queued_queries,
    queuedPerTenantMax: settings.query_engine.max_outstanding_requests_per_tenant,
    ...DEFAULT_SCHEDULER_TIMES,
  });
  const results = new ResultCache(settings.query_engine.result_cache_size);
  const schedulers = (): readonly string[] => [ADDRESSES.scheduler];
  const worker = new Worker(
    ADDRESSES.worker,
    { router, clock, pool: new CachingPool(pool, results), schedulers },
    {
      scanSlots: threads,
      memoryBytesMax: settings.query_engine.memory_bytes_max,
      liveReadTimeoutMs: settings.limits.query_timeout_ms,
      ...DEFAULT_WORKER_TIMES,
    },
  );
  const ingesterAddress = address('ingester', folder.instance);
  const querier = new Querier(
    ADDRESSES.querier,
    { router, clock, random, catalog: new MetastoreCatalog(metastore), metastore, limits },
    {
      ingesters: [ingesterAddress],
      schedulers,
      ...DEFAULT_QUERIER_TIMES,
      resolveTimeoutMs: settings.limits.query_timeout_ms,
      windowNs: WINDOW_NS,
    },
  );
  const tailer = new Tailer(
    ADDRESSES.tailer,
    { router, clock, random, limits },
    {
      ...DEFAULT_TAILER_SETTINGS,
      ingesters: [ingesterAddress],
      querier: ADDRESSES.querier,
      maxDurationMs: settings.querier.tail_max_duration,
    },
  );
  const patterns = settings.pattern_ingester.enabled
    ? new Patterns(
        PATTERNS,
        { router, clock, log: (message, detail) => log.warn(detail, message) },
        patternSettingsOf(settings),
      )
    : undefined;
  const patternsAddress = patterns && { patterns: PATTERNS };
  const counts = exposeMetrics(metrics, {
    ingester,
    scheduler,
    worker,
    results,
    tailer,
    ...(patterns && { patterns }),
  });
  const distributor = new Distributor(
    ADDRESSES.distributor,
    {
      router,
      clock,
      ring: ringOf([folder.instance]),
      ingesterAddress: (owner) => address('ingester', owner),
      limits,
      ...patternsAddress,
      onCounts: counts,
    },
    { ...DEFAULT_DISTRIBUTOR_SETTINGS, maxDecompressedBytes: settings.distributor.max_decompressed_size },
  );
  await ingester.start();
  return {
    instance: folder.instance,
    client: routerClient({
      router,
      metrics,
      addresses: { ...ADDRESSES, ...patternsAddress, ingester: ingesterAddress },
      limits,
    }),
    close: async (timeoutMs) => {
      distributor.close();
      tailer.close();
      const drained = await ingester.drain(timeoutMs);
      patterns?.close();
      querier.close();
      worker.close();
      scheduler.close();
      await pool.close();
      await folder.close();
      return drained;
    },
  };
}

/** Memory of each thread for opened objects. */
const THREAD_CACHE_BYTES = 64 << 20;

function ingesterSettingsOf({ ingester }: Settings, instance: string): IngesterSettings {
  return {
    ...DEFAULT_INGESTER_SETTINGS,
    instance,
    flushBytes: ingester.flush_bytes,
    memoryBytesMax: ingester.memory_bytes_max,
    chunkIdlePeriodMs: ingester.chunk_idle_period,
    maxChunkAgeMs: ingester.max_chunk_age,
    flushCheckPeriodMs: ingester.flush_check_period,
    maxReturnedStreamErrors: ingester.max_returned_stream_errors,
  };
}

function patternSettingsOf({ pattern_ingester: written }: Settings): PatternSettings {
  return {
    ...DEFAULT_PATTERN_SETTINGS,
    clustersMax: written.max_clusters,
    lineBytesMax: written.max_allowed_line_length,
    retainForMs: written.retain_for,
    sampleIntervalMs: written.pattern_sample_interval,
    memoryBytesMax: written.memory_bytes_max,
    bytesPerSecond: written.bytes_per_second,
  };
}

/** The ring of one process: every stream belongs to its only ingester. */
function ringOf(members: readonly string[]): DistributorRing {
  const ring = hashRing(members);
  return {
    owners: (token) => ring.owners(String(token), DEFAULT_DISTRIBUTOR_SETTINGS.replicationFactor),
    distributors: 1,
  };
}
