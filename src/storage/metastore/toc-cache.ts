/** Tables of contents as last read, checked against the bucket's version whenever they are asked for. */
import { FaultError } from '../../wire/fault.js';
import type { Nanos, TimeRange } from '../../wire/time.js';
import type { Bucket } from '../bucket/bucket.js';
import { CorruptObject } from '../corrupt.js';
import { mapLimited } from './map-limited.js';
import { decodeToc, tocFolder, tocPath, tocWindow } from './toc.js';
import type { DamagedObject, TocEntry } from './types.js';
import { overlaps, WINDOW_NS, windowOf } from './window.js';

/** Up to this many windows are looked up by name; more are found by listing. */
const PROBED_WINDOWS_MAX = 4n;
const READS_AT_ONCE = 16;
/** Memory of an entry: strings, numbers and a few sections. */
const ENTRY_BYTES = 600;
/** So many ranges of replicated parts weigh as much as an entry. */
const RANGES_PER_ENTRY = 8;

interface CachedToc {
  readonly version: string;
  readonly entries: readonly TocEntry[];
}

export interface WindowEntries {
  readonly window: Nanos;
  readonly entries: readonly TocEntry[];
}

export class TocCache {
  readonly #bucket: Bucket;
  readonly #bytesMax: number;
  /** In order of last use, oldest first. */
  readonly #tocs = new Map<string, CachedToc>();
  #entries = 0;

  constructor(bucket: Bucket, bytesMax: number) {
    this.#bucket = bucket;
    this.#bytesMax = bytesMax;
  }

  /** The tables of the windows that overlap a range, oldest first; unreadable ones are reported. */
  async read(
    tenant: string,
    range: TimeRange | undefined,
  ): Promise<{ windows: WindowEntries[]; damaged: DamagedObject[] }> {
    const damaged: DamagedObject[] = [];
    const windows = await mapLimited(await this.#windows(tenant, range), READS_AT_ONCE, async (window) => {
      const path = tocPath(tenant, window);
      try {
        return { window, entries: await this.#toc(path) };
      } catch (error) {
        if (!(error instanceof CorruptObject)) throw error;
        damaged.push({ path, reason: error.message });
        return { window, entries: [] };
      }
    });
    return { windows, damaged };
  }

  async #windows(tenant: string, range: TimeRange | undefined): Promise<Nanos[]> {
    if (range !== undefined && range.end <= range.start) return [];
    if (range !== undefined && (range.end - range.start) / WINDOW_NS < PROBED_WINDOWS_MAX) {
      const windows: Nanos[] = [];
      for (let window = windowOf(range.start); window < range.end; window += WINDOW_NS) windows.push(window);
      return windows;
    }
    const windows: Nanos[] = [];
    for await (const path of this.#bucket.iter(tocFolder(tenant))) {
      const window = tocWindow(path);
      if (window === undefined) continue;
      if (range === undefined || overlaps(range, window, window + WINDOW_NS - 1n)) windows.push(window);
    }
    return windows.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }

  async #toc(path: string): Promise<readonly TocEntry[]> {
    try {
      const { version } = await this.#bucket.attributes(path);
      const cached = this.#tocs.get(path);
      if (cached?.version === version) {
        this.#put(path, cached);
        return cached.entries;
      }
      // Read after the version: if the table changes in between, the next look finds another version and reads again.
      const entries = decodeToc(await this.#bucket.get(path), path);
      this.#put(path, { version, entries });
      return entries;
    } catch (error) {
      if (error instanceof FaultError && error.fault.code === 'not-found') return [];
      throw error;
    }
  }

  #put(path: string, toc: CachedToc): void {
    this.#drop(path);
    this.#tocs.set(path, toc);
    this.#entries += weight(toc);
    for (const oldest of this.#tocs.keys()) {
      if (oldest === path || (this.#entries + this.#tocs.size) * ENTRY_BYTES <= this.#bytesMax) return;
      this.#drop(oldest);
    }
  }

  #drop(path: string): void {
    const toc = this.#tocs.get(path);
    if (toc === undefined) return;
    this.#tocs.delete(path);
    this.#entries -= weight(toc);
  }
}

/** In entries. */
function weight({ entries }: CachedToc): number {
  let ranges = 0;
  for (const { source } of entries) for (const copy of source.copies ?? []) ranges += 1 + copy.ranges.length;
  return entries.length + Math.ceil(ranges / RANGES_PER_ENTRY);
}
