import { randomUUID } from 'node:crypto';
import { mkdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ulid } from 'ulid';
import { contents, FolderLock, writeDurably } from './folder-lock-node.js';

const INSTANCE = 'instance';
const INSTANCE_NAME = /^[\w-]{1,64}$/;

/** Another process works in the folder. */
export class DataFolderInUse extends Error {
  override readonly name = 'DataFolderInUse';

  constructor(folder: string, pid: number) {
    super(`${folder} is in use by process ${pid}: stop it first, or choose another data folder`);
  }
}

/** The folder of one process: locked for as long as it runs, with a name for the instance that is made once and kept. */
export class DataFolder {
  readonly path: string;
  /** Name of this instance: the same at every start. */
  readonly instance: string;
  readonly #lock: FolderLock;

  private constructor(path: string, instance: string, lock: FolderLock) {
    this.path = path;
    this.instance = instance;
    this.#lock = lock;
  }

  /** Creates the folder where needed and locks it. Throws DataFolderInUse. */
  static async open(folder: string): Promise<DataFolder> {
    const path = resolve(folder);
    await mkdir(path, { recursive: true });
    const lock = await FolderLock.acquire(path);
    if (typeof lock === 'number') throw new DataFolderInUse(path, lock);
    return new DataFolder(path, await readInstance(path), lock);
  }

  /** Gives the lock up. */
  close(): Promise<void> {
    return this.#lock.release();
  }
}

async function readInstance(folder: string): Promise<string> {
  const path = join(folder, INSTANCE);
  const known = (await contents(path))?.trim();
  if (known !== undefined && INSTANCE_NAME.test(known)) return known;
  const made = ulid().toLowerCase();
  const draft = join(folder, `${INSTANCE}-${randomUUID()}`);
  await writeDurably(draft, `${made}\n`);
  await rename(draft, path);
  return made;
}
