import { describe, expect, it } from 'vitest';
import { labelsOf } from '../../wire/labels.js';
import { shardsOf } from './shards.js';
import type { PartedStream } from './stream-parts.js';

const range = { start: 0n, end: 100n };
const streams: PartedStream[] = Array.from({ length: 400 }, (_, i) => ({
  labels: labelsOf({ app: 'x', pod: `pod-${i}` }),
  parts: [{ minTime: 1n, maxTime: 50n, rows: 2, bytes: 1000 }],
}));

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('shards', () => {
  it('are one for everything when that is no more than asked for', () => {
    expect(shardsOf(streams, range, 400_000)).toEqual([
      { min: 0n, max: 2n ** 64n - 1n, stats: { streams: 400, chunks: 400, bytes: 400_000, entries: 800 } },
    ]);
    expect(shardsOf([], range, 1)).toHaveLength(1);
  });

  it('are a power of two, cover all fingerprints without a gap, and hold all streams', () => {
    const shards = shardsOf(streams, range, 60_000);
    expect(shards).toHaveLength(8);
    expect(shards[0]!.min).toBe(0n);
    expect(shards.at(-1)!.max).toBe(2n ** 64n - 1n);
    for (let i = 1; i < shards.length; i++) expect(shards[i]!.min).toBe(shards[i - 1]!.max + 1n);
    expect(sum(shards.map(({ stats }) => stats.streams))).toBe(400);
    expect(sum(shards.map(({ stats }) => stats.bytes))).toBe(400_000);
  });

  it('are about equal', () => {
    for (const { stats } of shardsOf(streams, range, 60_000)) {
      expect(stats.streams).toBeGreaterThan(25);
      expect(stats.streams).toBeLessThan(80);
    }
  });

  it('are never more than a thousand or so', () => {
    expect(shardsOf(streams, range, 1)).toHaveLength(1024);
    expect(shardsOf(streams, range, Number.MIN_VALUE)).toHaveLength(1024);
  });

  it('stay the same when streams come in another order', () => {
    expect(shardsOf([...streams].reverse(), range, 60_000)).toEqual(shardsOf(streams, range, 60_000));
  });
});
