import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteCache } from './byte-cache.js';
import { type ByteRun, byteRun } from './byte-copy.js';

/** The text somewhere in a larger buffer. */
function run(text: string, before = 3): { from: ByteRun; start: number; end: number } {
  const bytes = Buffer.from(text);
  const room = new Uint8Array(before + bytes.length + 5).fill(0x41);
  room.set(bytes, before);
  return { from: byteRun(room), start: before, end: before + bytes.length };
}

function get<T>(cache: ByteCache<T>, text: string): T | undefined {
  const { from, start, end } = run(text, text.length % 7);
  return cache.get(from.view, start, end);
}

function put<T>(cache: ByteCache<T>, text: string, value: T): void {
  const { from, start, end } = run(text);
  cache.put(from, start, end, value);
}

describe('a byte cache', () => {
  it('finds what was put, whatever the length', () => {
    const cache = new ByteCache<number>(64, 1 << 16);
    const keys = Array.from({ length: 20 }, (_, length) => 'k'.repeat(length));
    for (const [i, key] of keys.entries()) put(cache, key, i);
    expect(keys.map((key) => get(cache, key))).toEqual(keys.map((_, i) => i));
    expect(get(cache, 'k'.repeat(20))).toBeUndefined();
  });

  it('never finds another key', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[ab]{0,12}$/)), fc.stringMatching(/^[ab]{0,12}$/), (keys, asked) => {
        const cache = new ByteCache<string>(8, 200);
        for (const key of keys) put(cache, key, key);
        expect([undefined, asked]).toContain(get(cache, asked));
      }),
    );
  });

  it('forgets rather than grows', () => {
    const cache = new ByteCache<number>(16, 1000);
    for (let i = 0; i < 10_000; i++) put(cache, `key number ${i}`, i);
    const found = Array.from({ length: 10_000 }, (_, i) => get(cache, `key number ${i}`)).filter(
      (v) => v !== undefined,
    );
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThanOrEqual(16);
  });

  it('comes to hold many keys that are asked for again and again', () => {
    const cache = new ByteCache<number>(1024, 1 << 20);
    const keys = Array.from({ length: 300 }, (_, i) => `{pod="pod-${i * 7919}"}`);
    for (let round = 0; round < 10; round++) {
      for (const [i, key] of keys.entries()) if (get(cache, key) === undefined) put(cache, key, i);
    }
    expect(keys.filter((key, i) => get(cache, key) === i).length).toBeGreaterThan(280);
  });

  it('does not remember keys that would take its room alone', () => {
    const cache = new ByteCache<number>(16, 800);
    put(cache, 'small', 1);
    put(cache, 'x'.repeat(101), 2);
    expect(get(cache, 'x'.repeat(101))).toBeUndefined();
    expect(get(cache, 'small')).toBe(1);
  });

  it('is empty after being cleared', () => {
    const cache = new ByteCache<number>(16, 800);
    put(cache, 'a', 1);
    cache.clear();
    expect(get(cache, 'a')).toBeUndefined();
  });
});
