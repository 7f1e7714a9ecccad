import { expect, test } from 'vitest';
import { inputOf } from '../../../test/support/build-input.js';
import { MemoryBucket } from '../bucket/memory.js';
import { buildLogsObject } from './logs/builder.js';
import { ObjectCache } from './object-cache.js';
import { DEFAULT_BUILD_SETTINGS } from './types.js';

class CountingBucket extends MemoryBucket {
  reads = 0;
  override getRange(name: string, offset: number, length: number): Promise<Uint8Array> {
    this.reads++;
    return super.getRange(name, offset, length);
  }
}

async function bucketWith(names: readonly string[]): Promise<CountingBucket> {
  const bucket = new CountingBucket();
  const rows = [{ labels: { app: 'a' }, time: 1n, line: 'hello' }];
  const built = buildLogsObject(inputOf([rows]), DEFAULT_BUILD_SETTINGS);
  for (const name of names) await bucket.upload(name, built.bytes);
  return bucket;
}

test('an object is opened once, however many ask at the same time', async () => {
  const bucket = await bucketWith(['a']);
  const cache = new ObjectCache(bucket, 1 << 30);
  const [first, second] = await Promise.all([cache.open('a'), cache.open('a')]);
  expect(first).toBe(second);
  expect(bucket.reads).toBe(1);
});

test('of two objects the one used longer ago makes room', async () => {
  const bucket = await bucketWith(['a', 'b', 'c']);
  const one = (await new ObjectCache(bucket, 1 << 30).open('a')).residentBytes;
  const cache = new ObjectCache(bucket, one * 2);
  const a = await cache.open('a');
  await cache.open('b');
  await cache.open('a');
  await cache.open('c');
  expect(cache.residentBytes).toBe(one * 2);
  expect(cache.counts()).toMatchObject({ objects: 2, objectBytes: one * 2, objectsEvicted: 1, pages: 0 });
  expect(await cache.open('a')).toBe(a);
});

test('going round more objects than fit finds a part of them again', async () => {
  const names = Array.from({ length: 20 }, (_, i) => `object-${i}`);
  const bucket = await bucketWith(names);
  const one = (await new ObjectCache(bucket, 1 << 30).open(names[0]!)).residentBytes;
  bucket.reads = 0;
  const cache = new ObjectCache(bucket, one * 16);
  const rounds = 20;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) await cache.open(name);
    expect(cache.residentBytes).toBeLessThanOrEqual(one * 16);
  }
  expect(bucket.reads).toBeLessThan(0.7 * rounds * names.length);
});

test('a failure to open is not kept', async () => {
  const bucket = await bucketWith([]);
  const cache = new ObjectCache(bucket, 1 << 20);
  await expect(cache.open('a')).rejects.toMatchObject({ fault: { code: 'not-found' } });
  await bucket.upload('a', await (await bucketWith(['x'])).get('x'));
  expect((await cache.open('a')).sections).toBe(1);
});
