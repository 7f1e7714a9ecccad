import { describe, expect, it } from 'vitest';
import { MUTANTS } from './mutants.js';
import { simulate } from './simulate.js';

const SEEDS_MAX = 60;

describe('a planted bug is found by the simulation', () => {
  it.each(MUTANTS)(
    'one that $bug',
    async ({ claim, bug: _, ...options }) => {
      const others: string[] = [];
      for (let seed = 1; seed <= SEEDS_MAX; seed++) {
        const { failure } = await simulate(seed, options);
        if (failure !== undefined && claim.test(failure)) return;
        if (failure !== undefined) others.push(`seed ${seed}: ${failure}`);
      }
      expect.fail(`not found in ${SEEDS_MAX} seeds; found instead: ${others.join('\n')}`);
    },
    120_000,
  );

  it('and without a bug nothing is found in the same storms', async () => {
    for (const { bug, claim: _, sabotage: __, ...options } of MUTANTS) {
      const { failure } = await simulate(1, options);
      expect(failure, `the storm for one that ${bug}`).toBeUndefined();
    }
  }, 120_000);
});
