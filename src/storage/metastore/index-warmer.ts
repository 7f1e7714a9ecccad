import type { Bucket } from '../bucket/bucket.js';
import type { Metastore } from './metastore.js';
import { TOCS_FOLDER, tocWindow } from './toc.js';
import { WINDOW_NS } from './window.js';

export interface WarmerParts {
  readonly bucket: Pick<Bucket, 'iter'>;
  readonly metastore: Pick<Metastore, 'entries' | 'prepare' | 'residentBytes'>;
  /** Waits between two steps, each a few milliseconds of work, so that whatever else there is to do goes first. */
  readonly pause: () => Promise<void>;
  /** Bytes of open objects beyond which nothing is opened that nobody asked for. */
  readonly bytesMax: number;
}

/** Tables looked at when a process starts: the newest of those listed. */
const TABLES_MAX = 1000;
const LISTED_MAX = 100_000;

/**
 * Opens indexes before anybody asks for them, one after another and in no hurry: those of the newest objects when a process
 * starts, then those it stores itself. The first question would otherwise wait for all of them.
 */
export class IndexWarmer {
  readonly #parts: WarmerParts;
  readonly #waiting: string[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(parts: WarmerParts) {
    this.#parts = parts;
  }

  /** Lists what is stored. Resolves when as much is open as fits; rejects when tables cannot be listed. */
  async start(): Promise<void> {
    for (const { tenant, window } of await this.#newestTables()) {
      if (this.#isFull()) return;
      const { entries } = await this.#parts.metastore.entries(tenant, { start: window, end: window + WINDOW_NS });
      for (const { path } of entries) this.add(path);
      await this.#running;
    }
  }

  /** An object that has just been stored. */
  add(path: string): void {
    this.#waiting.push(path);
    this.#running ??= this.#run();
  }

  close(): void {
    this.#closed = true;
  }

  async #run(): Promise<void> {
    for (let path = this.#waiting.shift(); path !== undefined; path = this.#waiting.shift()) {
      if (this.#isFull()) continue;
      // Whoever asks for it will hear what is wrong with it.
      await this.#parts.metastore.prepare(path, this.#parts.pause).catch(() => {});
    }
    this.#running = undefined;
  }

  #isFull(): boolean {
    return this.#closed || this.#parts.metastore.residentBytes >= this.#parts.bytesMax;
  }

  async #newestTables(): Promise<readonly Table[]> {
    let tables: Table[] = [];
    let listed = 0;
    for await (const path of this.#parts.bucket.iter(TOCS_FOLDER)) {
      const window = tocWindow(path);
      if (window !== undefined)
        tables.push({ tenant: path.slice(TOCS_FOLDER.length + 1, path.lastIndexOf('/')), window });
      if (tables.length === 2 * TABLES_MAX) tables = newest(tables);
      if (this.#closed || ++listed === LISTED_MAX) break;
    }
    return newest(tables);
  }
}

interface Table {
  readonly tenant: string;
  readonly window: bigint;
}

function newest(tables: readonly Table[]): Table[] {
  return tables.toSorted((a, b) => (a.window < b.window ? 1 : a.window > b.window ? -1 : 0)).slice(0, TABLES_MAX);
}
