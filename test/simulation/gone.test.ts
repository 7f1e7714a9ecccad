import { expect, it } from 'vitest';
import { SeededRandom } from '../support/random.js';
import { disagreement } from './checks.js';
import { Clients } from './clients.js';
import { Cluster } from './cluster.js';
import { History } from './history.js';
import { drawShape } from './swarm.js';
import { World } from './world.js';

const SEEDS = 10;
const START_MS = 61_000;
/** Twice as long as the dead are remembered of whom nobody misses anything. */
const GONE_MS = 120_000;

/** A cluster that works, with lines in memory. */
async function working(seed: number): Promise<{ world: World; cluster: Cluster; clients: Clients }> {
  const world = new World(seed);
  const shape = { ...drawShape(new SeededRandom(seed, 1000)), ingesters: 3, queriers: 1, flushBytes: 1 << 20 };
  const cluster = new Cluster(world, shape, 0, {});
  const clients = new Clients(cluster, new History());
  for (const host of cluster.hosts) cluster.start(host);
  await world.run(START_MS, () => disagreement(cluster) === undefined);
  clients.start();
  await world.run(7000);
  clients.stop();
  await world.run(30_000, () => clients.open === 0);
  return { world, cluster, clients };
}

/** `Clients` hold every answer against what was acknowledged, so one that lacks lines without a word fails the run. */
async function ask({ world, clients }: Awaited<ReturnType<typeof working>>): Promise<'answered' | 'failed'> {
  const { failedQueries } = clients.tally;
  void clients.query();
  await world.run(60_000, () => clients.open === 0);
  return clients.tally.failedQueries > failedQueries ? 'failed' : 'answered';
}

it('a query without a majority of the ingesters fails for as long as they are gone, also at a querier that never knew them', async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const run = await working(seed);
    const { world, cluster } = run;
    const [querier, gone] = [cluster.of('querier')[0]!, cluster.of('ingester').slice(1)];
    for (const host of gone) cluster.kill(host);
    const outcomes = new Set<string>();
    for (const endMs = world.nowMs + GONE_MS; world.nowMs < endMs; ) {
      outcomes.add(await ask(run));
      await world.run(5000);
    }
    cluster.kill(querier);
    cluster.start(querier);
    await world.run(40_000);
    outcomes.add(await ask(run));
    expect([...outcomes]).toEqual(['failed']);

    for (const host of gone) cluster.start(host);
    await world.run(START_MS, () => disagreement(cluster) === undefined);
    await world.run(5000);
    expect(await ask(run)).toBe('answered');
  }
}, 120_000);
