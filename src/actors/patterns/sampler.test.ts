import { describe, expect, it } from 'vitest';
import { Sampler } from './sampler.js';

describe('a sampler', () => {
  it('takes every line as long as the budget lasts', () => {
    const sampler = new Sampler(1000);
    expect([sampler.stride(3600, 0), sampler.stride(400, 0)]).toEqual([1, 1]);
    expect(sampler.stride(1000, 0)).toBeGreaterThan(1);
    expect(sampler.stride(1000, 2000)).toBe(1);
  });

  it('takes so many lines of what is above it that the bytes read are those of the budget', () => {
    const sampler = new Sampler(10_000);
    let read = 0;
    for (let ms = 0; ms < 60_000; ms += 10) read += 1000 / sampler.stride(1000, ms);
    expect(read).toBeGreaterThan(0.5 * 600_000);
    expect(read).toBeLessThan(1.1 * 640_000);
  });

  it('still takes some when there is no budget at all', () => {
    expect(new Sampler(0).stride(1_000_000, 0)).toBe(64);
  });

  it('takes fewer lines after other work was charged', () => {
    const sampler = new Sampler(1000);
    sampler.stride(1, 0);
    sampler.charge(1e9);
    expect(sampler.stride(1000, 0)).toBe(64);
    expect(sampler.stride(1000, 4000)).toBe(1);
  });

  it('counts lines from batch to batch', () => {
    const sampler = new Sampler(0);
    const taken: number[] = [];
    let start = 0;
    for (const count of [2, 1, 5, 7, 0, 3]) {
      for (let row = sampler.first(count, 3); row < count; row += 3) taken.push(start + row);
      start += count;
    }
    expect(taken).toEqual([0, 3, 6, 9, 12, 15]);
  });
});
