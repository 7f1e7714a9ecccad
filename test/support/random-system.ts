/**
 * All of a query's way in memory: querier, planner, scheduler, workers, execution and storage are the real ones. Where
 * the entries lie (which push, which ingester, in memory or in which object, section and page) and how much is worked
 * on at once is drawn from a seed: answers must not depend on it.
 */
import { Querier } from '../../src/actors/querier/actor.js';
import { DEFAULT_QUERIER_TIMES } from '../../src/actors/querier/settings.js';
import { faultReply } from '../../src/actors/runtime/router.js';
import { LocalRouter } from '../../src/actors/runtime/router-local.js';
import { Scheduler } from '../../src/actors/scheduler/actor.js';
import { Worker } from '../../src/actors/worker/actor.js';
import { DEFAULT_WORKER_TIMES } from '../../src/actors/worker/settings.js';
import { BATCH_SIZES, type BatchSizes } from '../../src/execution/batch/sizes.js';
import { CachingPool } from '../../src/execution/cache/caching-pool.js';
import { ResultCache } from '../../src/execution/cache/result-cache.js';
import { compileMatchers } from '../../src/execution/matchers.js';
import { InlinePool } from '../../src/execution/pool-inline.js';
import { MemoryBucket } from '../../src/storage/bucket/memory.js';
import { buildLogsObject } from '../../src/storage/dataobj/logs/builder.js';
import { ObjectCache } from '../../src/storage/dataobj/object-cache.js';
import { type BuildSettings, DEFAULT_BUILD_SETTINGS } from '../../src/storage/dataobj/types.js';
import { MetastoreCatalog } from '../../src/storage/metastore/catalog.js';
import { Metastore } from '../../src/storage/metastore/metastore.js';
import { TocWriter } from '../../src/storage/metastore/toc-writer.js';
import { WINDOW_NS } from '../../src/storage/metastore/window.js';
import type { EntriesBatch } from '../../src/wire/entries.js';
import type { Envelope } from '../../src/wire/envelope.js';
import { fault } from '../../src/wire/fault.js';
import { formatLabels, type Labels, labelsOf, labelValue } from '../../src/wire/labels.js';
import { DEFAULT_LIMITS } from '../../src/wire/limits.js';
import type { Reply } from '../../src/wire/message.js';
import type { LiveMemtable, LiveReadMessage, LiveResolveMessage } from '../../src/wire/messages/live.js';
import type { QueryRequest } from '../../src/wire/query.js';
import { batchOf, inputOf, type TestRow } from './build-input.js';
import { T0, TENANT } from './query-system.js';
import { SeededRandom } from './random.js';
import { UNLIMITED } from './scheduler.js';
import { SimScheduler } from './sim-scheduler.js';
import { transferred } from './transfer.js';

const LIMITS = {
  ...DEFAULT_LIMITS,
  max_query_series: 0,
  max_entries_limit_per_query: 0,
  shard_aggregations: ['approx_topk'],
};

/** What one push brought, and where in its ingester's log that is. */
interface Pushed {
  readonly rows: readonly TestRow[];
  readonly batch: EntriesBatch;
  readonly seq: number;
}

type Memory = readonly Pushed[];

/** An ingester as a query sees it: memtables that the test filled. */
class FakeIngester {
  readonly writer: string;
  readonly memtables: Memory[] = [];
  /** What it holds of others, by owner. */
  readonly held: { readonly owner: string; readonly memory: Memory }[] = [];
  isSilent = false;
  seq = 0;

  constructor(writer: string) {
    this.writer = writer;
  }

  get address(): string {
    return `ingester/${this.writer}`;
  }

