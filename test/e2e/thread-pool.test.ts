/** The built pool on its threads: what is built runs in threads of its own, which sources cannot. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type * as PoolPiscina from '../../src/execution/pool-piscina.js';
import { FilesystemBucket } from '../../src/storage/bucket/filesystem-node.js';
import type * as Faults from '../../src/wire/fault.js';
import { poolContract } from '../support/pool-contract.js';

const { PiscinaPool } = (await import(built('execution/pool-piscina.js'))) as typeof PoolPiscina;
const { FaultError } = (await import(built('wire/fault.js'))) as typeof Faults;

function built(path: string): string {
  return fileURLToPath(new URL(`../../dist/${path}`, import.meta.url));
}

const folders: string[] = [];
const pools: PoolPiscina.ThreadPool[] = [];
const troubles: unknown[] = [];

afterAll(async () => {
  for (const pool of pools) await pool.close();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe('a pool of threads', () => {
  poolContract(async (objects) => {
    const folder = mkdtempSync(join(tmpdir(), 'skald-pool-'));
    folders.push(folder);
    const bucket = new FilesystemBucket(folder);
    for (const [path, bytes] of objects) await bucket.upload(path, bytes);
    const setup = {
      bucket: { kind: 'filesystem', root: folder } as const,
      cacheBytesMax: 1 << 26,
      pageCacheBytesMax: 1 << 20,
    };
    const pool = new PiscinaPool(2, setup, (error) => troubles.push(error));
    pools.push(pool);
    return pool;
  }, FaultError);

  test('tells what its threads keep', () => {
    expect(pools[0]!.cacheCounts().objects).toBeGreaterThan(0);
    expect(pools[0]!.cacheCounts().objectBytes).toBeGreaterThan(0);
  });

  test('loses no thread over tasks that fail', () => {
    expect(pools).toHaveLength(1);
    expect(troubles).toEqual([]);
  });
});
