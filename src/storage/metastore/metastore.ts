/** Answers from tables of contents and streams sections: what is stored, without reading a page of it. */
import { FaultError } from '../../wire/fault.js';
import { labelsKey } from '../../wire/labels-key.js';
import { joinOrigins, joinRanges } from '../../wire/origin-ranges.js';
import type { Nanos, TimeRange } from '../../wire/time.js';
import type { Bucket } from '../bucket/bucket.js';
import { CorruptObject } from '../corrupt.js';
import type { CacheCounts } from '../dataobj/cache-counts.js';
import type { DataObject } from '../dataobj/object.js';
import { ObjectCache } from '../dataobj/object-cache.js';
import type { LabelColumn, StreamsTable } from '../dataobj/types.js';
import { mapLimited } from './map-limited.js';
import { matchStreams, remembering } from './match-streams.js';
import { TocCache } from './toc-cache.js';
import type {
  DamagedObject,
  MetastoreReader,
  NamesAnswer,
  SectionsAnswer,
  SeriesAnswer,
  StreamMatcher,
  StreamStats,
  TocEntry,
  WindowCopies,
  WindowCoverage,
} from './types.js';
import { earlier, later, overlaps } from './window.js';

export interface MetastoreSettings {
  /** Bytes for open objects: their streams, indexes and filters. Too low and every query reads them again. */
  readonly objectCacheBytes: number;
  /** Bytes for pages that small queries picked rows out of; absent: none are kept. */
  readonly pageCacheBytes?: number;
  readonly tocCacheBytes: number;
  /** Objects looked into at the same time by one question. */
  readonly objectsAtOnce: number;
}

export const DEFAULT_METASTORE_SETTINGS: MetastoreSettings = {
  objectCacheBytes: 256 << 20,
  pageCacheBytes: 8 << 20,
  tocCacheBytes: 32 << 20,
  objectsAtOnce: 16,
};

/** An object and those of its streams that a selector means. */
export interface MatchedObject {
  readonly entry: TocEntry;
  readonly object: DataObject;
  readonly streams: StreamsTable;
  /** Those that match and overlap the range, ascending. */
  readonly ids: Int32Array;
}

export class Metastore implements MetastoreReader {
  readonly #tocs: TocCache;
  readonly #objects: ObjectCache;
  readonly #settings: MetastoreSettings;

  constructor(bucket: Bucket, settings: MetastoreSettings = DEFAULT_METASTORE_SETTINGS) {
    this.#tocs = new TocCache(bucket, settings.tocCacheBytes);
    this.#objects = new ObjectCache(bucket, settings.objectCacheBytes, settings.pageCacheBytes);
    this.#settings = settings;
  }

  get residentBytes(): number {
    return this.#objects.residentBytes;
  }

  cacheCounts(): CacheCounts {
    return this.#objects.counts();
  }

  /** One of the objects that answers are looked up in, kept with the others. Throws as ObjectCache does. */
  open(path: string): Promise<DataObject> {
    return this.#objects.open(path);
  }

  /** Reads what questions need of an object besides its pages, piece by piece with a pause between two. Throws as `open` does. */
  async prepare(path: string, pause: () => Promise<void>): Promise<void> {
    const object = await this.open(path);
    await object.streams();
    for (let section = 0; section < object.sections; section++) {
      await pause();
      const pointers = await object.pointers(section);
      await pause();
      await pointers.loadTextFilter();
    }
    await this.open(path); // counts what has been read
  }

  /** The objects of a tenant that overlap a range, each once. */
  async entries(tenant: string, range: TimeRange): Promise<{ entries: TocEntry[]; damaged: DamagedObject[] }> {
    const { windows, damaged } = await this.#tocs.read(tenant, range);
    const byPath = new Map<string, TocEntry>();
    for (const { entries } of windows) {
      for (const entry of entries) {
        if (entry.rows > 0 && overlaps(range, entry.minTime, entry.maxTime)) byPath.set(entry.path, entry);
      }
    }
    return { entries: [...byPath.values()], damaged };
  }

  /**
   * Looks into every object that overlaps the range and has matching streams. `visit` may read more of the object; what it
   * finds damaged, or gone, is reported like an object that cannot be opened.
   */
  async eachMatch<R>(
    tenant: string,
    range: TimeRange,
    matchers: readonly StreamMatcher[],
    visit: (match: MatchedObject) => R | Promise<R>,
  ): Promise<{ results: R[]; objects: number; damaged: DamagedObject[] }> {
    const { entries, damaged } = await this.entries(tenant, range);
    const found = await this.matchesIn(entries, range, remembering(matchers), visit);
    return { results: found.results, objects: entries.length, damaged: [...damaged, ...found.damaged] };
  }

