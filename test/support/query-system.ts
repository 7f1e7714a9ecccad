/** A querier with real planning, execution and storage in memory, and an ingester that flushes when the test says so. */
import { Querier } from '../../src/actors/querier/actor.js';
import { DEFAULT_QUERIER_TIMES } from '../../src/actors/querier/settings.js';
import { faultReply } from '../../src/actors/runtime/router.js';
import { LocalRouter } from '../../src/actors/runtime/router-local.js';
import { Scheduler } from '../../src/actors/scheduler/actor.js';
import { Worker } from '../../src/actors/worker/actor.js';
import { DEFAULT_WORKER_TIMES } from '../../src/actors/worker/settings.js';
import { CachingPool } from '../../src/execution/cache/caching-pool.js';
import { ResultCache } from '../../src/execution/cache/result-cache.js';
import { compileMatchers } from '../../src/execution/matchers.js';
import { InlinePool } from '../../src/execution/pool-inline.js';
import { MemoryBucket } from '../../src/storage/bucket/memory.js';
import { buildLogsObject } from '../../src/storage/dataobj/logs/builder.js';
import { ObjectCache } from '../../src/storage/dataobj/object-cache.js';
import { DEFAULT_BUILD_SETTINGS } from '../../src/storage/dataobj/types.js';
import { MetastoreCatalog } from '../../src/storage/metastore/catalog.js';
import { Metastore } from '../../src/storage/metastore/metastore.js';
import { TocWriter } from '../../src/storage/metastore/toc-writer.js';
import { WINDOW_NS } from '../../src/storage/metastore/window.js';
import type { EntriesBatch } from '../../src/wire/entries.js';
import type { Envelope } from '../../src/wire/envelope.js';
import { fault } from '../../src/wire/fault.js';
import { formatLabels, type Labels, labelsOf, labelValue } from '../../src/wire/labels.js';
import { DEFAULT_LIMITS, type TenantLimits } from '../../src/wire/limits.js';
import type { Message, Reply } from '../../src/wire/message.js';
import type { LabelsMessage } from '../../src/wire/messages/asking.js';
import type { LiveMemtable, LiveReadMessage, LiveResolveMessage } from '../../src/wire/messages/live.js';
import type { QueryAnswer, QueryRequest } from '../../src/wire/query.js';
import { batchOf, inputOf, type TestRow } from './build-input.js';
import { SeededRandom } from './random.js';
import { UNLIMITED } from './scheduler.js';
import { SimScheduler } from './sim-scheduler.js';
import { transferred } from './transfer.js';

export const SECOND = 1_000_000_000n;
/** 2026-11-01T01:00:00Z: an hour into a window. */
export const T0 = 1_793_494_800n * SECOND;
export const TENANT = 'test';
const INGESTER = 'ingester/0';
const WRITER = '0';

/** What happens in the order of a query; a test may do something at each. */
export type Step = 'live.resolve' | 'live answered' | 'coverage' | 'catalog' | 'live.read' | 'live.release';

export function requestOf(query: string, more: Partial<QueryRequest> = {}): QueryRequest {
  return {
    ...{ tenant: TENANT, query, mode: 'range', start: T0, end: T0 + 3600n * SECOND, stepNs: 60e9, limit: 100 },
    ...{ direction: 'backward', intervalNs: 0, categorizeLabels: false, explain: 'none', tags: '' },
    ...more,
  };
}

interface Memory {
  readonly rows: readonly TestRow[];
  readonly batch: EntriesBatch;
  readonly seq: number;
}

export class QuerySystem {
  readonly clock = new SimScheduler(new SeededRandom(1), Number(T0 / 1_000_000n) + 3_600_000);
  readonly steps: Step[] = [];
  readonly released: string[] = [];
  readonly resolved: string[] = [];
  readonly bucket = new MemoryBucket();
  readonly querier: Querier;
  readonly scheduler: Scheduler;
  at: (step: Step) => Promise<void> | void = () => {};
  /** When false the ingester receives and says nothing. */
  answers = true;
  /** When true it says that it is starting. */
  starting = false;
  readonly #router: LocalRouter;
  readonly #limits: TenantLimits;
  #memory: Memory | undefined;
  /** What queries froze stays readable after a flush. */
  readonly #frozen = new Map<string, Memory>();
  #seq = 0;

  /** `cacheBytes`: of results of scans; without them nothing is kept, or counted. */
  constructor(limits: Partial<TenantLimits> = {}, cacheBytes = 0) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    const { clock } = this;
    const router = new LocalRouter({ clock, transfer: transferred });
    this.#router = router;
    const metastore = new Metastore(this.bucket);
    const objects = new ObjectCache(this.bucket, 1 << 20, 1 << 16);
    const inline = new InlinePool(
      (path) => objects.open(path),
      () => 0,
    );
    const pool = cacheBytes > 0 ? new CachingPool(inline, new ResultCache(cacheBytes)) : inline;
    this.scheduler = new Scheduler('scheduler/0', router, clock, UNLIMITED);
    const schedulers = (): readonly string[] => ['scheduler/0'];
    const settings = { scanSlots: 2, memoryBytesMax: 1 << 26, liveReadTimeoutMs: 1000, ...DEFAULT_WORKER_TIMES };
    new Worker('worker/0', { router, clock, pool, schedulers }, settings);
    router.register(INGESTER, (envelope) => void this.#ingester(envelope));
    let ids = 0;
    this.querier = new Querier(
      'querier/0',
      {
        router,
        clock,
        random: { ulid: () => `id-${++ids}`, unit: () => 0.5 },
        catalog: {
          resolve: async (request) => {
            await this.#reach('catalog');
            return new MetastoreCatalog(metastore).resolve(request);
          },
        },
        metastore: {
          sections: (...asked) => metastore.sections(...asked),
          labels: (...asked) => metastore.labels(...asked),
          values: (...asked) => metastore.values(...asked),
          series: (...asked) => metastore.series(...asked),
          parts: (...asked) => metastore.parts(...asked),
          coverage: async (...asked) => {
            await this.#reach('coverage');
            return metastore.coverage(...asked);
          },
          copies: (...asked) => metastore.copies(...asked),
        },
        limits: () => this.#limits,
      },
      {
        ingesters: () => [INGESTER],
        schedulers,
        ...DEFAULT_QUERIER_TIMES,
        resolveTimeoutMs: 60_000,
        windowNs: WINDOW_NS,
      },
    );
  }

