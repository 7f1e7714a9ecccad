/** The composition root: builds the actors of a process, alone or as a part of a cluster, and hands out a client. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { IngesterActor } from '../../actors/ingester/actor.js';
import type { Scheduler } from '../../actors/scheduler/actor.js';
import type { Client } from '../../api/client.js';
import { ResultCache } from '../../execution/cache/result-cache.js';
import type { ThreadPool } from '../../execution/pool-piscina.js';
import type { Metrics } from '../metrics-node.js';
import { type Component, componentsOf } from '../roles.js';
import { routerClient } from '../router-client-node.js';
import { buildDistributor, buildPatterns, buildQuerier, buildScheduler, buildTailer, buildWorker } from './build.js';
import type { SystemContext } from './context.js';
import { type Foundation, layFoundation, type Surroundings } from './foundation-node.js';
import { openIngester, openPartitions } from './ingester-node.js';
import type { Partitions } from './partitions.js';
import type { Peers } from './peers.js';
import { readinessOf } from './readiness.js';
import { exposeMetrics } from './system-metrics-node.js';

export interface System {
  readonly client: Client;
  readonly peers: Peers;
  readonly threads: ThreadPool;
  /** Undefined in a process that is alone. */
  readonly silenceMs: ((name: string) => number | undefined) | undefined;
  /** Everybody forgets a member of the cluster that was given up. */
  forget(name: string): void;
  /** Reads the log of the ingester. Resolves when pushes and queries are welcome. */
  start(): Promise<void>;
  /** Tells the others to send nothing new here; resolves when they have heard it. */
  retire(): Promise<void>;
  /** Flushes memory to objects, stops threads. False when time ran out; the log keeps what is left. */
  close(timeoutMs: number): Promise<boolean>;
}

/** Opens the data folder, finds the others, and builds the actors. */
export async function openSystem(surroundings: Omit<Surroundings, 'components'>, metrics: Metrics): Promise<System> {
  const { settings, limits } = surroundings;
  const components = new Set(componentsOf(settings.roles));
  if (!settings.pattern_ingester.enabled) components.delete('patterns');
  const foundation = await layFoundation({ ...surroundings, components });
  const { context, member, replicationFactor, become, release } = foundation;
  const { name, router, peers } = context;
  // Alone there is nobody to wait for: requests are let in when this process is ready.
  if (!member) become('ACTIVE');
  const orRelease = <T>(work: Promise<T>): Promise<T> =>
    work.catch(async (error: unknown) => {
      await member?.leave();
      await release();
      throw error;
    });
  const actors = await orRelease(buildActors(foundation, components, metrics));
  return {
    peers,
    threads: foundation.pool,
    silenceMs: member && ((of) => member.silenceMs(of)),
    forget: (of) => member?.forget(of),
    client: {
      ...routerClient({ name, router, metrics, peers, limits }),
      readiness: () => readinessOf(components, peers, replicationFactor, member?.router),
    },
    start: async () => {
      if (actors.ingester) await orRelease(actors.ingester.start());
      if (member && actors.scheduler) await workersOf(actors.scheduler);
      member?.become('ACTIVE');
      context.warmer
        ?.start()
        .catch((error: unknown) => context.log.debug({ error }, 'indexes were not opened beforehand'));
    },
    retire: async () => {
      if (member) await member.retire();
      else become('LEAVING');
    },
    close: async (timeoutMs) => {
      for (const one of [actors.distributor, actors.tailer]) one?.close();
      const farewell = async (): Promise<void> => member?.leave();
      const drained = actors.ingester ? await actors.ingester.drain(timeoutMs, farewell) : true;
      if (!actors.ingester) await farewell();
      for (const one of [actors.patterns, actors.querier, actors.worker, actors.scheduler]) one?.close();
      await release();
      return drained;
    },
  };
}

/** Resolves when the workers that there are have found the scheduler: queries sent here before would be refused. */
async function workersOf(scheduler: Scheduler): Promise<void> {
  for (let waitedMs = 0; waitedMs < FOUND_MS && scheduler.observe().workers === 0; waitedMs += LOOK_MS) {
    await sleep(LOOK_MS);
  }
}

const FOUND_MS = 3_000;
const LOOK_MS = 25;

/** With JetStream the folder keeps nothing but the name. */
async function ingesterOf(context: SystemContext, folder: string): Promise<IngesterActor | Partitions> {
  return context.settings.ingest.log === 'jetstream' ? openPartitions(context) : openIngester(context, folder);
}

async function buildActors(
  { context, folder, replicationFactor, pool }: Foundation,
  components: ReadonlySet<Component>,
  metrics: Metrics,
) {
  const when = <T>(component: Component, build: (context: SystemContext) => T): T | undefined =>
    components.has(component) ? build(context) : undefined;
  const results = when('worker', ({ settings }) => new ResultCache(settings.query_engine.result_cache_size));
  const parts = {
    results,
    ingester: folder === undefined ? undefined : await ingesterOf(context, folder),
    scheduler: when('scheduler', buildScheduler),
    worker: results && buildWorker(context, results),
    querier: when('querier', buildQuerier),
    tailer: when('querier', buildTailer),
    patterns: when('patterns', buildPatterns),
  };
  const caches = { main: () => context.metastore.cacheCounts(), threads: () => pool.cacheCounts() };
  const counts = exposeMetrics(metrics, { ...parts, caches });
  const distributor = when('distributor', () => buildDistributor(context, replicationFactor, counts));
  return { ...parts, distributor };
}
