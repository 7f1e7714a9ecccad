/**
 * A lock on a folder, held by a process for as long as it lives. Locks are numbered and the highest number counts. They
 * are symbolic links that point to nothing and say who has the lock: such a link appears whole or not at all, never
 * replaces what is there, and needs no room on a full disk.
 * Its holder is asked after, not the file's age: a process id with the start of that process and of the machine, so that
 * an id used again is not mistaken for it.
 *
 * A number is used once. Whoever finds the highest holder gone creates the next number, which only one can; lower
 * numbers are removed after that, so one who comes late with a lower number sees that it is not the highest, and yields.
 * (A single lock file can't be taken over safely: between seeing that it is stale and removing it, it may be another's.)
 */
import { open, readdir, readFile, readlink, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const LOCK = /^lock\.(\d+)$/;
/** What a lock says that was given up. */
const RELEASED = 'released';

const Holder = z.object({ pid: z.number().int(), started: z.string(), boot: z.string() });
type Holder = z.infer<typeof Holder>;

export class FolderLock {
  readonly #folder: string;
  readonly #number: number;

  private constructor(folder: string, number: number) {
    this.#folder = folder;
    this.#number = number;
  }

  /** The lock, or the id of the living process that has it. */
  static async acquire(folder: string): Promise<FolderLock | number> {
    const own = JSON.stringify(await identify(process.pid));
    for (;;) {
      const highest = Math.max(0, ...(await lockNumbers(folder)));
      const holder = await livingHolder(lockPath(folder, highest));
      if (holder !== null) return holder;
      const mine = highest + 1;
      if (!(await linked(own, lockPath(folder, mine)))) continue;
      if (await isHighest(folder, mine)) return new FolderLock(folder, mine);
      await rm(lockPath(folder, mine), { force: true });
    }
  }

  /** The next number says that nobody has it. */
  async release(): Promise<void> {
    const next = this.#number + 1;
    if (await linked(RELEASED, lockPath(this.#folder, next))) await isHighest(this.#folder, next);
  }
}

/** Removes lower ones when it is. */
async function isHighest(folder: string, mine: number): Promise<boolean> {
  const numbers = await lockNumbers(folder);
  if (numbers.some((other) => other > mine)) return false;
  for (const other of numbers) if (other < mine) await rm(lockPath(folder, other), { force: true });
  return true;
}

function lockPath(folder: string, number: number): string {
  return join(folder, `lock.${number}`);
}

async function lockNumbers(folder: string): Promise<number[]> {
  return (await readdir(folder)).flatMap((name) => Number(LOCK.exec(name)?.[1] ?? Number.NaN) || []);
}

/** False when there is such a lock. */
async function linked(text: string, path: string): Promise<boolean> {
  try {
    await symlink(text, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Earlier versions have files instead of links. */
async function lockText(path: string): Promise<string> {
  return (await readlink(path).catch(() => contents(path))) ?? '';
}

/** Id of the process that holds the lock, or null when it gave it up or is gone. What nobody can read is nobody's. */
async function livingHolder(path: string): Promise<number | null> {
  let holder: Holder;
  try {
    holder = Holder.parse(JSON.parse(await lockText(path)));
  } catch {
    return null;
  }
  const now = await identify(holder.pid);
  return now.started !== '' && now.started === holder.started && now.boot === holder.boot ? holder.pid : null;
}

async function identify(pid: number): Promise<Holder> {
  const boot = (await contents('/proc/sys/kernel/random/boot_id')) ?? '';
  return { pid, started: await startOf(pid), boot: boot.trim() };
}

/** When a process was started, in ticks since boot; where there is no /proc, whether it runs. Empty when it does not. */
async function startOf(pid: number): Promise<string> {
  const stat = await contents(`/proc/${pid}/stat`);
  const afterName = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (afterName) return afterName[0] === 'Z' ? '' : (afterName[19] ?? '');
  if (process.platform === 'linux') return '';
  try {
    process.kill(pid, 0);
    return 'running';
  } catch {
    return '';
  }
}

export async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Null when there is no such file. */
export async function contents(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null;
  }
}
