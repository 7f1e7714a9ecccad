/** What makes the engine trustworthy: thousands of random queries that a naive evaluator answers alike. */
import { expect, it } from 'vitest';
import { checkRandomQueries, countsText } from './check.js';

/** The same in every run, so that a failure is no surprise; `npm run oracle` tries others. */
const SEED = 20_261_101;
const DATA_SETS = 256;
/** Asked three times each. */
const QUERIES_EACH = 8;
/** All but the few that are not compared. */
const AGREEING = 5000;

it('random queries over random data in random places have the answers of the oracle', async () => {
  const counts = await checkRandomQueries({ seed: SEED, dataSets: DATA_SETS, queriesEach: QUERIES_EACH });
  console.log(`oracle, seed ${SEED}: ${countsText(counts)}`);
  expect(counts.agreed).toBeGreaterThanOrEqual(AGREEING);
  expect(counts.cacheHits).toBeGreaterThan(counts.queries / 4);
  expect(counts.empty).toBeLessThan(counts.queries / 2);
}, 600_000);
