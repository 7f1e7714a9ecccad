import { describe } from 'vitest';
import { poolContract } from '../../test/support/pool-contract.js';
import { MemoryBucket } from '../storage/bucket/memory.js';
import { ObjectCache } from '../storage/dataobj/object-cache.js';
import { InlinePool } from './pool-inline.js';

describe('a pool without threads', () => {
  poolContract(async (objects) => {
    const bucket = new MemoryBucket();
    for (const [path, bytes] of objects) await bucket.upload(path, bytes);
    const cache = new ObjectCache(bucket, 1 << 28);
    let clock = 0;
    return new InlinePool(
      (path) => cache.open(path),
      () => clock++,
    );
  });
});
