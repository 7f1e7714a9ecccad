import HashRing from 'hashring';
import { expect, test } from 'vitest';
import { hashRing } from './ring.js';

const members = (count: number): string[] => Array.from({ length: count }, (_, i) => `ingester-${i}`);
const keys = Array.from({ length: 2000 }, (_, i) => `{app="a${i}"}`);

test('every key has as many distinct owners as asked for, or as there are members', () => {
  const ring = hashRing(members(5));
  for (const key of keys) expect(new Set(ring.owners(key, 3)).size).toBe(3);
  expect(hashRing(members(2)).owners('x', 3)).toHaveLength(2);
  expect(hashRing(members(1)).owners('x', 3)).toEqual(['ingester-0']);
});

test('owners are those of the ring that the package makes of all members at once', () => {
  const all = members(7);
  const [ring, whole] = [hashRing(all), new HashRing(all, 'md5', { 'vnode count': 1500 })];
  for (const key of keys) expect(ring.owners(key, 7)).toEqual(whole.range(key, 7, true));
});

test('owners follow from the names of the members, not from their order', () => {
  const ring = hashRing(members(5));
  const turned = hashRing(members(5).reverse());
  for (const key of keys) expect(turned.owners(key, 3)).toEqual(ring.owners(key, 3));
});

test('owners are the same on every start', () => {
  const [a, b] = [hashRing(members(5)), hashRing(members(5))];
  for (const key of keys) expect(a.owners(key, 1)).toEqual(b.owners(key, 1));
});

test('losing a member moves only the keys it owned', () => {
  const before = hashRing(members(5));
  const after = hashRing(members(4));
  for (const key of keys) {
    const [owner] = before.owners(key, 1);
    if (owner !== 'ingester-4') expect(after.owners(key, 1)).toEqual([owner]);
  }
});

test('shares of the ring are those of the keys, and add up', () => {
  const ring = hashRing(members(5));
  const shares = ring.shares();
  const many = Array.from({ length: 50_000 }, (_, i) => String(i));
  const owned = new Map<string, number>();
  for (const key of many) owned.set(ring.owners(key, 1)[0]!, (owned.get(ring.owners(key, 1)[0]!) ?? 0) + 1);
  for (const [name, share] of shares) expect(owned.get(name)! / many.length).toBeCloseTo(share, 1.7);
  expect([...shares.values()].reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
  expect(hashRing(['one']).shares()).toEqual(new Map([['one', 1]]));
});
