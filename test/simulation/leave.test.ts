import { expect, it } from 'vitest';
import type { Host } from './cluster.js';
import { allKnown, ask, push, working } from './working.js';

const SEEDS = 10;
/** Until all know of a death, and forget who died. */
const KNOWN_MS = 30_000;
const FORGOTTEN_MS = 90_000;

it('what was acknowledged survives that an owner loses its disk and the only other that has it leaves for good', async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const run = await working(seed);
    const { world, cluster } = run;
    const [lost, leaving, away] = cluster.of('ingester') as [Host, Host, Host];
    cluster.kill(away);
    await world.run(KNOWN_MS);
    await push(run);
    cluster.kill(lost);
    // Less than it takes until what a dead owner had is taken over.
    await world.run(KNOWN_MS - 10_000);
    void cluster.stop(leaving);
    await world.run(60_000, () => leaving.life === undefined);
    for (const host of [lost, leaving]) cluster.replace(host);
    for (const host of [lost, leaving, away]) cluster.start(host);
    await allKnown(run);
    await world.run(FORGOTTEN_MS);
    for (let queries = 0; queries < 5; queries++) expect(await ask(run)).toBe('answered');
  }
}, 120_000);
