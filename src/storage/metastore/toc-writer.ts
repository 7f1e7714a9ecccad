/** Changes tables of contents by compare-and-swap, so that several writers may share them. */
import { raise } from '../../wire/fault.js';
import type { Nanos } from '../../wire/time.js';
import type { Bucket, ConditionalUpload } from '../bucket/bucket.js';
import { singleWriter } from '../bucket/single-writer.js';
import type { ObjectSummary } from '../dataobj/types.js';
import { decodeToc, encodeToc, tocPath } from './toc.js';
import type { TocEntry } from './types.js';
import { windowOf } from './window.js';

/** Each failure means that another writer succeeded, so this many in a row means that something else is wrong. */
const ATTEMPTS_MAX = 100;

export interface StoredObject {
  readonly path: string;
  readonly summary: ObjectSummary;
  /** Milliseconds since the epoch. */
  readonly created: number;
}

export class TocWriter {
  readonly #store: ConditionalUpload;
  readonly #pause: (attempt: number) => Promise<void>;

  /** `pause` waits before another attempt, longer each time; by default attempts follow each other at once. */
  constructor(bucket: Bucket, pause: (attempt: number) => Promise<void> = async () => {}) {
    this.#store = bucket.conditional ?? singleWriter(bucket);
    this.#pause = pause;
  }

  /**
   * Makes an object known: from here on queries see it. Safe to repeat. Rejects with CorruptObject when the present table
   * cannot be read: writing a new one would lose what it lists.
   */
  async add(tenant: string, object: StoredObject): Promise<void> {
    const entry = entryOf(object);
    const first = windowOf(entry.minTime);
    const last = windowOf(entry.maxTime);
    await this.update(tenant, first, (entries) => replaced(entries, entry));
    // Only an object merged from several windows is listed more than once.
    if (last !== first) await this.update(tenant, last, (entries) => replaced(entries, entry));
  }

  /** Replaces a window's entries as a whole; `change` may run several times. */
  async update(
    tenant: string,
    window: Nanos,
    change: (entries: readonly TocEntry[]) => readonly TocEntry[],
  ): Promise<void> {
    const path = tocPath(tenant, window);
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const present = await this.#store.get(path);
      const entries = change(present === null ? [] : decodeToc(present.bytes, path));
      const version = await this.#store.upload(path, encodeToc(entries), present?.version ?? null);
      if (version !== null) return;
      await this.#pause(attempt);
    }
    raise('unavailable', `${path} changed ${ATTEMPTS_MAX} times while it was being updated`);
  }
}

function replaced(entries: readonly TocEntry[], entry: TocEntry): TocEntry[] {
  return [...entries.filter((one) => one.path !== entry.path), entry];
}

function entryOf({ path, summary, created }: StoredObject): TocEntry {
  const { size, minTime, maxTime, rows, rawBytes, sections, source } = summary;
  return { path, size, minTime, maxTime, rows, rawBytes, sections, source, created };
}
