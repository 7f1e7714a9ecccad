import { describe, expect, it } from 'vitest';
import type { Cacheable } from './cacheable.js';
import { type CachedResult, ResultCache } from './result-cache.js';

const result = (bytes = 0, start = 0n, end = 100n): CachedResult => ({
  covers: { start, end },
  origin: 0n,
  frames: bytes > 0 ? [new Uint8Array(bytes)] : [],
});
const asked = (key: string, start = 0n, end = 100n): Cacheable => ({ key, needs: { start, end }, windows: undefined });

describe('the cache of results', () => {
  it('has what covers at least what is needed', () => {
    const cache = new ResultCache(100_000);
    expect(cache.find(asked('a'))).toBeUndefined();
    const kept = result(10);
    expect(cache.keep('a', kept)).toBe(true);
    expect(cache.find(asked('a'))).toBe(kept);
    expect(cache.find(asked('a', 50n, 60n))).toBe(kept);
    expect(cache.find(asked('a', -1n, 60n))).toBeUndefined();
    expect(cache.find(asked('a', 50n, 101n))).toBeUndefined();
    expect(cache.counts()).toMatchObject({ hits: 2, misses: 3, stored: 1, entries: 1 });
  });

  it('gives one window its state only when it covers exactly as much', () => {
    const cache = new ResultCache(100_000);
    cache.keep('a', result());
    const windows = { stepNs: 0 } as Cacheable['windows'];
    expect(cache.find({ ...asked('a'), windows })).toBeDefined();
    expect(cache.find({ ...asked('a', 50n, 60n), windows })).toBeUndefined();
  });

  it('never holds more bytes than it may, and throws out what was used longest ago', () => {
    const cache = new ResultCache(16_000);
    for (const key of ['a', 'b', 'c']) cache.keep(key, result(500));
    cache.find(asked('a'));
    for (let i = 0; cache.counts().evicted === 0; i++) cache.keep(`more ${i}`, result(500));
    expect(cache.counts().bytes).toBeLessThanOrEqual(16_000);
    expect(cache.find(asked('b'))).toBeUndefined();
    expect(cache.find(asked('a'))).toBeDefined();
  });

  it('does not take what is large against the whole', () => {
    const cache = new ResultCache(16_000);
    expect(cache.keep('a', result(cache.resultBytesMax))).toBe(true);
    expect(cache.keep('b', result(cache.resultBytesMax + 1))).toBe(false);
    expect(cache.counts()).toMatchObject({ entries: 1, stored: 1 });
  });

  it('counts bytes once when a result takes the place of another', () => {
    const cache = new ResultCache(100_000);
    cache.keep('a', result(1000));
    const { bytes } = cache.counts();
    cache.keep('a', result(1000, -50n));
    expect(cache.counts().bytes).toBe(bytes);
    expect(cache.find(asked('a', -10n))).toBeDefined();
  });

  it('of no size keeps nothing', () => {
    const cache = new ResultCache(0);
    expect(cache.keep('a', result())).toBe(false);
    expect(cache.find(asked('a'))).toBeUndefined();
  });
});
