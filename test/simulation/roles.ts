/** What runs in a simulated process: the real actors over simulated shells, put together as `src/cli` does. */
import { Distributor } from '../../src/actors/distributor/actor.js';
import { DEFAULT_DISTRIBUTOR_SETTINGS } from '../../src/actors/distributor/settings.js';
import { IngesterActor } from '../../src/actors/ingester/actor.js';
import { walIn } from '../../src/actors/ingester/log.js';
import { loadFingerprint } from '../../src/actors/ingester/recent.js';
import { DEFAULT_INGESTER_SETTINGS } from '../../src/actors/ingester/settings.js';
import { Querier } from '../../src/actors/querier/actor.js';
import { DEFAULT_QUERIER_TIMES } from '../../src/actors/querier/settings.js';
import type { Router } from '../../src/actors/runtime/router.js';
import { Scheduler } from '../../src/actors/scheduler/actor.js';
import { DEFAULT_SCHEDULER_TIMES } from '../../src/actors/scheduler/settings.js';
import { Worker } from '../../src/actors/worker/actor.js';
import { DEFAULT_WORKER_TIMES } from '../../src/actors/worker/settings.js';
import { PoolFlusher } from '../../src/cli/system/flusher-node.js';
import { BATCH_SIZES } from '../../src/execution/batch/sizes.js';
import { InlinePool } from '../../src/execution/pool-inline.js';
import type { Bucket } from '../../src/storage/bucket/bucket.js';
import { ObjectCache } from '../../src/storage/dataobj/object-cache.js';
import { DEFAULT_BUILD_SETTINGS } from '../../src/storage/dataobj/types.js';
import type { Disk } from '../../src/storage/disk.js';
import { MetastoreCatalog } from '../../src/storage/metastore/catalog.js';
import type { Metastore } from '../../src/storage/metastore/metastore.js';
import { TocWriter } from '../../src/storage/metastore/toc-writer.js';
import { WINDOW_NS } from '../../src/storage/metastore/window.js';
import { address } from '../../src/wire/address.js';
import { DEFAULT_LIMITS, type TenantLimits } from '../../src/wire/limits.js';
import type { SimProcess } from './process.js';
import type { Shape } from './swarm.js';
import type { ClusterView } from './view.js';

export type Role = 'ingester' | 'distributor' | 'querier' | 'worker';

const fingerprint = await loadFingerprint();
/** Small pages and objects, so that a few hundred lines make several. */
const BUILD = { ...DEFAULT_BUILD_SETTINGS, pageBytesMin: 400, pageBytesMax: 800, pageRowsMax: 16, zstdLevel: 1 };
const BATCHES = { ...BATCH_SIZES, fetchBytes: 1000, retainedBytes: 1000 };

export const LIMITS: TenantLimits = {
  ...DEFAULT_LIMITS,
  discover_service_name: [],
  discover_log_levels: false,
  reject_old_samples: false,
  max_query_series: 0,
  max_entries_limit_per_query: 0,
  query_timeout_ms: 30_000,
};

export interface Parts {
  readonly shape: Shape;
  readonly process: SimProcess;
  readonly router: Router;
  readonly view: ClusterView;
  readonly bucket: Bucket;
  readonly metastore: Metastore;
  /** Ingesters only. */
  readonly disk: Disk;
  readonly onReady: () => void;
}

/** What the checks look at, and how it all ends. */
export interface Running {
  /** Of what must be nothing when nothing is going on, whatever is not. */
  busy(): Record<string, number>;
  /** What must never be much more than it may be. */
  bounds?(): readonly (readonly [what: string, value: number, max: number])[];
  /** Resolves when the process may exit. */
  stop(): Promise<void>;
  readonly ingester?: IngesterActor;
}

export function startRole(role: Role, parts: Parts): Running {
  switch (role) {
    case 'ingester':
      return startIngester(parts);
    case 'distributor':
      return startDistributor(parts);
    case 'querier':
      return startQuerier(parts);
    case 'worker':
      return startWorker(parts);
  }
}

