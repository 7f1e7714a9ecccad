import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import * as files from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { FaultError } from '../../wire/fault.js';
import type { Bucket } from './bucket.js';
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
const fault = (code: string) => expect.objectContaining({ fault: expect.objectContaining({ code }) });
async function names(bucket: Bucket, directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const name of bucket.iter(directory)) found.push(name);
  return found;
}

const BACKENDS: readonly (readonly [string, () => Bucket])[] = [
  ['memory', () => new MemoryBucket()],
  ['filesystem', () => new FilesystemBucket(newRoot())],
];

describe.each(BACKENDS)('a bucket in %s', (_, open) => {
  test('gives back what was uploaded, and the newer of two uploads', async () => {
    const bucket = open();
    await bucket.upload('a/b/one', text('first'));
    await bucket.upload('a/b/one', text('second, longer'));
    expect(Buffer.from(await bucket.get('a/b/one')).toString()).toBe('second, longer');
    await bucket.upload('empty', text(''));
    expect((await bucket.get('empty')).length).toBe(0);
  });

  test('keeps its own copy of uploaded bytes', async () => {
    const bucket = open();
    const bytes = Uint8Array.of(1, 2, 3);
    await bucket.upload('x', bytes);
    bytes.fill(9);
    expect([...(await bucket.get('x'))]).toEqual([1, 2, 3]);
  });

  test('reads ranges, cut off at the end of the object', async () => {
    const bucket = open();
    await bucket.upload('x', text('0123456789'));
    const range = async (offset: number, length: number) =>
      Buffer.from(await bucket.getRange('x', offset, length)).toString();
    expect(await range(0, 4)).toBe('0123');
    expect(await range(6, 4)).toBe('6789');
    expect(await range(8, 1 << 30)).toBe('89');
    expect(await range(20, 5)).toBe('');
    expect(await range(3, 0)).toBe('');
  });

  test('answers not-found for what is not there', async () => {
    const bucket = open();
    await bucket.upload('a/b', text('x'));
    for (const name of ['nope', 'a', 'a/c', 'a/b/c']) {
      await expect(bucket.get(name)).rejects.toEqual(fault('not-found'));
      await expect(bucket.getRange(name, 0, 1)).rejects.toEqual(fault('not-found'));
      await expect(bucket.attributes(name)).rejects.toEqual(fault('not-found'));
      expect(await bucket.exists(name)).toBe(false);
    }
    expect(await bucket.exists('a/b')).toBe(true);
  });

  test('deletes, and deletes again', async () => {
    const bucket = open();
    await bucket.upload('x', text('x'));
    await bucket.delete('x');
    await bucket.delete('x');
    await bucket.delete('never/was');
    expect(await bucket.exists('x')).toBe(false);
  });

  test('lists names below a directory in ascending order', async () => {
    const bucket = open();
    for (const name of ['t/b/2', 't/b/10', 't/a', 't/b-c', 'tt/x', 'other', 't/ü/1'])
      await bucket.upload(name, text(name));
    expect(await names(bucket, 't')).toEqual(['t/a', 't/b-c', 't/b/10', 't/b/2', 't/ü/1']);
    expect(await names(bucket, 't/b')).toEqual(['t/b/10', 't/b/2']);
    expect(await names(bucket, '')).toEqual(['other', 't/a', 't/b-c', 't/b/10', 't/b/2', 't/ü/1', 'tt/x']);
    expect(await names(bucket, 'nothing')).toEqual([]);
  });

  test('reports size and a version that changes with the object', async () => {
    const bucket = open();
    await bucket.upload('x', text('1234'));
    const first = await bucket.attributes('x');
    expect(first.size).toBe(4);
    expect(await bucket.attributes('x')).toEqual(first);
    await bucket.upload('x', text('4321'));
    expect((await bucket.attributes('x')).version).not.toBe(first.version);
  });

  test.each(['', '/a', 'a/', 'a//b', '.', '../a', 'a/../../b', 'a/./b', 'a\\..\\b', 'a\u0000b', 'x'.repeat(2000)])(
    'refuses the name %j',
    async (name) => {
      const bucket = open();
      await expect(bucket.upload(name, text('x'))).rejects.toEqual(fault('bad-request'));
      await expect(bucket.get(name)).rejects.toEqual(fault('bad-request'));
      await expect(bucket.delete(name)).rejects.toEqual(fault('bad-request'));
    },
  );

  test('replaces conditionally only what has not changed', async () => {
    const { conditional } = open();
    expect(await conditional!.get('c')).toBeNull();
    const first = await conditional!.upload('c', text('one'), null);
    expect(first).not.toBeNull();
    expect(await conditional!.upload('c', text('two'), null)).toBeNull();
    const seen = await conditional!.get('c');
    expect([Buffer.from(seen!.bytes).toString(), seen!.version]).toEqual(['one', first]);
    const second = await conditional!.upload('c', text('three'), first);
    expect(second).not.toBeNull();
    expect(await conditional!.upload('c', text('four'), first)).toBeNull();
    expect(Buffer.from((await conditional!.get('c'))!.bytes).toString()).toBe('three');
  });

  test('loses no update of many writers at once', async () => {
    const bucket = open();
    const conditional = bucket.conditional!;
    const increment = async (): Promise<void> => {
      for (;;) {
        const seen = await conditional.get('counter');
        const next = seen === null ? 1 : Number(Buffer.from(seen.bytes).toString()) + 1;
        if ((await conditional.upload('counter', text(String(next)), seen?.version ?? null)) !== null) return;
      }
    };
    await Promise.all(Array.from({ length: 12 }, increment));
    expect(Buffer.from(await bucket.get('counter')).toString()).toBe('12');
  });
});

describe('a bucket in a folder', () => {
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
    const full = new FilesystemBucket(root, failing(code));
    await expect(full.upload('x', text('new'))).rejects.toEqual(fault('storage-full'));
    await expect(full.conditional.upload('y', text('new'), null)).rejects.toEqual(fault('storage-full'));
    expect(Buffer.from(await full.get('x')).toString()).toBe('old');
    expect(readdirSync(join(root, '.skald', 'tmp'))).toEqual([]);
  });

  test('turns other failures of the disk into unavailable', async () => {
    const bucket = new FilesystemBucket(newRoot(), failing('EIO'));
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
