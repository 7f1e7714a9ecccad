/** The seeds of `npm test`, spread over files, since each file has a core. */
import { describe, expect, it } from 'vitest';
import { failureText, Sweep } from './sweep.js';

const SEEDS = Number(process.env.SIM_SEEDS ?? 500);
const FILES = 4;
const PARTS = 5;
const TIMEOUT_MS = 300_000;
/** What clients send again, or two own in a storm, is stored twice. */
const STORED_MAX = 1.6;
const KINDS = [
  ...['crash', 'restart', 'pause', 'cut', 'one-way cut', 'NATS stopped', 'clock step', 'disk lost', 'bit rot'],
  ...['disk full', 'disk error', 'disk slow', 'bucket down', 'message lost', 'message doubled'],
];

/** Part `file` of all seeds. */
export function testCluster(file: number): void {
  describe(`a cluster in storms, part ${file + 1} of ${FILES}`, () => {
    const all = new Sweep();
    const step = FILES * PARTS;

    it.each(Array.from({ length: PARTS }, (_, part) => part))(
      'loses nothing, doubles nothing, and comes to rest (%i)',
      async (part) => {
        const before = all.failures.length;
        for (let seed = 1 + file * PARTS + part; seed <= SEEDS; seed += step) await all.add(seed);
        expect(all.failures.slice(before).map(failureText).join('\n\n')).toBe('');
      },
      TIMEOUT_MS,
    );

    it('was in storms, and worked nevertheless', () => {
      process.stdout.write(`cluster in storms: ${all.summary()}\n`);
      const { sent, acknowledged } = all.totals;
      expect(acknowledged).toBeGreaterThan(0.9 * sent);
      const { queries = 0, failedQueries = 0 } = all.clients;
      expect(queries).toBeGreaterThan(2 * failedQueries);
      expect(all.storedRatio).toBeLessThan(STORED_MAX);
      expect(KINDS.filter((kind) => !all.faults[kind])).toEqual([]);
    });
  });
}
