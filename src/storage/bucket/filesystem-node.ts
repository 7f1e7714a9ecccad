/**
 * A bucket in a folder. Objects are files of the same name; `.skald/` in the folder holds temporary files and locks.
 *
 * An upload writes a temporary file, syncs it, renames it over the object and syncs the folder, so that a crash leaves
 * the old object or the new one. A full disk fails the upload and touches nothing else.
 */
import { randomUUID } from 'node:crypto';
import { readSync, statSync } from 'node:fs';
import * as files from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { raise } from '../../wire/fault.js';
import { NEW_FILE } from '../synced-writes-node.js';
import {
  type Bucket,
  type ConditionalUpload,
  checkDirectory,
  checkName,
  missing,
  type ObjectAttributes,
  type VersionedObject,
} from './bucket.js';
import { DEFAULT_LOCK_SETTINGS, type LockSettings, withFileLock } from './file-lock-node.js';
import { OpenFiles } from './open-files-node.js';

/** The part of node:fs/promises that writes; tests replace it to fill a disk. */
export type FileWriter = Pick<typeof files, 'open' | 'rename'>;

const PRIVATE = '.skald';
/** A temporary file this old belongs to a process that died. */
const ABANDONED_MS = 3_600_000;
/** Reads up to this size are allocated before looking at the file. */
const READ_BYTES_UNCHECKED = 1 << 20;
/**
 * Reads of up to this size hold up their thread. Mostly they are answered from memory, in a fraction of the time that it takes
 * to have another thread read, and to wake each other up...
 */
const QUICK_BYTES_MAX = 256 << 10;
/** ...and after some that took longer than this, so that they went to the disk... */
const QUICK_MS = 1;
/** ...others wait for another thread, for so long. */
const SLOW_FOR_MS = 100;
/** A slow one alone may be of a thread that had lost its core. It makes up for so many quick ones, and two of them are enough. */
const QUICK_PER_SLOW = 4;
/**
 * Another small read takes 3 to 8 us, in which some 30 KB can be read as well. But what these are read into is memory outside of the heap, and has
 * the collector of garbage run the more often: with gaps of 64 KB, one stream's questions took half as much CPU time again.
 */
const GAP_BYTES = 4 << 10;

export interface FilesystemOptions {
  readonly writer?: FileWriter;
  readonly locks?: LockSettings;
  /** Whether small reads may hold up their thread; a folder of the network may hang, and so would whoever reads it. */
  readonly quickReads?: boolean;
  /** In ms, for how long reads take. */
  readonly now?: () => number;
}

export class FilesystemBucket implements Bucket {
  readonly gapBytes = GAP_BYTES;
  readonly #root: string;
  readonly #writer: FileWriter;
  readonly #locks: LockSettings;
  readonly #folders = new Map<string, Promise<void>>();
  readonly #open = new OpenFiles();
  readonly #quickReads: boolean;
  readonly #now: () => number;
  /** Of the name that was asked for last: objects are read range by range. */
  #last: { readonly name: string; readonly path: string } | undefined;
  /** How many quick reads it takes until slow ones are forgotten. */
  #slowness = 0;
  /** Until then reads wait for another thread. */
  #slowUntil = Number.NEGATIVE_INFINITY;

  constructor(root: string, options: FilesystemOptions = {}) {
    const { writer = files, locks = DEFAULT_LOCK_SETTINGS, quickReads = true, now = () => performance.now() } = options;
    this.#root = root;
    this.#writer = writer;
    this.#locks = locks;
    this.#quickReads = quickReads;
    this.#now = now;
  }

