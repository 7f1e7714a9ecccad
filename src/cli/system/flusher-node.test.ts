import { beforeEach, describe, expect, it } from 'vitest';
import { inputOf, type TestRow } from '../../../test/support/build-input.js';
import { InlinePool } from '../../execution/pool-inline.js';
import type { Bucket } from '../../storage/bucket/bucket.js';
import { MemoryBucket } from '../../storage/bucket/memory.js';
import { DEFAULT_BUILD_SETTINGS, type ObjectSource } from '../../storage/dataobj/types.js';
import { Metastore } from '../../storage/metastore/metastore.js';
import { TocWriter } from '../../storage/metastore/toc-writer.js';
import { PoolFlusher } from './flusher-node.js';

/** 2026-11-01T01:00:00Z */
const T0 = 1_793_494_800_000_000_000n;
const ROWS: readonly TestRow[] = ['one', 'two'].map((line, i) => ({
  labels: { app: 'x' },
  time: T0 + BigInt(i),
  line,
}));
const FIRST: ObjectSource = { writer: 'ingester-0', fromSeq: 1, toSeq: 5 };
const PATH = 'objects/test/2026-11-01T01/ingester-0-1-5.dataobj';

let bucket: MemoryBucket;
beforeEach(() => {
  bucket = new MemoryBucket();
});

function flusher(to: Bucket = bucket, table: Bucket = to): PoolFlusher {
  const pool = new InlinePool(
    () => Promise.reject(new Error('nothing is read here')),
    () => 0,
  );
  const parts = { bucket: to, toc: new TocWriter(table), settings: DEFAULT_BUILD_SETTINGS, nowMs: Date.now };
  return new PoolFlusher({ pool, ...parts });
}

const input = (source = FIRST, rows = ROWS) => inputOf([rows], { source, tenant: 'test' });

async function listed(): Promise<string[]> {
  const { entries } = await new Metastore(bucket).entries('test', { start: 0n, end: 2n ** 62n });
  return entries.map(({ path }) => path).sort();
}

describe('a flush', () => {
  it('stores an object under the name of what it holds and lists it', async () => {
    const { bytes } = await flusher().store(input());
    expect(await listed()).toEqual([PATH]);
    expect((await bucket.get(PATH)).byteLength).toBe(bytes);
  });

  it('that is done again leaves one object, listed once', async () => {
    for (let i = 0; i < 3; i++) await flusher().store(input());
    expect(await listed()).toEqual([PATH]);
  });

  it('whose listing failed is completed by the next attempt', async () => {
    const broken = Object.assign(new MemoryBucket(), {
      conditional: {
        get: async () => null,
        upload: async () => {
          throw new Error('no table');
        },
      },
    });
    await expect(flusher(bucket, broken).store(input())).rejects.toThrow('no table');
    expect(await listed()).toEqual([]);
    await flusher().store(input());
    expect(await listed()).toEqual([PATH]);
  });

  it('whose upload failed lists nothing, since what is listed must be readable', async () => {
    const broken = Object.assign(new MemoryBucket(), {
      upload: async () => {
        throw new Error('no bucket');
      },
    });
    await expect(flusher(broken, bucket).store(input())).rejects.toThrow('no bucket');
    expect(await listed()).toEqual([]);
  });

  it('of another part of the log is another object', async () => {
    await flusher().store(input());
    await flusher().store(input({ ...FIRST, fromSeq: 6, toSeq: 9 }));
    await flusher().store(input({ ...FIRST, writer: 'ingester-1' }));
    expect(await listed()).toHaveLength(3);
  });

  it('of nothing stores nothing', async () => {
    const nothing = { ...input(), window: { start: 0n, end: 1n } };
    expect(await flusher().store(nothing)).toEqual({ bytes: 0 });
    expect(await listed()).toEqual([]);
  });
});