function startIngester({ shape, process, router, bucket, metastore, disk, view, onReady }: Parts): Running {
  const pool = new InlinePool(
    () => Promise.reject(new Error('an ingester runs no tasks')),
    () => 0,
  );
  const ingester = new IngesterActor(
    {
      ...{ router, clock: process, fingerprint, life: `${process.name}@${process.now()}` },
      openLog: walIn(disk, shape.segmentBytesMax, () => process.now()),
      isUp: (instance) => view.holders().includes(address('ingester', instance)),
      flusher: new PoolFlusher(pool, bucket, new TocWriter(bucket, (attempt) => pause(process, attempt)), BUILD, () =>
        Number(process.now() / 1_000_000n),
      ),
      metastore,
      limits: () => LIMITS,
      log: (level, message, detail) => process.world.note(`${process.name} ${level}: ${message} ${text(detail)}`),
    },
    {
      ...DEFAULT_INGESTER_SETTINGS,
      instance: process.name,
      flushBytes: shape.flushBytes,
      memoryBytesMax: shape.memoryBytesMax,
      chunkIdlePeriodMs: 8000,
      maxChunkAgeMs: 30_000,
      flushConcurrency: 2,
      flushBackoffMaxMs: 5000,
      liveRetentionMs: 60_000,
      heldAskAfterMs: 5000,
      heldAskPeriodMs: 2000,
      takeOverAfterMs: 15_000,
      peerTimeoutMs: 2000,
    },
  );
  void ingester.start().then(onReady, (error: unknown) => process.world.fail(`an ingester does not start: ${error}`));
  const gauge = (name: string): number =>
    ingester.observe().reduce((sum, sample) => (sample.name === name ? sum + sample.value : sum), 0);
  return {
    ingester,
    stop: async () => void (await ingester.drain(10_000)),
    bounds: () => [['bytes in memory', gauge('loki_ingester_memory_bytes'), shape.memoryBytesMax]],
    busy: () => ({
      memtables: gauge('loki_ingester_memory_chunks'),
      flushes: gauge('loki_ingester_flush_queue_length'),
      queries: gauge('loki_ingester_live_queries'),
      held: gauge('loki_ingester_held_parts'),
      owned: gauge('loki_ingester_owned_parts'),
    }),
  };
}

function startDistributor({ shape, process, router, view, onReady }: Parts): Running {
  const distributor = new Distributor(
    address('distributor', process.name),
    {
      ...{ router, clock: process, self: `${process.name}/${process.ulid()}`, ring: view, limits: () => LIMITS },
      ingesterAddress: (owner) => address('ingester', owner),
      onCounts: () => undefined,
    },
    { ...DEFAULT_DISTRIBUTOR_SETTINGS, replicationFactor: shape.replicationFactor, pushTimeoutMs: 5000 },
  );
  onReady();
  return {
    stop: async () => distributor.close(),
    busy: () => ({ pushes: distributor.observe().inFlight, bytes: distributor.observe().inFlightBytes }),
  };
}

function startQuerier({ shape, process, router, view, metastore, onReady }: Parts): Running {
  const querier = new Querier(
    address('querier', process.name),
    {
      ...{ router, clock: process, random: process, metastore, catalog: new MetastoreCatalog(metastore) },
      limits: () => LIMITS,
    },
    {
      ...DEFAULT_QUERIER_TIMES,
      ingesters: () => view.holders(),
      deadIngesters: () => view.lostHolders(),
      leftIngesters: () => view.leftHolders(),
      replicationFactor: shape.replicationFactor,
      schedulers: () => view.schedulers(),
      resolveTimeoutMs: 2000,
      windowNs: WINDOW_NS,
    },
  );
  const scheduler = new Scheduler(address('scheduler', process.name), router, process, {
    ...{ maxRunningScanTasks: 0, maxRunningOtherTasks: 0, queuedWorkflowsMax: 100, queuedPerTenantMax: 100 },
    ...DEFAULT_SCHEDULER_TIMES,
    tickMs: 1000,
  });
  onReady();
  return {
    stop: async () => {
      querier.close();
      scheduler.close();
    },
    busy: () => {
      const { workflows, tasks, executions } = scheduler.observe();
      return { workflows, tasks, executions };
    },
  };
}

function startWorker({ shape, process, router, view, bucket, onReady }: Parts): Running {
  const objects = new ObjectCache(bucket, 1 << 26);
  const pool = new InlinePool(
    (path) => objects.open(path),
    () => 0,
    BATCHES,
  );
  const worker = new Worker(
    address('worker', process.name),
    { router, clock: process, pool, schedulers: () => view.schedulers() },
    {
      ...DEFAULT_WORKER_TIMES,
      tickMs: 1000,
      heartbeatMs: 2000,
      scanSlots: shape.scanSlots,
      memoryBytesMax: 1 << 26,
      liveReadTimeoutMs: 5000,
    },
  );
  onReady();
  return { stop: async () => worker.close(), busy: () => ({ tasks: worker.running }) };
}

function pause(process: SimProcess, attempt: number): Promise<void> {
  return new Promise((resolve) => void process.after(process.unit() * Math.min(500, 10 * attempt), resolve));
}

function text(detail: object): string {
  return JSON.stringify(detail, (key, value: unknown) =>
    key === 'detail' ? undefined : typeof value === 'bigint' ? String(value) : value,
  ).slice(0, 200);
}
