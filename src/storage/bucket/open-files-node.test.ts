import { mkdtempSync, readdirSync, readlinkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OpenFiles } from './open-files-node.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'skald-open-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(root, { recursive: true, force: true });
});

function file(name: string, content: string): string {
  const path = join(root, name);
  writeFileSync(path, content);
  return path;
}

const first = (files: OpenFiles, path: string): Promise<string> =>
  files.read(path, async (handle) => {
    const { buffer } = await handle.read(Buffer.alloc(8), 0, 8, 0);
    return buffer.toString().replaceAll('\0', '');
  });

/** Files below the root that this process has open. */
function open(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(root);
    } catch {
      return false;
    }
  }).length;
}

test('a file is opened once for many reads', async () => {
  const files = new OpenFiles();
  const path = file('a', 'text');
  expect(await Promise.all([first(files, path), first(files, path)])).toEqual(['text', 'text']);
  expect(await first(files, path)).toBe('text');
  expect(open()).toBe(1);
});

test('a forgotten file is opened anew, and closed behind those who still read it', async () => {
  const files = new OpenFiles();
  const path = file('a', 'old');
  const seen = await files.read(path, async (handle) => {
    renameSync(file('b', 'new'), path);
    files.forget(path);
    const { buffer } = await handle.read(Buffer.alloc(3), 0, 3, 0);
    return buffer.toString();
  });
  expect(seen).toBe('old');
  expect(await first(files, path)).toBe('new');
  await vi.waitFor(() => expect(open()).toBe(1));
});

test('no more than 64 files stay open', async () => {
  const files = new OpenFiles();
  for (let i = 0; i < 80; i++) expect(await first(files, file(`f${i}`, `${i}`))).toBe(`${i}`);
  await vi.waitFor(() => expect(open()).toBe(64));
});

test('a file is closed ten seconds after it was opened, in use or not', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  const files = new OpenFiles();
  const path = file('a', 'old');
  await first(files, path);
  renameSync(file('b', 'new'), path);
  vi.advanceTimersByTime(9_999);
  expect(await first(files, path)).toBe('old');
  vi.advanceTimersByTime(1);
  vi.useRealTimers();
  expect(await first(files, path)).toBe('new');
});

test('a file that could not be opened is tried again', async () => {
  const files = new OpenFiles();
  const path = join(root, 'a');
  await expect(first(files, path)).rejects.toThrow('ENOENT');
  file('a', 'there');
  expect(await first(files, path)).toBe('there');
});
