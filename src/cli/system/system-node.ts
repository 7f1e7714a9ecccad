/** The composition root: builds the actors of a process, alone or as a part of a cluster, and hands out a client. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DataFolder } from '../../actors/ingester/data-folder-node.js';
import { NodeClock, NodeRandom } from '../../actors/runtime/clock-node.js';
import { LocalRouter } from '../../actors/runtime/router-local.js';
import { NatsRouter } from '../../actors/runtime/router-nats.js';
import type { Client } from '../../api/client.js';
import { ResultCache } from '../../execution/cache/result-cache.js';
import { PiscinaPool } from '../../execution/pool-piscina.js';
import { bucketPlace, openBucket } from '../../storage/bucket/open-node.js';
import { Metastore } from '../../storage/metastore/metastore.js';
import type { TenantLimits } from '../../wire/limits.js';
import type { InstanceState, MemberRecord } from '../../wire/membership.js';
import type { Settings } from '../config.js';
import type { Logger } from '../log-node.js';
import type { Metrics } from '../metrics-node.js';
import { type Component, componentsOf } from '../roles.js';
import { routerClient } from '../router-client-node.js';
import { buildDistributor, buildPatterns, buildQuerier, buildScheduler, buildTailer, buildWorker } from './build.js';
import type { SystemContext } from './context.js';
import { openIngester } from './ingester-node.js';
import { ClusterMember, connectNats, type Self } from './membership-nats.js';
import { Peers } from './peers.js';
import { readinessOf } from './readiness.js';
import { exposeMetrics } from './system-metrics-node.js';

export interface System {
  readonly client: Client;
  /** Name of this process among its peers; where there is an ingester, the same for as long as its data folder lives. */
  readonly instance: string;
  readonly peers: Peers;
  /** Undefined in a process that is alone. */
  readonly silenceMs: ((name: string) => number | undefined) | undefined;
  /** Reads the log of the ingester. Resolves when pushes and queries are welcome. */
  start(): Promise<void>;
  /** Tells the others to send nothing new here; resolves when they have heard it. */
  retire(): Promise<void>;
  /** Flushes memory to objects, stops threads. False when time ran out; the log keeps what is left. */
  close(timeoutMs: number): Promise<boolean>;
}

/** Memory of each thread for opened objects. */
const THREAD_CACHE_BYTES = 64 << 20;

/** Opens the data folder, finds the others, and builds the actors. `httpAddress` is where others reach this process. */
export async function openSystem(
  settings: Settings,
  httpAddress: string,
  threads: number,
  log: Logger,
  metrics: Metrics,
  limits: (tenant: string) => TenantLimits,
): Promise<System> {
  const components = new Set(componentsOf(settings.roles));
  if (!settings.pattern_ingester.enabled) components.delete('patterns');
  const isAlone = settings.nats.servers === '';
  const folder = components.has('ingester') ? await DataFolder.open(settings.storage.directory) : undefined;
  const random = new NodeRandom();
  const name = settings.cluster.instance_name || (folder?.instance ?? `${hostname()}-${random.ulid().toLowerCase()}`);
  const clock = new NodeClock();
  const replicationFactor = isAlone ? 1 : settings.cluster.replication_factor;
  const peers = new Peers(replicationFactor);
  const local = new LocalRouter({ clock, onTrouble: (what, at, detail) => log.error({ at, detail }, what) });
  const roles = [...components, ...(components.has('querier') ? ['tailer'] : [])];
  const self: Self = { name, roles, zone: settings.cluster.zone, address: httpAddress };
  const member = isAlone ? undefined : await joinCluster(settings, self, { clock, random, peers, local, log });
  const place = bucketPlace(settings.storage.bucket || join(settings.storage.directory, 'bucket'), keysOf(settings));
  const bucket = await openBucket(place);
  const context: SystemContext = {
    ...{ settings, name, log, limits, clock, random, peers, bucket },
    router: member?.router ?? local,
    metastore: new Metastore(bucket),
    pool: new PiscinaPool(threads, { bucket: place, cacheBytesMax: THREAD_CACHE_BYTES }, (error) =>
      log.error({ error }, 'a worker thread died'),
    ),
  };
  // Alone there is nobody to wait for: requests are let in when this function has returned.
  const startedMs = Number(clock.now() / 1_000_000n);
  const become = (state: InstanceState): void => {
    if (member) member.become(state);
    else peers.update([aloneAs(self, startedMs, state)]);
  };
  if (!member) become('ACTIVE');
  const actors = await buildActors(context, components, folder?.path, replicationFactor, metrics);
  return {
    instance: name,
    peers,
    silenceMs: member && ((of) => member.silenceMs(of)),
    start: async () => {
      await actors.ingester?.start();
      member?.become('ACTIVE');
    },
    client: {
      ...routerClient({ name, router: context.router, metrics, peers, limits }),
      readiness: () => readinessOf(components, peers, replicationFactor, member?.router),
    },
    retire: async () => {
      if (member) await member.retire();
      else become('LEAVING');
    },
    close: async (timeoutMs) => {
      for (const one of [actors.distributor, actors.tailer]) one?.close();
      const drained = (await actors.ingester?.drain(timeoutMs)) ?? true;
      for (const one of [actors.patterns, actors.querier, actors.worker, actors.scheduler]) one?.close();
      await context.pool.close();
      await member?.leave();
      await folder?.close();
      return drained;
    },
  };
}

interface Joining {
  readonly clock: NodeClock;
  readonly random: NodeRandom;
  readonly peers: Peers;
  readonly local: LocalRouter;
  readonly log: Logger;
}

async function joinCluster(settings: Settings, self: Self, joining: Joining): Promise<ClusterMember> {
  const { clock, random, peers, local, log } = joining;
  const connection = await connectNats(settings, self.name);
  const router = new NatsRouter(connection, local, {
    cluster: settings.cluster.name,
    process: `${self.name}.${random.ulid()}`,
    clock,
    onTrouble: (what, at, detail) => log.error({ at, detail }, what),
  });
  return new ClusterMember(connection, router, { clock, random, peers }, self);
}

/** The only member of a cluster of one. */
function aloneAs({ name, ...self }: Self, registeredMs: number, state: InstanceState): MemberRecord {
  return { name, incarnation: 0, status: 'alive', details: { ...self, registeredMs, state } };
}

function keysOf({ storage: { s3 } }: Settings) {
  if (s3.access_key_id === '') return undefined;
  return { accessKeyId: s3.access_key_id, secretAccessKey: s3.secret_access_key };
}

async function buildActors(
  context: SystemContext,
  components: ReadonlySet<Component>,
  folder: string | undefined,
  replicationFactor: number,
  metrics: Metrics,
) {
  const when = <T>(component: Component, build: (context: SystemContext) => T): T | undefined =>
    components.has(component) ? build(context) : undefined;
  const results = when('worker', ({ settings }) => new ResultCache(settings.query_engine.result_cache_size));
  const parts = {
    results,
    ingester: folder === undefined ? undefined : await openIngester(context, folder),
    scheduler: when('scheduler', buildScheduler),
    worker: results && buildWorker(context, results),
    querier: when('querier', buildQuerier),
    tailer: when('querier', buildTailer),
    patterns: when('patterns', buildPatterns),
  };
  const counts = exposeMetrics(metrics, parts);
  const distributor = when('distributor', () => buildDistributor(context, replicationFactor, counts));
  return { ...parts, distributor };
}