  readonly conditional: ConditionalUpload = {
    get: (name) => faulting(name, () => this.#getVersioned(name)),
    upload: (name, bytes, expected) => faulting(name, () => this.#swap(name, bytes, expected)),
  };

  upload(name: string, bytes: Uint8Array): Promise<void> {
    return faulting(name, async () => {
      const path = this.#path(name);
      const written = await this.#writeTemporary(bytes);
      await this.#publish(written.path, path);
    });
  }

  get(name: string): Promise<Uint8Array> {
    return faulting(name, () => files.readFile(this.#path(name)));
  }

  getRange(name: string, offset: number, length: number): Promise<Uint8Array> {
    return faulting(name, () =>
      this.#open.read(this.#path(name), async (file) => {
        if (length <= QUICK_BYTES_MAX && this.#isQuick())
          return this.#timed(() => readFullyNow(file.fd, offset, length));
        const available = length > READ_BYTES_UNCHECKED ? (await file.stat()).size - offset : length;
        return readFully(file, offset, Math.max(0, Math.min(length, available)));
      }),
    );
  }

  #isQuick(): boolean {
    return this.#quickReads && this.#now() >= this.#slowUntil;
  }

  #timed<T>(read: () => T): T {
    const before = this.#now();
    const found = read();
    const after = this.#now();
    if (after - before <= QUICK_MS) this.#slowness = Math.max(0, this.#slowness - 1);
    else {
      if (this.#slowness > 0) this.#slowUntil = after + SLOW_FOR_MS;
      this.#slowness = QUICK_PER_SLOW;
    }
    return found;
  }

  exists(name: string): Promise<boolean> {
    return faulting(name, async () => {
      try {
        return (await files.stat(this.#path(name))).isFile();
      } catch (error) {
        if (isMissing(error)) return false;
        throw error;
      }
    });
  }

  delete(name: string): Promise<void> {
    return faulting(name, async () => {
      const path = this.#path(name);
      try {
        await files.unlink(path);
      } catch (error) {
        if (isMissing(error)) return;
        throw error;
      } finally {
        this.#open.forget(path);
      }
      await syncFolder(dirname(path));
    });
  }

  async *iter(directory: string): AsyncIterable<string> {
    checkDirectory(directory);
    yield* walk(join(this.#root, directory), directory === '' ? '' : `${directory}/`);
  }

  attributes(name: string): Promise<ObjectAttributes> {
    return faulting(name, async () => {
      const path = this.#path(name);
      const found = this.#isQuick()
        ? this.#timed(() => statSync(path, { bigint: true }))
        : await files.stat(path, { bigint: true });
      if (!found.isFile()) missing(name);
      return { size: Number(found.size), version: versionOf(found) };
    });
  }

  async #getVersioned(name: string): Promise<VersionedObject | null> {
    try {
      const file = await files.open(this.#path(name), 'r');
      try {
        const version = versionOf(await file.stat({ bigint: true }));
        return { bytes: await file.readFile(), version };
      } finally {
        await file.close();
      }
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async #swap(name: string, bytes: Uint8Array, expected: string | null): Promise<string | null> {
    const path = this.#path(name);
    const written = await this.#writeTemporary(bytes);
    const folder = await this.#folder(join(this.#root, PRIVATE, 'locks'));
    const done = await withFileLock(folder, name, this.#locks, async (held) => {
      if ((await currentVersion(path)) !== expected || !(await held())) return false;
      await this.#publish(written.path, path);
      return true;
    }).catch(async (error: unknown) => {
      await files.rm(written.path, { force: true });
      throw error;
    });
    if (!done) await files.rm(written.path, { force: true });
    return done ? written.version : null;
  }

  async #writeTemporary(bytes: Uint8Array): Promise<{ path: string; version: string }> {
    const folder = await this.#folder(join(this.#root, PRIVATE, 'tmp'), sweep);
    const path = join(folder, randomUUID());
    const file = await this.#writer.open(path, NEW_FILE);
    try {
      await file.writeFile(bytes);
      await file.sync();
      return { path, version: versionOf(await file.stat({ bigint: true })) };
    } catch (error) {
      await files.rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
  }

  async #publish(temporary: string, path: string): Promise<void> {
    try {
      await this.#folder(dirname(path));
      await this.#writer.rename(temporary, path);
    } catch (error) {
      await files.rm(temporary, { force: true });
      throw error;
    }
    this.#open.forget(path);
    await syncFolder(dirname(path));
  }

  /** Makes the folder exist and survive a crash, once. */
  async #folder(path: string, then?: (path: string) => Promise<void>): Promise<string> {
    let made = this.#folders.get(path);
    if (made === undefined) {
      made = makeFolder(path).then(() => then?.(path));
      this.#folders.set(path, made);
      made.catch(() => this.#folders.delete(path));
    }
    await made;
    return path;
  }

  #path(name: string): string {
    if (this.#last?.name === name) return this.#last.path;
    checkName(name);
    if (name.split('/')[0] === PRIVATE) raise('bad-request', `${PRIVATE}/ is not for objects`);
    this.#last = { name, path: join(this.#root, name) };
    return this.#last.path;
  }
}

async function faulting<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = errorCode(error);
    if (isMissing(error)) missing(name);
    if (code === 'ENOSPC' || code === 'EDQUOT') raise('storage-full', `no space left to store ${name}`);
    if (code === 'ENAMETOOLONG') raise('bad-request', `the name of ${name} is too long`);
    if (code !== undefined) raise('unavailable', `${name}: ${(error as Error).message}`);
    throw error;
  }
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function isMissing(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR';
}

/** A replaced object is another file, so its inode, its time or its size differ. */
function versionOf(found: { ino: bigint; mtimeNs: bigint; size: bigint }): string {
  return `${found.ino}-${found.mtimeNs}-${found.size}`;
}

async function currentVersion(path: string): Promise<string | null> {
  try {
    return versionOf(await files.stat(path, { bigint: true }));
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function readFully(file: files.FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

function readFullyNow(fd: number, offset: number, length: number): Uint8Array {
  const buffer = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const read = readSync(fd, buffer, done, length - done, offset + done);
    if (read === 0) break;
    done += read;
  }
  return buffer.subarray(0, done);
}

async function makeFolder(path: string): Promise<void> {
  const first = await files.mkdir(path, { recursive: true });
  if (first === undefined) return;
  // Each new folder is an entry of its parent.
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

async function syncFolder(path: string): Promise<void> {
  const folder = await files.open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Removes temporary files that a crash left behind. */
async function sweep(folder: string): Promise<void> {
  for (const name of await files.readdir(folder)) {
    const path = join(folder, name);
    const found = await files.stat(path).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED_MS) await files.rm(path, { force: true });
  }
}

/** Names below a folder, ascending: a folder sorts as its name followed by a slash. */
async function* walk(folder: string, prefix: string): AsyncIterable<string> {
  const entries = await files.readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const names = entries.flatMap((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.isFile() ? entry.name : []));
  for (const name of names.sort()) {
    if (!name.endsWith('/')) yield prefix + name;
    else if (prefix !== '' || name !== `${PRIVATE}/`) yield* walk(join(folder, name), prefix + name);
  }
}
