/** Objects in a bucket in memory and batches of ingesters, ready to be scanned. */
import { type ExecutionContext, type LiveRows, noCounts } from '../../src/execution/context.js';
import type { LiveTarget, Overlap, ScanOptions, ScanTarget, SectionTarget } from '../../src/planning/physical/node.js';
import { MemoryBucket } from '../../src/storage/bucket/memory.js';
import { buildLogsObject } from '../../src/storage/dataobj/logs/builder.js';
import { ObjectCache } from '../../src/storage/dataobj/object-cache.js';
import type { BuildSettings } from '../../src/storage/dataobj/types.js';
import { formatLabels, type Labels } from '../../src/wire/labels.js';
import type { LiveBatch } from '../../src/wire/messages/live.js';
import { inputOf, type TestRow } from './build-input.js';

/** Everything there is; both ends far away, yet within what a double tells apart from any test's times. */
export const ALWAYS = { start: -(1n << 50n), end: 1n << 50n };

/** Few rows a page and few pages a section, so that a handful of rows makes many of both. */
export const SMALL_PAGES: BuildSettings = {
  bucketBytes: 600,
  sectionBytes: 1500,
  pageBytesMin: 60,
  pageBytesMax: 200,
  pageRowsMax: 7,
  metadataColumnsMax: 2,
  zstdLevel: 1,
  countBinsNs: [10, 50],
  rowsPerBinMin: 1,
  rowsPerShapeMin: 0,
};

interface Memtable {
  readonly labels: readonly Labels[];
  /** Quads (batch, fromRow, toRow, stream). */
  readonly runs: Int32Array;
  readonly batches: readonly SharedArrayBuffer[];
}

export class ScanStore {
  readonly bucket = new MemoryBucket();
  readonly cache = new ObjectCache(this.bucket, 1 << 28);
  readonly #memtables = new Map<string, Memtable>();

  /** One target a section, with all its streams and pages. */
  async object(
    path: string,
    batches: readonly (readonly TestRow[])[],
    settings = SMALL_PAGES,
  ): Promise<SectionTarget[]> {
    await this.bucket.upload(path, buildLogsObject(inputOf(batches), settings).bytes);
    return this.sections(path);
  }

  async sections(path: string): Promise<SectionTarget[]> {
    const object = await this.cache.open(path);
    const { count } = await object.streams();
    const targets: SectionTarget[] = [];
    for (let section = 0; section < object.sections; section++) {
      const { pages } = await object.pointers(section);
      targets.push({
        kind: 'section',
        location: path,
        section,
        pages: Int32Array.from({ length: pages.count }, (_, page) => page),
        ...common(Int32Array.from({ length: count }, (_, stream) => stream)),
      });
    }
    return targets;
  }

  /** A memtable; `wanted` chooses among its streams, as a selector does. */
  live(
    snapshot: string,
    batches: readonly (readonly TestRow[])[],
    wanted: (labels: Labels) => boolean = () => true,
  ): LiveTarget {
    const { streams, runs, batches: sealed } = inputOf(batches);
    const labels = streams.map((stream) => stream.labels);
    this.#memtables.set(snapshot, { labels, runs, batches: sealed.map(({ buffer }) => buffer) });
    const ids = [...labels.keys()].filter((id) => wanted(labels[id]!));
    return { kind: 'live', ingester: 'ingester-0', snapshot, windows: [ALWAYS], ...common(Int32Array.from(ids)) };
  }

  /** As an ingester answers: labels and runs number the streams in the order asked. */
  readonly readLive = async ({ snapshot, streams }: Pick<LiveTarget, 'snapshot' | 'streams'>): Promise<LiveRows> => {
    const { labels, runs, batches } = this.#memtables.get(snapshot)!;
    const own = batches.map((batch): LiveBatch & { list: number[] } => ({ batch, runs, list: [] }));
    streams.forEach((id, asked) => {
      for (let run = 0; run < runs.length; run += 4) {
        if (runs[run + 3] === id) own[runs[run]!]!.list.push(runs[run + 1]!, runs[run + 2]!, asked);
      }
    });
    return {
      labels: Array.from(streams, (id) => labels[id]!),
      batches: own
        .filter(({ list }) => list.length > 0)
        .map(({ batch, list }) => ({ batch, runs: Int32Array.from(list) })),
    };
  };

  /** For each target, oldest first, those before it that have some of its streams: without a look at times. */
  async overlapped<Target extends ScanTarget>(targets: readonly Target[]): Promise<Target[]> {
    const seen: { target: Target; streams: Map<string, number> }[] = [];
    for (const target of targets) {
      const streams = await this.#streamsOf(target);
      const overlaps: Overlap[] = [];
      for (const older of seen) {
        if ('location' in older.target && 'location' in target && older.target.location === target.location) continue;
        const both = [...streams].flatMap(([key, stream]) => {
          const otherStream = older.streams.get(key);
          return otherStream === undefined ? [] : [[stream, otherStream] as const];
        });
        if (both.length === 0) continue;
        overlaps.push({
          other: placeOf(older.target),
          streams: Int32Array.from(both, ([stream]) => stream),
          otherStreams: Int32Array.from(both, ([, otherStream]) => otherStream),
          ...{ minTime: ALWAYS.start, maxTime: ALWAYS.end - 1n },
        });
      }
      seen.push({ target: { ...target, overlaps }, streams });
    }
    return seen.map(({ target }) => target);
  }

  async #streamsOf(target: ScanTarget): Promise<Map<string, number>> {
    if (target.kind === 'live') {
      const { labels } = this.#memtables.get(target.snapshot)!;
      return new Map(Array.from(target.streams, (id) => [formatLabels(labels[id]!), id]));
    }
    const table = await (await this.cache.open(target.location)).streams();
    return new Map(Array.from(target.streams, (id) => [formatLabels(table.labels(id)), id]));
  }

  context(fields: Partial<ExecutionContext> = {}): ExecutionContext {
    return {
      openObject: (path) => this.cache.open(path),
      readLive: this.readLive,
      source: () => {
        throw new Error('no sources');
      },
      signal: new AbortController().signal,
      now: 0n,
      memoryBytesMax: 1 << 28,
      counters: noCounts(),
      ...fields,
    };
  }
}

function common(streams: Int32Array) {
  return { streams, minTime: ALWAYS.start, maxTime: ALWAYS.end - 1n, rows: 0, bytes: 0, overlaps: [] };
}

function placeOf(target: ScanTarget): Overlap['other'] {
  return target.kind === 'live'
    ? { ingester: target.ingester, snapshot: target.snapshot }
    : { location: target.location, section: target.section };
}

export const scanAll = (fields: Partial<ScanOptions> = {}): ScanOptions => ({
  range: ALWAYS,
  predicates: [],
  order: 'any',
  ...fields,
});
