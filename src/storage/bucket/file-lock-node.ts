/**
 * A lock that processes on one file system share: a file created exclusively. Within a process, waiters queue; between
 * processes they poll. A lock file that has not been touched for a while belongs to a process that died, and is taken
 * over. A holder that was suspended for so long must find out: it asks `held()` right before it does what the lock guards.
 */
import { createHash, randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { raise } from '../../wire/fault.js';

export interface LockSettings {
  /** Far longer than what a lock guards takes, which is a few file operations. */
  readonly staleMs: number;
  readonly waitMsMax: number;
  readonly pollMs: number;
}

export const DEFAULT_LOCK_SETTINGS: LockSettings = { staleMs: 10_000, waitMsMax: 30_000, pollMs: 5 };

const queues = new Map<string, Promise<void>>();

/** Runs `work` while holding the lock of that name. Throws a FaultError `unavailable` when it cannot be had in time. */
export async function withFileLock<T>(
  folder: string,
  name: string,
  settings: LockSettings,
  work: (held: () => Promise<boolean>) => Promise<T>,
): Promise<T> {
  const path = join(folder, `${createHash('sha256').update(name).digest('hex').slice(0, 32)}.lock`);
  const before = queues.get(path) ?? Promise.resolve();
  const turn = before.then(() => locked(path, name, settings, work));
  const done = turn.then(
    () => {},
    () => {},
  );
  queues.set(path, done);
  void done.then(() => {
    if (queues.get(path) === done) queues.delete(path);
  });
  return turn;
}

async function locked<T>(
  path: string,
  name: string,
  settings: LockSettings,
  work: (held: () => Promise<boolean>) => Promise<T>,
): Promise<T> {
  const token = randomUUID();
  await acquire(path, name, token, settings);
  const held = async (): Promise<boolean> => (await ownerOf(path)) === token;
  try {
    return await work(held);
  } finally {
    if (await held()) await rm(path, { force: true });
  }
}

async function acquire(path: string, name: string, token: string, settings: LockSettings): Promise<void> {
  const deadline = Date.now() + settings.waitMsMax;
  while (!(await create(path, token))) {
    if (await isStale(path, settings.staleMs)) await takeOver(path);
    else if (Date.now() > deadline) raise('unavailable', `${name} stayed locked for ${settings.waitMsMax} ms`);
    else await sleep(settings.pollMs);
  }
}

async function create(path: string, token: string): Promise<boolean> {
  try {
    await writeFile(path, token, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function ownerOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

async function isStale(path: string, staleMs: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > staleMs;
}

/** Moves a stale lock away. If another process was faster and this is its new lock, it is put back. */
async function takeOver(path: string): Promise<void> {
  const stale = await ownerOf(path);
  const away = `${path}.${randomUUID()}`;
  const moved = await rename(path, away).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  if ((await ownerOf(away)) !== stale) await link(away, path).catch(() => {});
  await rm(away, { force: true });
}