  receive({ message, ask }: Envelope): void {
    if (this.isSilent) return ask?.reply(faultReply(fault('unavailable', 'it is silent')));
    if (message.kind === 'live.read') return ask!.reply(this.#read(message));
    if (message.kind !== 'live.resolve') return;
    const own = this.memtables.flatMap((memory, index) => this.#resolve(memory, String(index), message) ?? []);
    const held = this.held.flatMap(({ owner, memory }, index) => {
      const found = message.heldOf?.includes(owner) ? this.#resolve(memory, `held ${index}`, message) : undefined;
      return found ? [{ ...found, held: owner }] : [];
    });
    const holdsOf = [...new Set(this.held.map(({ owner }) => owner))];
    ask!.reply({ kind: 'live', snapshot: { ingester: this.writer, memtables: [...own, ...held], holdsOf } });
  }

  #resolve(memory: Memory, snapshot: string, { matchers }: LiveResolveMessage): LiveMemtable | undefined {
    const compiled = compileMatchers(matchers);
    const rows = memory.flatMap((pushed) => pushed.rows);
    const streams = streamsOf(memory).flatMap(({ key, labels }, id) => {
      if (!compiled.every((matcher) => matcher.matches(labelValue(labels, matcher.name)))) return [];
      const times = rows.filter((row) => keyOf(row) === key).map(({ time }) => time);
      const [minTime, maxTime] = [least(times), -least(times.map((time) => -time))];
      return [{ id, labels, key, minTime, maxTime, rows: times.length, bytes: 10 * times.length }];
    });
    if (streams.length === 0) return undefined;
    const range = { fromSeq: memory[0]!.seq, toSeq: memory.at(-1)!.seq };
    return { snapshot, ...range, streams, rows: rows.length, bytes: 10 * rows.length };
  }

  #read({ snapshot, streams }: LiveReadMessage): Reply {
    const [, held] = snapshot.split(' ');
    const memory = held === undefined ? this.memtables[Number(snapshot)]! : this.held[Number(held)]!.memory;
    const known = streamsOf(memory);
    const asked = [...streams].map((id) => known[id]!);
    const batches = memory.map(({ batch }) => {
      const runs = asked.flatMap(({ key }, rank) => {
        const own = batch.streams.indexOf(key);
        return own < 0 ? [] : [own === 0 ? 0 : batch.streamEnds[own - 1]!, batch.streamEnds[own]!, rank];
      });
      return { batch: batch.buffer, runs: Int32Array.from(runs) };
    });
    return {
      kind: 'live.batches',
      batches: batches.filter(({ runs }) => runs.length > 0),
      labels: asked.map(({ labels }) => labels),
    };
  }
}

function keyOf(row: TestRow): string {
  return formatLabels(labelsOf(row.labels));
}

function streamsOf(memory: Memory): { key: string; labels: Labels }[] {
  const known = new Map(memory.flatMap(({ rows }) => rows.map((row) => [keyOf(row), labelsOf(row.labels)] as const)));
  return [...known].map(([key, labels]) => ({ key, labels }));
}

function least(times: readonly bigint[]): bigint {
  return times.reduce((min, time) => (time < min ? time : min));
}

export class RandomSystem {
  /** What was drawn, for whoever has to look for a failure. */
  readonly notes: string[] = [];
  /** Memtables and objects that entries lie in; in a single one, those of equal times stay as they came. */
  places = 0;
  readonly #random: SeededRandom;
  readonly #router: LocalRouter;
  readonly #bucket = new MemoryBucket();
  readonly #caches: ResultCache[] = [];
  readonly #ingesters = [new FakeIngester('0'), new FakeIngester('1')];
  /** Whether every entry is sent to all ingesters, one of which may be silent. */
  readonly #isReplicated: boolean;

