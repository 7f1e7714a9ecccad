import { randomUUID } from 'node:crypto';
import { mkdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ulid } from 'ulid';
import { contents, FolderLock, writeDurably } from './folder-lock-node.js';

const INSTANCE = 'instance';
const INSTANCE_NAME = /^[\w.-]{1,64}$/;

/** Another process works in the folder. */
export class DataFolderInUse extends Error {
  override readonly name = 'DataFolderInUse';

  constructor(folder: string, pid: number) {
    super(`${folder} is in use by process ${pid}: stop it first, or choose another data folder`);
  }
}

/** The folder belongs to an instance of another name. */
export class DataFolderOfAnother extends Error {
  override readonly name = 'DataFolderOfAnother';

  constructor(folder: string, owner: string, wanted: string) {
    super(
      `${folder} belongs to the instance ${owner}, not to ${wanted}: choose another data folder, or leave the name out`,
    );
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

  /**
   * Creates the folder where needed and locks it. Its log is the instance's, so a name, once given or made, is its name.
   * Throws DataFolderInUse or DataFolderOfAnother.
   */
  static async open(folder: string, name?: string): Promise<DataFolder> {
    const path = resolve(folder);
    await mkdir(path, { recursive: true });
    const lock = await FolderLock.acquire(path);
    if (typeof lock === 'number') throw new DataFolderInUse(path, lock);
    const instance = await readInstance(path, name);
    if (name === undefined || name === instance) return new DataFolder(path, instance, lock);
    await lock.release();
    throw new DataFolderOfAnother(path, instance, name);
  }

  /** Gives the lock up. */
  close(): Promise<void> {
    return this.#lock.release();
  }
}

async function readInstance(folder: string, name: string | undefined): Promise<string> {
  const path = join(folder, INSTANCE);
  const known = (await contents(path))?.trim();
  if (known !== undefined && INSTANCE_NAME.test(known)) return known;
  const made = name ?? ulid().toLowerCase();
  const draft = join(folder, `${INSTANCE}-${randomUUID()}`);
  await writeDurably(draft, `${made}\n`);
  await rename(draft, path);
  return made;
}
