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

test('the object used longest ago makes room', async () => {
  const bucket = await bucketWith(['a', 'b', 'c']);
  const one = (await new ObjectCache(bucket, 1 << 30).open('a')).residentBytes;
  const cache = new ObjectCache(bucket, one * 2);
  const a = await cache.open('a');
  await cache.open('b');
  await cache.open('a');
  await cache.open('c');
  expect(cache.residentBytes).toBe(one * 2);
  expect(await cache.open('a')).toBe(a);
});

test('a failure to open is not kept', async () => {
  const bucket = await bucketWith([]);
  const cache = new ObjectCache(bucket, 1 << 20);
  await expect(cache.open('a')).rejects.toMatchObject({ fault: { code: 'not-found' } });
  await bucket.upload('a', await (await bucketWith(['x'])).get('x'));
  expect((await cache.open('a')).sections).toBe(1);
});
