import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disk, WritableFile } from './disk.js';
import { NEW_FILE, OLD_FILE, SYNCS_WRITES } from './synced-writes-node.js';

/** A folder of the machine's file system. */
export class NodeDisk implements Disk {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Creates the folder where needed. */
  static async open(folder: string): Promise<NodeDisk> {
    await mkdir(folder, { recursive: true });
    return new NodeDisk(folder);
  }

  async list(): Promise<readonly string[]> {
    const found = await readdir(this.folder, { withFileTypes: true });
    return found
      .filter((item) => item.isFile())
      .map((item) => item.name)
      .sort();
  }

  async create(name: string): Promise<WritableFile> {
    return new NodeWritableFile(await open(join(this.folder, name), NEW_FILE));
  }

  async overwrite(name: string): Promise<WritableFile> {
    return new NodeWritableFile(await open(join(this.folder, name), OLD_FILE));
  }

  async read(name: string, into?: Buffer): Promise<Buffer> {
    const file = await open(join(this.folder, name), 'r');
    try {
      const { size } = await file.stat();
      const buffer = into && into.length >= size ? into : Buffer.allocUnsafeSlow(size);
      let end = 0;
      for (let bytesRead = -1; end < size && bytesRead !== 0; end += bytesRead) {
        ({ bytesRead } = await file.read(buffer, end, size - end, end));
      }
      return buffer.subarray(0, end);
    } finally {
      await file.close();
    }
  }

  rename(from: string, to: string): Promise<void> {
    return rename(join(this.folder, from), join(this.folder, to));
  }

  remove(name: string): Promise<void> {
    return rm(join(this.folder, name));
  }

  async syncFolder(): Promise<void> {
    const folder = await open(this.folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}

class NodeWritableFile implements WritableFile {
  readonly #file: FileHandle;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(parts: readonly Uint8Array[], offset: number): Promise<void> {
    let at = offset;
    let rest: readonly Uint8Array[] = parts.filter((part) => part.length > 0);
    while (rest.length > 0) {
      const { bytesWritten } = await this.#file.writev(rest, at);
      if (bytesWritten === 0) throw new Error('the disk took no bytes');
      at += bytesWritten;
      rest = after(rest, bytesWritten);
    }
  }

  async sync(): Promise<void> {
    if (!SYNCS_WRITES) await this.#file.datasync();
  }

  truncate(length: number): Promise<void> {
    return this.#file.truncate(length);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** What remains of the parts after their first `bytes` bytes: a nearly full disk writes less than it was given. */
function after(parts: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skipped = 0;
  let index = 0;
  while (index < parts.length && skipped + parts[index]!.length <= bytes) skipped += parts[index++]!.length;
  const rest = parts.slice(index);
  if (rest[0] && bytes > skipped) rest[0] = rest[0].subarray(bytes - skipped);
  return rest;
}
