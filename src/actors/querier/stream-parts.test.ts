import { describe, expect, it } from 'vitest';
import { type StreamPart, shareOf } from './stream-parts.js';

const part = (minTime: bigint, maxTime: bigint): StreamPart => ({ minTime, maxTime, rows: 10, bytes: 100 });

describe('the share of a part in a range', () => {
  it.each([
    ['a part inside counts whole', 10n, 20n, 10n, 21n, 1],
    ['a part that begins before counts by the time inside', 0n, 100n, 75n, 200n, 0.25],
    ['a part that ends after counts by the time inside', 0n, 100n, -50n, 25n, 0.25],
    ['a part around the range counts by the range', 0n, 100n, 10n, 30n, 0.2],
    ['a single entry at the start is inside', 5n, 5n, 5n, 6n, 1],
    ['a last entry at the start is next to nothing', 0n, 5n, 5n, 10n, 0],
  ])('%s', (_, min, max, start, end, share) => {
    expect(shareOf(part(min, max), { start, end })).toBe(share);
  });

  it.each([
    ['ends before it', 0n, 9n],
    ['begins at its end', 20n, 30n],
    ['is a single entry at its end', 20n, 20n],
  ])('there is none when the part %s', (_, min, max) => {
    expect(shareOf(part(min, max), { start: 10n, end: 20n })).toBeUndefined();
  });

  it('adjoining ranges share a part without rest', () => {
    const whole = part(7n, 1007n);
    const shares = [0n, 250n, 500n, 750n, 1000n].map((start) => shareOf(whole, { start, end: start + 250n })!);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });
});
