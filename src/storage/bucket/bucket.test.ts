import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import * as files from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { bucketContract, fault, names } from '../../../test/support/bucket-contract.js';
import { FaultError } from '../../wire/fault.js';
import { FilesystemBucket, type FileWriter } from './filesystem-node.js';
import { MemoryBucket } from './memory.js';

const roots: string[] = [];
function newRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'skald-bucket-'));
  roots.push(root);
  return root;
}
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

const text = (value: string): Uint8Array => Buffer.from(value);

describe('a bucket in memory', () => bucketContract(() => new MemoryBucket()));

describe('a bucket in a folder', () => bucketContract(() => new FilesystemBucket(newRoot())));

describe('a bucket in a folder on a slow disk', () => bucketContract(() => bucketOfSlowDisk(newRoot())));

/** Each look at the clock is 2 ms after the one before. */
function bucketOfSlowDisk(root: string): FilesystemBucket {
  let now = 0;
  const clock = (): number => {
    now += 2;
    return now;
  };
  return new FilesystemBucket(root, { now: clock });
}

describe('a bucket in a folder, besides,', () => {
  const failing = (code: string): FileWriter => ({
    ...files,
    open: async (path, flags) => {
      const file = await files.open(path, flags);
      file.writeFile = async () => {
        throw Object.assign(new Error(`${code}: no space left on device, write`), { code });
      };
      return file;
    },
  });

  test.each(['ENOSPC', 'EDQUOT'])('turns %s into storage-full and leaves the old object alone', async (code) => {
    const root = newRoot();
    await new FilesystemBucket(root).upload('x', text('old'));
    const full = new FilesystemBucket(root, { writer: failing(code) });
    await expect(full.upload('x', text('new'))).rejects.toEqual(fault('storage-full'));
    await expect(full.conditional.upload('y', text('new'), null)).rejects.toEqual(fault('storage-full'));
    expect(Buffer.from(await full.get('x')).toString()).toBe('old');
    expect(readdirSync(join(root, '.skald', 'tmp'))).toEqual([]);
  });

  test('turns other failures of the disk into unavailable', async () => {
    const bucket = new FilesystemBucket(newRoot(), { writer: failing('EIO') });
    await expect(bucket.upload('x', text('x'))).rejects.toSatisfy(
      (error) => error instanceof FaultError && error.fault.code === 'unavailable' && error.fault.retryable,
    );
  });

  test('has no room for objects among its private files', async () => {
    const bucket = new FilesystemBucket(newRoot());
    await bucket.upload('x', text('x'));
    await expect(bucket.upload('.skald/tmp/x', text('x'))).rejects.toEqual(fault('bad-request'));
    expect(await names(bucket, '')).toEqual(['x']);
  });

  test('holds up its thread for small reads only while these are quick', async () => {
    let [now, readMs] = [0, 0];
    let looks = 0;
    // Asked whether it is time yet, before, and after.
    const clock = (): number => {
      now += ++looks % 3 === 0 ? readMs : 0;
      return now;
    };
    const bucket = new FilesystemBucket(newRoot(), { now: clock });
    await bucket.upload('x', text('0123456789'));
    const read = async (): Promise<number> => {
      const before = looks;
      expect(Buffer.from(await bucket.getRange('x', 3, 4)).toString()).toBe('3456');
      return looks - before;
    };
    expect([await read(), await read()]).toEqual([3, 3]);
    // A thread may lose its core in the middle of one.
    for (const ms of [5, 0, 0, 0, 0, 5, 0]) {
      readMs = ms;
      expect(await read()).toBe(3);
    }
    readMs = 5;
    expect(await read()).toBe(3);
    expect([await read(), await read()]).toEqual([1, 1]);
    now += 100;
    looks = 0;
    expect(await read()).toBe(3);
    expect(await bucket.getRange('x', 8, 1 << 20)).toHaveLength(2);
  });

  test('never holds up a thread that must not hang', async () => {
    let looks = 0;
    const bucket = new FilesystemBucket(newRoot(), { quickReads: false, now: () => ++looks });
    await bucket.upload('x', text('0123456789'));
    expect(Buffer.from(await bucket.getRange('x', 3, 4)).toString()).toBe('3456');
    expect((await bucket.attributes('x')).size).toBe(10);
    expect(looks).toBe(0);
  });

  test('leaves no temporary file after a lost race', async () => {
    const root = newRoot();
    const bucket = new FilesystemBucket(root);
    await bucket.upload('x', text('x'));
    expect(await bucket.conditional.upload('x', text('y'), null)).toBeNull();
    expect(readdirSync(join(root, '.skald', 'tmp'))).toEqual([]);
    expect(readdirSync(join(root, '.skald', 'locks'))).toEqual([]);
  });

  test('removes temporary files that a crashed process left long ago', async () => {
    const root = newRoot();
    const abandoned = join(root, '.skald', 'tmp', 'abandoned');
    const recent = join(root, '.skald', 'tmp', 'recent');
    mkdirSync(join(root, '.skald', 'tmp'), { recursive: true });
    writeFileSync(abandoned, 'x');
    writeFileSync(recent, 'x');
    utimesSync(abandoned, new Date(0), new Date(0));
    await new FilesystemBucket(root).upload('x', text('x'));
    expect(readdirSync(join(root, '.skald', 'tmp'))).toEqual(['recent']);
  });
});
