import { expect, test } from 'vitest';
import { ByteLru } from './byte-lru.js';

test('what was used longest ago makes room, and looking at it is no use', () => {
  const lru = new ByteLru<string, number>(30);
  for (const [i, key] of ['a', 'b', 'c'].entries()) lru.put(key, i, 10);
  expect([lru.use('a'), lru.peek('b')]).toEqual([0, 1]);
  lru.put('d', 3, 10);
  expect(['a', 'b', 'c', 'd'].map((key) => lru.peek(key))).toEqual([0, undefined, 2, 3]);
  expect([lru.size, lru.bytes, lru.evicted]).toEqual([3, 30, 1]);
});

test('a key has one value, which counts once', () => {
  const lru = new ByteLru<string, number>(30);
  lru.put('a', 1, 20);
  lru.put('a', 2, 30);
  expect([lru.use('a'), lru.size, lru.bytes, lru.evicted]).toEqual([2, 1, 30, 0]);
  expect(lru.use('b')).toBeUndefined();
});
