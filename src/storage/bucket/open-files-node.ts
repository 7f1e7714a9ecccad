/**
 * Files kept open between reads: reading an object is many ranges of one file, and opening and closing it costs as much
 * as a small range. A file is closed a while after it was opened, so that what others replaced or deleted is let go of.
 */
import * as files from 'node:fs/promises';

/** Files open at once, but for those being read. */
const OPEN_MAX = 64;
const LIFETIME_MS = 10_000;

interface OpenFile {
  readonly path: string;
  readonly handle: Promise<files.FileHandle>;
  readers: number;
  /** No longer handed out: closed behind its last reader. */
  retired: boolean;
}

export class OpenFiles {
  /** In the order they were opened. */
  readonly #files = new Map<string, OpenFile>();

  /** Calls `read` with the file, which it must not close or keep. */
  async read<T>(path: string, read: (file: files.FileHandle) => Promise<T>): Promise<T> {
    const file = this.#files.get(path) ?? this.#open(path);
    file.readers++;
    try {
      return await read(await file.handle);
    } finally {
      file.readers--;
      closeIfDone(file);
    }
  }

  /** The next read of the path opens it anew. */
  forget(path: string): void {
    const file = this.#files.get(path);
    if (file) this.#retire(file);
  }

  #open(path: string): OpenFile {
    const file: OpenFile = { path, handle: files.open(path, 'r'), readers: 0, retired: false };
    this.#files.set(path, file);
    for (const oldest of this.#files.values()) {
      if (this.#files.size <= OPEN_MAX) break;
      this.#retire(oldest);
    }
    const timer = setTimeout(() => this.#retire(file), LIFETIME_MS);
    timer.unref();
    file.handle.catch(() => {
      clearTimeout(timer);
      this.#retire(file);
    });
    return file;
  }

  #retire(file: OpenFile): void {
    if (file.retired) return;
    file.retired = true;
    if (this.#files.get(file.path) === file) this.#files.delete(file.path);
    closeIfDone(file);
  }
}

function closeIfDone({ handle, readers, retired }: OpenFile): void {
  if (!retired || readers > 0) return;
  handle.then((file) => file.close()).catch(() => {}); // it was only read: nothing is lost
}