  private constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    const random = this.#random;
    const clock = new SimScheduler(new SeededRandom(seed, 1), Number(T0 / 1_000_000n) + 7_200_000);
    this.#router = new LocalRouter(random.chance(0.2) ? { clock, transfer: transferred } : { clock });
    const router = this.#router;
    this.#isReplicated = this.#replicate(new SeededRandom(seed, 2));
    const metastore = new Metastore(this.#bucket);
    const objects = new ObjectCache(this.#bucket, 1 << random.pick([8, 20]));
    new Scheduler('scheduler/0', router, clock, { ...UNLIMITED, maxRunningScanTasks: random.below(4) });
    const schedulers = (): readonly string[] => ['scheduler/0'];
    const workers = 1 + random.below(3);
    for (let i = 0; i < workers; i++) {
      const inline = new InlinePool(
        (path) => objects.open(path),
        () => 0,
        { sizes: this.#batchSizes() },
      );
      const cache = new ResultCache(random.pick([0, 20_000, 1 << 24]));
      this.#caches.push(cache);
      const pool = new CachingPool(inline, cache);
      const own = { scanSlots: 1 + random.below(4), memoryBytesMax: 1 << 26, liveReadTimeoutMs: 1000 };
      const settings = { ...own, ...DEFAULT_WORKER_TIMES };
      new Worker(`worker/${i}`, { router, clock, pool, schedulers }, settings);
      this.notes.push(`worker/${i} with ${settings.scanSlots} slots`);
    }
    for (const ingester of this.#ingesters) router.register(ingester.address, (envelope) => ingester.receive(envelope));
    const limits = { ...LIMITS, split_queries_by_interval_ms: random.pick([0, 7_000, 60_000, 3_600_000]) };
    const sliceTasksMax = random.pick([1, 2, 5, 1000]);
    const lookUpBytes = random.pick([1, 1000, 10_000, 4 << 20]);
    this.notes.push(
      `looks ${lookUpBytes} bytes up first, slices of ${sliceTasksMax} tasks, cut every ${limits.split_queries_by_interval_ms} ms`,
    );
    let ids = 0;
    new Querier(
      'querier/0',
      {
        ...{ router, clock, metastore, catalog: new MetastoreCatalog(metastore), limits: () => limits },
        random: { ulid: () => `id-${++ids}`, unit: () => 0.5 },
      },
      {
        ingesters: () => this.#ingesters.map(({ address }) => address),
        ...{ schedulers, ...DEFAULT_QUERIER_TIMES, resolveTimeoutMs: 60_000, windowNs: WINDOW_NS },
        sliceTasksMax,
        lookUpBytes,
        replicationFactor: this.#isReplicated ? 3 : 1,
      },
    );
  }

  static async with(rows: readonly TestRow[], seed: number): Promise<RandomSystem> {
    const system = new RandomSystem(seed);
    await system.#spread(rows);
    return system;
  }

  /** In some systems every entry has three copies; in some of these one ingester is silent. */
  #replicate(random: SeededRandom): boolean {
    if (random.chance(0.6)) return false;
    this.#ingesters.push(new FakeIngester('2'));
    const silent = random.chance(0.7) ? random.pick(this.#ingesters) : undefined;
    if (silent) silent.isSilent = true;
    this.notes.push(`three copies, silent: ${silent?.address ?? 'nobody'}`);
    return true;
  }

  ask(request: QueryRequest): Promise<Reply> {
    return this.#router.ask('api/0', 'querier/0', { kind: 'query', request }, { timeoutMs: 1e9 });
  }

  /** Scans whose result was there already. */
  get cacheHits(): number {
    return this.#caches.reduce((sum, cache) => sum + cache.counts().hits, 0);
  }

  /** Rows arrive in order, in pushes of random sizes; memtables end and are flushed at random points. */
  async #spread(rows: readonly TestRow[]): Promise<void> {
    const random = this.#random;
    const [batchEnds, memtableEnds] = [random.pick([0.02, 0.2, 0.6]), random.pick([0, 0.1, 0.5])];
    const open = new Map(this.#ingesters.map((ingester) => [ingester, [] as Pushed[]]));
    let rest = [...rows];
    while (rest.length > 0) {
      let size = 1;
      while (size < rest.length && !random.chance(batchEnds)) size++;
      const ingester = this.#ingesters[random.chance(0.7) ? 0 : 1]!;
      const memory = open.get(ingester)!;
      const fresh = unknownRows(rest.slice(0, size), memory);
      rest = rest.slice(size);
      if (fresh.length > 0) memory.push({ rows: fresh, batch: batchOf(fresh, TENANT), seq: ++ingester.seq });
      if (memory.length > 0 && random.chance(memtableEnds)) {
        await this.#seal(ingester, memory);
        open.set(ingester, []);
      }
    }
    for (const [ingester, memory] of open) if (memory.length > 0) await this.#seal(ingester, memory);
  }

  /** A memtable stays in memory, or becomes an object a window, or is in both for a while. */
  async #seal(ingester: FakeIngester, memory: Memory): Promise<void> {
    const where = this.#random.pick(['memory', 'object', 'object', 'both'] as const);
    const rows = memory.flatMap((pushed) => pushed.rows);
    this.notes.push(`${ingester.address} ${memory.map((pushed) => pushed.rows.length)} rows: ${where}`);
    if (where !== 'object') ingester.memtables.push(memory);
    if (where !== 'object' && this.#isReplicated) {
      const others = this.#ingesters.filter((other) => other !== ingester);
      for (const other of others) other.held.push({ owner: ingester.writer, memory });
    }
    this.places++;
    if (where === 'memory') return;
    const source = { writer: ingester.writer, fromSeq: memory[0]!.seq, toSeq: memory.at(-1)!.seq };
    const windows = new Set(rows.map(({ time }) => time - (time % WINDOW_NS)));
    for (const start of windows) {
      const window = { start, end: start + WINDOW_NS };
      const inside = memory.map((pushed) => pushed.rows.filter(({ time }) => time >= start && time < window.end));
      const input = inputOf(
        inside.filter((some) => some.length > 0),
        { tenant: TENANT, source, window },
      );
      const settings = this.#buildSettings();
      const { bytes, summary } = buildLogsObject(input, settings);
      const path = `objects/${ingester.writer}-${source.fromSeq}-${start}`;
      this.notes.push(`${path} ${JSON.stringify(settings)} ${summary.sections.length} sections`);
      await this.#bucket.upload(path, bytes);
      await new TocWriter(this.#bucket).add(TENANT, { path, summary, created: 1 });
    }
  }

  #batchSizes(): BatchSizes {
    const random = this.#random;
    return {
      fetchBytes: random.pick([1, 300, BATCH_SIZES.fetchBytes]),
      partialStates: random.pick([1, 2, 7, BATCH_SIZES.partialStates]),
      sampleSeries: random.pick([1, 2, 5, BATCH_SIZES.sampleSeries]),
      candidatesSlack: random.pick([0, 3, BATCH_SIZES.candidatesSlack]),
      retainedBytes: random.pick([1, 100, 10_000, BATCH_SIZES.retainedBytes]),
      lineBytesPerShapeByte: random.pick([0, 0, BATCH_SIZES.lineBytesPerShapeByte]),
      parsedBytesPerShapeByte: random.pick([0, 0, BATCH_SIZES.parsedBytesPerShapeByte]),
    };
  }

  #buildSettings(): BuildSettings {
    const random = this.#random;
    const pageBytesMin = random.pick([1, 64, 300, DEFAULT_BUILD_SETTINGS.pageBytesMin]);
    return {
      bucketBytes: random.pick([1, 100, 500, DEFAULT_BUILD_SETTINGS.bucketBytes]),
      sectionBytes: random.pick([1, 200, 1000, DEFAULT_BUILD_SETTINGS.sectionBytes]),
      pageBytesMin,
      pageBytesMax: pageBytesMin * random.pick([1, 4]),
      pageRowsMax: random.pick([1, 3, 10, DEFAULT_BUILD_SETTINGS.pageRowsMax]),
      metadataColumnsMax: random.pick([0, 1, 2, DEFAULT_BUILD_SETTINGS.metadataColumnsMax]),
      zstdLevel: 1,
      countBinsNs: [1e9, 60e9],
      rowsPerBinMin: 1,
      rowsPerShapeMin: random.pick([0, 1, DEFAULT_BUILD_SETTINGS.rowsPerShapeMin]),
    };
  }
}

/** An ingester takes no entry twice into one memtable. */
function unknownRows(rows: readonly TestRow[], memory: Memory): TestRow[] {
  const identity = (row: TestRow): string =>
    `${row.time} ${keyOf(row)} ${JSON.stringify([row.line, row.metadata ?? []])}`;
  const known = new Set(memory.flatMap((pushed) => pushed.rows.map(identity)));
  return rows.filter((row) => {
    const key = identity(row);
    if (known.has(key)) return false;
    known.add(key);
    return true;
  });
}
