/** A cluster in which nothing goes wrong but what a test does. */
import { SeededRandom } from '../support/random.js';
import { disagreement } from './checks.js';
import { Clients } from './clients.js';
import { Cluster } from './cluster.js';
import { History } from './history.js';
import { drawShape } from './swarm.js';
import { World } from './world.js';

export const START_MS = 61_000;

export interface Working {
  readonly world: World;
  readonly cluster: Cluster;
  readonly clients: Clients;
}

/** With lines in memory. */
export async function working(seed: number): Promise<Working> {
  const world = new World(seed);
  const shape = { ...drawShape(new SeededRandom(seed, 1000)), ingesters: 3, queriers: 1, flushBytes: 1 << 20 };
  const cluster = new Cluster(world, shape, 0, {});
  const clients = new Clients(cluster, new History());
  for (const host of cluster.hosts) cluster.start(host);
  await allKnown({ world, cluster });
  await push({ world, clients });
  return { world, cluster, clients };
}

/** For some seconds, and all is acknowledged or given up. */
export async function push({ world, clients }: Pick<Working, 'world' | 'clients'>): Promise<void> {
  clients.start();
  await world.run(7000);
  clients.stop();
  await world.run(30_000, () => clients.open === 0);
}

export async function allKnown({ world, cluster }: Pick<Working, 'world' | 'cluster'>): Promise<void> {
  await world.run(START_MS, () => disagreement(cluster) === undefined);
}

/** `Clients` hold every answer against what was acknowledged, so one that lacks lines without a word fails the run. */
export async function ask({ world, clients }: Working): Promise<'answered' | 'failed'> {
  const { failedQueries } = clients.tally;
  void clients.query();
  await world.run(60_000, () => clients.open === 0);
  return clients.tally.failedQueries > failedQueries ? 'failed' : 'answered';
}
