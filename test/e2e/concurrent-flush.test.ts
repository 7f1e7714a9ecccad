import { describe, expect, it } from 'vitest';
import { BASE, type LokiClient } from '../support/client.js';
import { startServer } from '../support/server.js';

const BATCH_LINES = 25;
const DURATION_MS = 5000;

interface Progress {
  begun: number;
  acknowledged: number;
}

async function write(client: LokiClient, progress: Progress, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const first = progress.begun;
    progress.begun += BATCH_LINES;
    const entries = Array.from({ length: BATCH_LINES }, (_, i) => ({
      time: BASE + BigInt(first + i) * 1_000_000n,
      line: `line ${first + i}`,
    }));
    // Streams come and go, so that a flush may take some and leave others.
    await client.push([{ labels: { app: 'moving', part: String((first / BATCH_LINES) % 5) }, entries }]);
    progress.acknowledged += BATCH_LINES;
  }
}

describe('flushing while queries run', () => {
  it('neither loses nor doubles an entry', async () => {
    const { client } = await startServer({
      settings: ['ingester.flush_bytes=1MB', 'ingester.flush_check_period=50ms'],
    });
    const progress: Progress = { begun: 0, acknowledged: 0 };
    const end = performance.now() + DURATION_MS;
    const isOver = (): boolean => performance.now() > end;
    let flushes = 0;
    let counts = 0;
    let listings = 0;

    async function flushAgainAndAgain(): Promise<void> {
      for (; !isOver(); flushes++) await client.flush();
    }
    async function countAgainAndAgain(): Promise<void> {
      for (; !isOver(); counts++) {
        const atLeast = progress.acknowledged;
        const count = await client.count('{app="moving"}');
        expect(count, 'entries acknowledged before the question').toBeGreaterThanOrEqual(atLeast);
        expect(count, 'entries sent before the answer').toBeLessThanOrEqual(progress.begun);
      }
    }
    async function listAgainAndAgain(): Promise<void> {
      for (; !isOver(); listings++) {
        const atLeast = progress.acknowledged;
        const { entries } = await client.range('{app="moving"}', { limit: 1000 });
        expect(entries).toHaveLength(new Set(entries.map(({ line }) => line)).size);
        expect(entries.length).toBeGreaterThanOrEqual(Math.min(atLeast, 1000));
        const newest = BASE + BigInt(atLeast - 1) * 1_000_000n;
        if (atLeast > 0) expect(entries.some(({ time }) => time >= newest)).toBe(true);
      }
    }

    await Promise.all([
      write(client, progress, isOver),
      flushAgainAndAgain(),
      countAgainAndAgain(),
      listAgainAndAgain(),
    ]);
    expect(Math.min(flushes, counts, listings)).toBeGreaterThan(5);
    expect(progress.acknowledged).toBe(progress.begun);
    expect(await client.count('{app="moving"}')).toBe(progress.begun);
    const lines = (await client.all('{app="moving"}')).map(({ line }) => line);
    expect(lines).toEqual(Array.from({ length: progress.begun }, (_, i) => `line ${i}`));
  }, 60_000);
});
