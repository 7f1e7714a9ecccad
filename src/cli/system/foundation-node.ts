/** What stands before there is any actor: a name, a bucket, threads and, in a cluster, the way to the others. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataFolder } from '../../actors/ingester/data-folder-node.js';
import { NodeClock, NodeRandom } from '../../actors/runtime/clock-node.js';
import { LocalRouter } from '../../actors/runtime/router-local.js';
import { NatsRouter } from '../../actors/runtime/router-nats.js';
import { PiscinaPool, type ThreadPool } from '../../execution/pool-piscina.js';
import type { ObjectsPlace } from '../../execution/thread-port.js';
import type { Bucket } from '../../storage/bucket/bucket.js';
import { bucketPlace, openBucket } from '../../storage/bucket/open-node.js';
import { IndexWarmer } from '../../storage/metastore/index-warmer.js';
import { DEFAULT_METASTORE_SETTINGS, Metastore } from '../../storage/metastore/metastore.js';
import type { TenantLimits } from '../../wire/limits.js';
import type { InstanceState } from '../../wire/membership.js';
import type { Settings } from '../config.js';
import type { Logger } from '../log-node.js';
import type { Component } from '../roles.js';
import { connectNats } from './connection-nats.js';
import type { SystemContext } from './context.js';
import { ClusterMember, type Self } from './membership-nats.js';
import { Peers } from './peers.js';

export interface Foundation {
  readonly context: SystemContext;
  /** Undefined without an ingester: nobody else keeps anything there. */
  readonly folder: string | undefined;
  readonly replicationFactor: number;
  /** Undefined in a process that is alone. */
  readonly member: ClusterMember | undefined;
  /** Tells everybody, this process included. */
  become(state: InstanceState): void;
  readonly pool: ThreadPool;
  /** Ends whatever would keep the process alive. */
  release(): Promise<void>;
}

export interface Surroundings {
  readonly settings: Settings;
  readonly components: ReadonlySet<Component>;
  /** Where others reach the HTTP of this process. */
  readonly httpAddress: string;
  readonly threads: number;
  /** Threads of another system in this process, which are used instead of own ones. */
  readonly lentThreads?: ThreadPool;
  readonly log: Logger;
  readonly limits: (tenant: string) => TenantLimits;
  /** Aborts when the process is to end, whatever it waits for. */
  readonly stopping: AbortSignal;
  /** Told what the start waits for. */
  readonly isAt: (what: string) => void;
}

/** Indexes opened before anybody has asked: a quarter of what the metastore keeps. */
const WARMED_BYTES = 64 << 20;
/** An index takes a few milliseconds to open: so others have most of the time. */
const WARMER_PAUSE_MS = 20;
/** Memory of each thread for opened objects: the indexes of about 6 GB of lines and metadata. */
const THREAD_CACHE_BYTES = 128 << 20;
/** And for pages that rows were picked out of: about a hundred. */
const THREAD_PAGE_CACHE_BYTES = 16 << 20;
const REHEARSED = { ...DEFAULT_METASTORE_SETTINGS, pageCacheBytes: 0 };

/** Throws a CommandError, DataFolderInUse, DataFolderOfAnother or, for the bucket, a FaultError. */
export async function layFoundation(surroundings: Surroundings): Promise<Foundation> {
  const { settings, components, log, limits } = surroundings;
  const place = bucketPlace(settings.storage.bucket || join(settings.storage.directory, 'bucket'), keysOf(settings));
  // A bucket in the data folder is on the log's disk, and what hangs that hangs pushes anyway.
  const bucket = await openBucket(place, settings.storage.bucket === '');
  const given = settings.cluster.instance_name || undefined;
  const folder = components.has('ingester') ? await DataFolder.open(settings.storage.directory, given) : undefined;
  const [clock, random] = [new NodeClock(), new NodeRandom()];
  const name = folder?.instance ?? given ?? `${hostname()}-${random.ulid().toLowerCase()}`;
  const isAlone = settings.nats.servers === '';
  const { log: kind, jetstream } = settings.ingest;
  // JetStream keeps the copies itself.
  const replicationFactor = isAlone || kind === 'jetstream' ? 1 : settings.cluster.replication_factor;
  const peers = new Peers(replicationFactor, kind === 'jetstream' ? jetstream.partitions : 0);
  const self = selfOf(surroundings, name);
  const local = new LocalRouter({ clock, onTrouble: (what, at, detail) => log.error({ at, detail }, what) });
  const member = isAlone ? undefined : await joinCluster(surroundings, self, { clock, random, peers, local });
  // Who rehearses unpacks pages as often as it can.
  const rehearses = surroundings.lentThreads !== undefined;
  const pageCacheBytesMax = rehearses ? 0 : THREAD_PAGE_CACHE_BYTES;
  const pool = poolOver({ bucket: place, cacheBytesMax: THREAD_CACHE_BYTES, pageCacheBytesMax }, surroundings);
  const metastore = new Metastore(bucket, rehearses ? REHEARSED : DEFAULT_METASTORE_SETTINGS);
  const warmer = components.has('querier') ? warmerOf(bucket, metastore) : undefined;
  const registeredMs = Number(clock.now() / 1_000_000n);
  return {
    context: {
      ...{ settings, name, log, limits, clock, random, peers, bucket, pool },
      router: member?.router ?? local,
      nats: member?.connection,
      ...{ metastore, warmer },
    },
    folder: folder?.path,
    ...{ replicationFactor, member, pool },
    become: (state) => {
      if (member) return member.become(state);
      const { name: _, ...said } = self;
      peers.update([{ name, incarnation: 0, status: 'alive', details: { ...said, registeredMs, state } }]);
    },
    release: async () => {
      warmer?.close();
      await pool.close();
      await member?.close();
      await folder?.close();
    },
  };
}

function poolOver(objects: ObjectsPlace, { threads, lentThreads, log }: Surroundings): ThreadPool {
  if (lentThreads) return lentThreads.over(objects);
  return new PiscinaPool(threads, objects, (error) => log.error({ error }, 'a worker thread died'));
}

function warmerOf(bucket: Bucket, metastore: Metastore): IndexWarmer {
  const pause = (): Promise<void> => sleep(WARMER_PAUSE_MS, undefined, { ref: false });
  return new IndexWarmer({ bucket, metastore, pause, bytesMax: WARMED_BYTES });
}

function selfOf({ settings, components, httpAddress }: Surroundings, name: string): Self {
  const roles = [...components, ...(components.has('querier') ? ['tailer'] : [])];
  return { name, roles, zone: settings.cluster.zone, address: httpAddress };
}

interface Joining {
  readonly clock: NodeClock;
  readonly random: NodeRandom;
  readonly peers: Peers;
  readonly local: LocalRouter;
}

async function joinCluster(surroundings: Surroundings, self: Self, joining: Joining): Promise<ClusterMember> {
  const { settings, log } = surroundings;
  const { clock, random, peers, local } = joining;
  const connection = await connectNats(settings, self.name, surroundings);
  const router = new NatsRouter(connection, local, {
    cluster: settings.cluster.name,
    process: `${self.name}.${random.ulid()}`,
    clock,
    onTrouble: (what, at, detail) => log.error({ at, detail }, what),
  });
  return new ClusterMember(connection, router, { clock, random, peers }, self, settings.cluster);
}

function keysOf({ storage: { s3 } }: Settings) {
  if (s3.access_key_id === '') return undefined;
  return { accessKeyId: s3.access_key_id, secretAccessKey: s3.secret_access_key };
}
