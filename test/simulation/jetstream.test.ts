import { describe, expect, it } from 'vitest';
import { simulate } from './simulate.js';
import { FAIR } from './swarm.js';
import { failureText, Sweep } from './sweep.js';

const SEEDS = 40;
/** Found a bug once. */
const FOUND = [619];
const FAIR_SEEDS = 8;
const TIMEOUT_MS = 300_000;
const ROOMY = { log: 'jetstream', shape: { resend: 0, memoryBytesMax: 1 << 24 } } as const;

describe('a cluster with its log in JetStream', () => {
  it(
    'loses nothing that NATS did not lose, shows nothing twice, and comes to rest',
    async () => {
      const all = new Sweep();
      for (let seed = 1; seed <= SEEDS; seed++) await all.add(seed, { log: 'jetstream' });
      for (const seed of FOUND) await all.add(seed, { log: 'jetstream' });
      process.stdout.write(`cluster with JetStream in storms: ${all.summary()}\n`);
      expect(all.failures.map(failureText).join('\n\n')).toBe('');
      const { sent, acknowledged } = all.totals;
      expect(acknowledged).toBeGreaterThan(0.9 * sent);
      const kinds = ['crash', 'restart', 'cut', 'NATS stopped', 'NATS without power', 'records lost', 'message lost'];
      expect(kinds.filter((kind) => !all.faults[kind])).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'acknowledges and stores every line once in fair weather, and answers every query',
    async () => {
      for (let seed = 1; seed <= FAIR_SEEDS; seed++) {
        const outcome = await simulate(seed, { ...ROOMY, weather: FAIR });
        expect(outcome.failure).toBeUndefined();
        expect([outcome.acknowledged, outcome.stored]).toEqual([outcome.sent, outcome.sent]);
        expect(outcome.tally).toMatchObject({ retries: 0, failedQueries: 0 });
      }
    },
    TIMEOUT_MS,
  );

  it(
    'may be restarted process by process: lines are stored once, but for few',
    async () => {
      let [stored, found] = [0, 0];
      for (let seed = 1; seed <= FAIR_SEEDS; seed++) {
        const outcome = await simulate(seed, { ...ROOMY, weather: { ...FAIR, restart: 0.3 } });
        expect(outcome.failure).toBeUndefined();
        stored += outcome.stored;
        found += outcome.found;
      }
      expect(stored / found).toBeLessThan(1.1);
    },
    TIMEOUT_MS,
  );
});
