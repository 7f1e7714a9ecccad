import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fullBucket, refill, take } from './rate-limit.js';

describe('a token bucket', () => {
  it('gives its burst at once and then its rate', () => {
    const empty = take(fullBucket(100, 0), 10, 100, 0, 100);
    expect(empty).toEqual({ tokens: 0, atMs: 0 });
    expect(take(empty!, 10, 100, 99, 1)).toBeNull();
    expect(take(empty!, 10, 100, 100, 1)).toEqual({ tokens: 0, atMs: 100 });
  });

  it('gives everything asked for or nothing', () => {
    expect(take({ tokens: 5, atMs: 0 }, 10, 100, 0, 6)).toBeNull();
    expect(take({ tokens: 5, atMs: 0 }, 10, 100, 0, 5)).toEqual({ tokens: 0, atMs: 0 });
  });

  it('never gives more than its burst', () => {
    expect(take(fullBucket(100, 0), 1e9, 100, 1e9, 101)).toBeNull();
  });

  it('gives nothing for a clock that goes back', () => {
    expect(refill({ tokens: 5, atMs: 1000 }, 10, 100, 0)).toEqual({ tokens: 5, atMs: 1000 });
  });

  it('shrinks with its burst', () => {
    expect(refill(fullBucket(100, 0), 10, 20, 0).tokens).toBe(20);
  });

  it('never gives more than burst and rate together over any time', () => {
    const asks = fc.array(fc.tuple(fc.nat(500), fc.nat(200)), { minLength: 1 });
    fc.assert(
      fc.property(asks, (list) => {
        let bucket = fullBucket(100, 0);
        let now = 0;
        let given = 0;
        for (const [wait, amount] of list) {
          now += wait;
          const left = take(bucket, 50, 100, now, amount);
          if (left === null) continue;
          bucket = left;
          given += amount;
        }
        expect(given).toBeLessThanOrEqual(100 + (now * 50) / 1000 + 1e-6);
      }),
    );
  });
});
