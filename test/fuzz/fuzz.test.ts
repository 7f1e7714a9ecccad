import { expect, it } from 'vitest';
import { jobsFor } from './jobs.js';
import { fuzz } from './run.js';
import { TARGETS } from './targets/all.js';

const INPUTS = 25_000;
const SEED = 20_261_101;

it('nothing that reads bytes from outside throws what it does not document, hangs or grows', {
  timeout: 300_000,
}, async () => {
  const { reports, failures } = await fuzz(jobsFor(TARGETS, INPUTS), SEED);
  expect(failures).toEqual([]);
  expect(reports.map(({ target }) => target)).toEqual(TARGETS.map(({ name }) => name));
  // Some of what is tried gets through, or only the first check of each target would be tried.
  for (const { target, accepted } of reports) expect(accepted, target).toBeGreaterThan(0);
});