  /** Rows in memory only; one memtable, so what was there before must have been flushed. */
  push(rows: readonly TestRow[]): void {
    if (this.#memory) throw new Error('flush first');
    this.#memory = { rows, batch: batchOf(rows, TENANT), seq: ++this.#seq };
  }

  /** Moves what is in memory to an object; does nothing the second time. */
  async flush(): Promise<void> {
    if (!this.#memory) return;
    const { rows, seq } = this.#memory;
    await this.store(rows, `objects/${seq}`, seq);
    this.#memory = undefined;
  }

  async store(rows: readonly TestRow[], path: string, seq: number): Promise<void> {
    const source = { writer: WRITER, fromSeq: seq, toSeq: seq };
    const { bytes, summary } = buildLogsObject(inputOf([rows], { tenant: TENANT, source }), DEFAULT_BUILD_SETTINGS);
    await this.bucket.upload(path, bytes);
    await new TocWriter(this.bucket).add(TENANT, { path, summary, created: 1 });
  }

  /** Asks as the HTTP layer does; throws what is not an answer. */
  async ask(query: string, more: Partial<QueryRequest> = {}): Promise<QueryAnswer> {
    const reply = await this.reply(requestOf(query, more));
    if (reply.kind !== 'answer') throw new Error(JSON.stringify(reply));
    return reply.answer;
  }

  reply(request: QueryRequest): Promise<Reply> {
    return this.#router.ask('api/0', 'querier/0', { kind: 'query', request }, { timeoutMs: 1e9 });
  }

  metadata(what: LabelsMessage['what'], selectors: readonly string[] = [], name = ''): Promise<Reply> {
    const request = { tenant: TENANT, start: T0, end: T0 + 3600n * SECOND, selectors };
    return this.send({ kind: 'labels', what, request, name });
  }

  send(message: Message): Promise<Reply> {
    return this.#router.ask('api/0', 'querier/0', message, { timeoutMs: 1e9 });
  }

  async #reach(step: Step): Promise<void> {
    this.steps.push(step);
    await this.at(step);
  }

  async #ingester({ message, ask }: Envelope): Promise<void> {
    if (message.kind === 'live.release') {
      this.released.push(message.query);
      return this.#reach('live.release');
    }
    if (message.kind !== 'live.resolve' && message.kind !== 'live.read') return;
    await this.#reach(message.kind);
    if (!this.answers) return;
    if (this.starting) return ask!.reply(faultReply(fault('unavailable', 'starting')));
    if (message.kind === 'live.read') return ask!.reply(this.#read(message));
    this.resolved.push(message.query);
    const memtable = this.#memtable(message);
    await this.#reach('live answered');
    ask!.reply({ kind: 'live', snapshot: { ingester: WRITER, memtables: memtable ? [memtable] : [] } });
  }

  #memtable({ matchers }: LiveResolveMessage): LiveMemtable | undefined {
    if (!this.#memory) return undefined;
    const { rows, batch, seq } = this.#memory;
    const compiled = compileMatchers(matchers);
    const streams = batch.streams.flatMap((key, id) => {
      const own = rows.filter((row) => formatLabels(labelsOf(row.labels)) === key);
      const labels = labelsOfKey(rows, key);
      if (!compiled.every((matcher) => matcher.matches(labelValue(labels, matcher.name)))) return [];
      const times = own.map((row) => row.time).sort((a, b) => (a < b ? -1 : 1));
      return [
        { id, labels, key, minTime: times[0]!, maxTime: times.at(-1)!, rows: own.length, bytes: 10 * own.length },
      ];
    });
    if (streams.length === 0) return undefined;
    const snapshot = `memtable-${seq}`;
    this.#frozen.set(snapshot, this.#memory);
    return { snapshot, fromSeq: seq, toSeq: seq, streams, rows: rows.length, bytes: 10 * rows.length };
  }

  /** As an ingester that has started anew. */
  forget(): void {
    this.#frozen.clear();
  }

  #read({ snapshot, streams }: LiveReadMessage): Reply {
    const frozen = this.#frozen.get(snapshot);
    if (!frozen) return faultReply(fault('unavailable', 'the query holds this memory no longer'));
    const { rows, batch } = frozen;
    const { buffer, streamEnds, streams: keys } = batch;
    const runs = [...streams].flatMap((id, i) => [id === 0 ? 0 : streamEnds[id - 1]!, streamEnds[id]!, i]);
    const labels = [...streams].map((id) => labelsOfKey(rows, keys[id]!));
    return { kind: 'live.batches', batches: [{ batch: buffer, runs: Int32Array.from(runs) }], labels };
  }
}

function labelsOfKey(rows: readonly TestRow[], key: string): Labels {
  return rows.map((row) => labelsOf(row.labels)).find((labels) => formatLabels(labels) === key)!;
}
