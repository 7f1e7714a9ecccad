/**
 * A lock on a folder, held by a process for as long as it lives. Lock files are numbered and the highest number counts.
 * Its holder is asked after, not the file's age: a process id with the start of that process and of the machine, so that
 * an id used again is not mistaken for it.
 *
 * A number is used once. Whoever finds the highest holder gone creates the next number, which only one can; lower
 * numbers are removed after that, so one who comes late with a lower number sees that it is not the highest, and yields.
 * (A single lock file can't be taken over safely: between seeing that it is stale and removing it, it may be another's.)
 */
import { randomUUID } from 'node:crypto';
import { link, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const LOCK = /^lock\.(\d+)$/;
/** What the file of a lock says that was given up. */
const RELEASED = 'released\n';

const Holder = z.object({ pid: z.number().int(), started: z.string(), boot: z.string() });
type Holder = z.infer<typeof Holder>;

export class FolderLock {
  readonly #path: string;
  readonly #own: string;

  private constructor(path: string, own: string) {
    this.#path = path;
    this.#own = own;
  }

  /** The lock, or the id of the living process that has it. */
  static async acquire(folder: string): Promise<FolderLock | number> {
    const own = JSON.stringify(await identify(process.pid));
    const draft = join(folder, `lock-${randomUUID()}`);
    await writeDurably(draft, own);
    try {
      for (;;) {
        const highest = Math.max(0, ...(await lockNumbers(folder)));
        const holder = await livingHolder(lockPath(folder, highest));
        if (holder !== null) return holder;
        const mine = highest + 1;
        if (!(await linked(draft, lockPath(folder, mine)))) continue;
        const numbers = await lockNumbers(folder);
        const others = numbers.some((other) => other > mine) ? [mine] : numbers.filter((other) => other < mine);
        for (const other of others) await rm(lockPath(folder, other), { force: true });
        if (!others.includes(mine)) return new FolderLock(lockPath(folder, mine), own);
      }
    } finally {
      await rm(draft, { force: true });
    }
  }

  /** The file stays, as the highest number so far. */
  async release(): Promise<void> {
    if ((await contents(this.#path)) === this.#own) await writeFile(this.#path, RELEASED);
  }
}

function lockPath(folder: string, number: number): string {
  return join(folder, `lock.${number}`);
}

async function lockNumbers(folder: string): Promise<number[]> {
  return (await readdir(folder)).flatMap((name) => Number(LOCK.exec(name)?.[1] ?? Number.NaN) || []);
}

/** A link appears whole or not at all, and never replaces what is there. */
async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Id of the process that holds the lock, or null when it gave it up or is gone. What nobody can read is nobody's. */
async function livingHolder(path: string): Promise<number | null> {
  let holder: Holder;
  try {
    holder = Holder.parse(JSON.parse((await contents(path)) ?? ''));
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
