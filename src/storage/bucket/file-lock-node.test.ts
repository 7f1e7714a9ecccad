import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withFileLock } from './file-lock-node.js';

const SETTINGS = { staleMs: 60_000, waitMsMax: 40, pollMs: 2 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skald-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const lockFile = (): string => join(folder, readdirSync(folder)[0]!);

/** Leaves a lock behind, as a process does that is killed while it holds one. */
async function abandon(): Promise<string> {
  let path = '';
  await withFileLock(folder, 'x', SETTINGS, async () => {
    path = lockFile();
  });
  writeFileSync(path, 'a dead process');
  return path;
}

test('holders of one name exclude each other, in the order they came', async () => {
  const log: string[] = [];
  const work = (id: number) =>
    withFileLock(folder, 'x', SETTINGS, async () => {
      log.push(`in ${id}`);
      await new Promise((resolve) => setImmediate(resolve));
      log.push(`out ${id}`);
    });
  await Promise.all([work(1), work(2), work(3)]);
  expect(log).toEqual(['in 1', 'out 1', 'in 2', 'out 2', 'in 3', 'out 3']);
  expect(readdirSync(folder)).toEqual([]);
});

test('holders of different names do not wait for each other', async () => {
  const result = await withFileLock(folder, 'x', SETTINGS, () =>
    withFileLock(folder, 'y', SETTINGS, async () => 'both'),
  );
  expect(result).toBe('both');
});

test('a failure of the work releases the lock', async () => {
  await expect(withFileLock(folder, 'x', SETTINGS, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await withFileLock(folder, 'x', SETTINGS, async (held) => held())).toBe(true);
});

test('a lock held by another process is waited for, and given up on in the end', async () => {
  await abandon();
  await expect(withFileLock(folder, 'x', SETTINGS, async () => 'in')).rejects.toMatchObject({
    fault: { code: 'unavailable' },
  });
});

test('the lock of a process that died is taken over', async () => {
  const path = await abandon();
  utimesSync(path, new Date(0), new Date(0));
  expect(await withFileLock(folder, 'x', SETTINGS, async (held) => held())).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
});

test('a holder whose lock was taken over finds out, and does not remove the new one', async () => {
  const held = await withFileLock(folder, 'x', SETTINGS, async (stillHeld) => {
    writeFileSync(lockFile(), 'another process');
    return stillHeld();
  });
  expect(held).toBe(false);
  expect(readdirSync(folder).length).toBe(1);
});
