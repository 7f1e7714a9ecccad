/** What runs in a simulated process: the real actors over simulated shells, put together as `src/cli` does. */
import { Distributor } from '../../src/actors/distributor/actor.js';
import { DEFAULT_DISTRIBUTOR_SETTINGS } from '../../src/actors/distributor/settings.js';
import type { IngesterActor } from '../../src/actors/ingester/actor.js';
import { Querier } from '../../src/actors/querier/actor.js';
import { DEFAULT_QUERIER_TIMES } from '../../src/actors/querier/settings.js';
import type { Router } from '../../src/actors/runtime/router.js';
import { Scheduler } from '../../src/actors/scheduler/actor.js';
import { DEFAULT_SCHEDULER_TIMES } from '../../src/actors/scheduler/settings.js';
import { Worker } from '../../src/actors/worker/actor.js';
import { DEFAULT_WORKER_TIMES } from '../../src/actors/worker/settings.js';
import { BATCH_SIZES } from '../../src/execution/batch/sizes.js';
import { InlinePool } from '../../src/execution/pool-inline.js';
import type { Bucket } from '../../src/storage/bucket/bucket.js';
import { ObjectCache } from '../../src/storage/dataobj/object-cache.js';
import type { Disk } from '../../src/storage/disk.js';
import type { PartitionStream } from '../../src/storage/jetstream/types.js';
import { MetastoreCatalog } from '../../src/storage/metastore/catalog.js';
import type { Metastore } from '../../src/storage/metastore/metastore.js';
import { WINDOW_NS } from '../../src/storage/metastore/window.js';
import { address } from '../../src/wire/address.js';
import { logWriters, startIngester, startPartitions } from './ingester-role.js';
import type { SimJetStream } from './jetstream.js';
import { LIMITS } from './limits.js';
import type { SimProcess } from './process.js';
import type { Shape } from './swarm.js';
import type { ClusterView } from './view.js';

export type Role = 'ingester' | 'distributor' | 'querier' | 'worker';

/** So small that a few hundred lines make several. */
const BATCHES = { ...BATCH_SIZES, fetchBytes: 1000, retainedBytes: 1000 };

export interface Parts {
  readonly shape: Shape;
  readonly process: SimProcess;
  readonly router: Router;
  readonly view: ClusterView;
  readonly bucket: Bucket;
  readonly metastore: Metastore;
  /** Ingesters only. */
  readonly disk: Disk;
  /** Undefined where ingesters have logs of their own. */
  readonly log: SimJetStream | undefined;
  /** A partition's log as this process sees it. */
  readonly stream: (stream: PartitionStream) => PartitionStream;
  readonly onReady: () => void;
}

/** What the checks look at, and how it all ends. */
export interface Running {
  /** Of what must be nothing when nothing is going on, whatever is not. */
  busy(): Record<string, number>;
  /** What must never be much more than it may be. */
  bounds?(): readonly (readonly [what: string, value: number, max: number])[];
  /** Whether acknowledged entries may be missing in its log. */
  isDoubtful?(): boolean;
  /** Resolves when the process may exit. */
  stop(): Promise<void>;
  readonly ingester?: IngesterActor;
}

export function startRole(role: Role, parts: Parts): Running {
  switch (role) {
    case 'ingester':
      return parts.log ? startPartitions(parts, parts.log) : startIngester(parts);
    case 'distributor':
      return startDistributor(parts);
    case 'querier':
      return startQuerier(parts);
    case 'worker':
      return startWorker(parts);
  }
}

function startDistributor(parts: Parts): Running {
  const { shape, process, router, view, log, onReady } = parts;
  const distributor = new Distributor(
    address('distributor', process.name),
    {
      ...{ router, clock: process, self: `${process.name}/${process.ulid()}`, ring: view, limits: () => LIMITS },
      ingesterAddress: log ? logWriters(parts, log) : (owner) => address('ingester', owner),
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
    { sizes: BATCHES },
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