  /** The same of some objects. */
  async matchesIn<R>(
    entries: readonly TocEntry[],
    range: TimeRange,
    matchers: readonly StreamMatcher[],
    visit: (match: MatchedObject) => R | Promise<R>,
  ): Promise<{ results: R[]; damaged: DamagedObject[] }> {
    const results: R[] = [];
    const damaged: DamagedObject[] = [];
    await mapLimited(entries, this.#settings.objectsAtOnce, async (entry) => {
      try {
        const object = await this.#objects.open(entry.path, entry.size);
        const streams = await object.streams();
        const ids = matchStreams(streams, matchers, range);
        if (ids.length > 0) results.push(await visit({ entry, object, streams, ids }));
      } catch (error) {
        damaged.push({ path: entry.path, reason: reasonOf(error) });
        this.#objects.forget(entry.path);
      }
    });
    return { results, damaged };
  }

  async sections(tenant: string, range: TimeRange, matchers: readonly StreamMatcher[]): Promise<SectionsAnswer> {
    const { results, damaged } = await this.eachMatch(tenant, range, matchers, async (match) => {
      const found = await Promise.all(match.entry.sections.map((section) => sectionStreams(match, section.index)));
      return match.entry.sections.flatMap((section, i) => {
        const streams = found[i]!;
        if (streams.length === 0 || !overlaps(range, section.minTime, section.maxTime)) return [];
        const { minTime, maxTime, rows, bytes } = section;
        return [{ path: match.entry.path, section: section.index, minTime, maxTime, rows, bytes, streams }];
      });
    });
    return { sections: results.flat(), damaged };
  }

  async labels(tenant: string, range: TimeRange, matchers: readonly StreamMatcher[]): Promise<NamesAnswer> {
    const names = new Set<string>();
    const { damaged } = await this.eachMatch(tenant, range, matchers, ({ streams, ids }) => {
      for (const column of streams.columns) if (!names.has(column.name) && isOnAny(column, ids)) names.add(column.name);
    });
    return { names: [...names].sort(), damaged };
  }

  async values(
    tenant: string,
    name: string,
    range: TimeRange,
    matchers: readonly StreamMatcher[],
  ): Promise<NamesAnswer> {
    const found = new Set<string>();
    const { damaged } = await this.eachMatch(tenant, range, matchers, ({ streams, ids }) => {
      const column = streams.columns.find((one) => one.name === name);
      if (column) for (const id of idsOfAny(column, ids)) found.add(column.values[id]!);
    });
    return { names: [...found].sort(), damaged };
  }

  async series(tenant: string, range: TimeRange, matchers: readonly StreamMatcher[]): Promise<SeriesAnswer> {
    const found = new Map<string, StreamStats>();
    const { damaged } = await this.eachMatch(tenant, range, matchers, ({ streams, ids }) => {
      for (const stream of ids) mergeStats(found, statsOf(streams, stream));
    });
    const series = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stats]) => stats);
    return { series, damaged };
  }

  async parts(tenant: string, range: TimeRange, matchers: readonly StreamMatcher[]): Promise<SeriesAnswer> {
    const series: StreamStats[] = [];
    const { damaged } = await this.eachMatch(tenant, range, matchers, ({ streams, ids }) => {
      for (const stream of ids) series.push(statsOf(streams, stream));
    });
    return { series, damaged };
  }

  /** Rejects when a table cannot be read: what it lists would be replayed, and so stored, once more. */
  async coverage(tenant: string, writer: string, range?: TimeRange): Promise<readonly WindowCoverage[]> {
    const { windows, damaged } = await this.#tocs.read(tenant, range);
    if (damaged[0] !== undefined) throw new CorruptObject(damaged[0].reason, { path: damaged[0].path });
    return windows.flatMap(({ window, entries }) => {
      const ranges = joinRanges(
        entries.filter((entry) => entry.source.writer === writer).map(({ source }) => [source.fromSeq, source.toSeq]),
      );
      return ranges.length > 0 ? [{ window, ranges }] : [];
    });
  }

  /** A table that cannot be read proves nothing: what it lists is kept, or stored, once more. */
  async copies(tenant: string, range: TimeRange): Promise<readonly WindowCopies[]> {
    const { windows } = await this.#tocs.read(tenant, range);
    return windows.flatMap(({ window, entries }) => {
      const copies = joinOrigins(entries.map(({ source }) => source.copies ?? []));
      return copies.length > 0 ? [{ window, copies }] : [];
    });
  }
}

/** Data errors become a reason; anything else (a store that does not answer) must fail the question. */
function reasonOf(error: unknown): string {
  if (error instanceof CorruptObject) return error.message;
  if (error instanceof FaultError && error.fault.code === 'not-found') return error.message;
  throw error;
}

async function sectionStreams({ object, ids }: MatchedObject, section: number): Promise<Int32Array> {
  const { runs } = await object.pointers(section);
  const here = new Set(runs.stream);
  return ids.filter((stream) => here.has(stream));
}

function statsOf(streams: StreamsTable, stream: number): StreamStats {
  return {
    labels: streams.labels(stream),
    minTime: timeOf(streams.base, streams.minTime[stream]!),
    maxTime: timeOf(streams.base, streams.maxTime[stream]!),
    rows: streams.rows[stream]!,
    messageBytes: streams.messageBytes[stream]!,
    metadataBytes: streams.metadataBytes[stream]!,
  };
}

/** Whether any of the streams has a label. */
function isOnAny({ ids }: LabelColumn, streams: Int32Array): boolean {
  for (let i = 0; i < streams.length; i++) if (ids[streams[i]!]! >= 0) return true;
  return false;
}

/** The values that streams have of a label, each once. */
function idsOfAny({ ids, values }: LabelColumn, streams: Int32Array): number[] {
  const seen = new Uint8Array(values.length);
  const found: number[] = [];
  for (let i = 0; i < streams.length; i++) {
    const id = ids[streams[i]!]!;
    if (id < 0 || seen[id] === 1) continue;
    seen[id] = 1;
    found.push(id);
  }
  return found;
}

function timeOf(base: Nanos, offset: number): Nanos {
  return base + BigInt(offset);
}

function mergeStats(found: Map<string, StreamStats>, more: StreamStats): void {
  const key = labelsKey(more.labels); // an object hands out the same labels every time
  const known = found.get(key);
  found.set(
    key,
    known === undefined
      ? more
      : {
          labels: known.labels,
          minTime: earlier(more.minTime, known.minTime),
          maxTime: later(more.maxTime, known.maxTime),
          rows: known.rows + more.rows,
          messageBytes: known.messageBytes + more.messageBytes,
          metadataBytes: known.metadataBytes + more.metadataBytes,
        },
  );
}
