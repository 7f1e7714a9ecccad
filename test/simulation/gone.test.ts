import { expect, it } from 'vitest';
import { allKnown, ask, working } from './working.js';

const SEEDS = 10;
/** Twice as long as the dead are remembered of whom nobody misses anything. */
const GONE_MS = 120_000;

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
    await allKnown(run);
    await world.run(5000);
    expect(await ask(run)).toBe('answered');
  }
}, 120_000);
