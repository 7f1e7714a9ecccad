import { describe, expect, it } from 'vitest';
import { statsOf } from './index-stats.js';

const HOUR = 3_600_000_000_000n;
const range = { start: 0n, end: 4n * HOUR };

describe('index stats', () => {
  it('of nothing are zeros', () => {
    expect(statsOf([], range)).toEqual({ streams: 0, chunks: 0, bytes: 0, entries: 0 });
  });

  it('add up parts, and count a stream once for each hour it reaches', () => {
    const first = { minTime: HOUR / 2n, maxTime: HOUR, rows: 10, bytes: 100 };
    const second = { minTime: 3n * HOUR, maxTime: 3n * HOUR, rows: 1, bytes: 7 };
    const streams = [
      { labels: [], parts: [second, first] },
      { labels: [], parts: [first] },
    ];
    expect(statsOf(streams, range)).toEqual({ streams: 4 + 2, chunks: 3, bytes: 207, entries: 21 });
  });

  it('take of a part what lies in the range', () => {
    const part = { minTime: 0n, maxTime: 10n * HOUR, rows: 1000, bytes: 50_000 };
    expect(statsOf([{ labels: [], parts: [part] }], { start: HOUR, end: 2n * HOUR })).toEqual({
      ...{ streams: 1, chunks: 1, bytes: 5000, entries: 100 },
    });
  });
});
