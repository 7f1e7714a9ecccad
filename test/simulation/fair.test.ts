import { describe, expect, it } from 'vitest';
import { type Outcome, simulate } from './simulate.js';
import { FAIR } from './swarm.js';

const SEEDS = 25;
const TIMEOUT_MS = 120_000;

async function outcomes(weather: Parameters<typeof simulate>[1]): Promise<Outcome[]> {
  const all: Outcome[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) all.push(await simulate(seed, weather));
  expect(all.flatMap(({ failure, seed }) => (failure === undefined ? [] : [`seed ${seed}: ${failure}`]))).toEqual([]);
  return all;
}

const sum = (all: readonly Outcome[], of: (one: Outcome) => number): number =>
  all.reduce((total, one) => total + of(one), 0);

describe('a cluster', () => {
  it(
    'stores every line once in fair weather, and refuses nobody',
    async () => {
      const all = await outcomes({ weather: FAIR, shape: { resend: 0, memoryBytesMax: 1 << 24 } });
      expect(sum(all, ({ stored }) => stored)).toBe(sum(all, ({ sent }) => sent));
      expect(sum(all, ({ acknowledged }) => acknowledged)).toBe(sum(all, ({ sent }) => sent));
      expect(sum(all, ({ tally }) => tally.retries + tally.failedQueries)).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'may be restarted process by process: pushes succeed when they are tried again, lines are stored once, but for few',
    async () => {
      const all = await outcomes({
        weather: { ...FAIR, restart: 0.3 },
        shape: { resend: 0, memoryBytesMax: 1 << 24 },
      });
      expect(sum(all, ({ faults }) => faults.restart ?? 0)).toBeGreaterThan(SEEDS);
      expect(sum(all, ({ tally }) => tally.givenUp)).toBe(0);
      expect(sum(all, ({ stored }) => stored) / sum(all, ({ found }) => found)).toBeLessThan(1.1);
    },
    TIMEOUT_MS,
  );
});
