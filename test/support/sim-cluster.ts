/**
 * A querier, schedulers and workers as processes of their own over a network that fails, running real queries over
 * objects in memory. What fails, and when, is drawn from a seed; the same seed does the same again.
 */
import { Querier } from '../../src/actors/querier/actor.js';
import { DEFAULT_QUERIER_TIMES } from '../../src/actors/querier/settings.js';
import { faultReply } from '../../src/actors/runtime/router.js';
import { Scheduler } from '../../src/actors/scheduler/actor.js';
import { Worker } from '../../src/actors/worker/actor.js';
import { DEFAULT_WORKER_TIMES } from '../../src/actors/worker/settings.js';
import { BATCH_SIZES, type BatchSizes } from '../../src/execution/batch/sizes.js';
import type { TaskIo, TaskJob } from '../../src/execution/pool.js';
import { InlinePool } from '../../src/execution/pool-inline.js';
import { MemoryBucket } from '../../src/storage/bucket/memory.js';
import { buildLogsObject } from '../../src/storage/dataobj/logs/builder.js';
import { ObjectCache } from '../../src/storage/dataobj/object-cache.js';
import { DEFAULT_BUILD_SETTINGS } from '../../src/storage/dataobj/types.js';
import { MetastoreCatalog } from '../../src/storage/metastore/catalog.js';
import { Metastore } from '../../src/storage/metastore/metastore.js';
import { TocWriter } from '../../src/storage/metastore/toc-writer.js';
import { WINDOW_NS } from '../../src/storage/metastore/window.js';
import { asFault } from '../../src/wire/fault.js';
import { DEFAULT_LIMITS } from '../../src/wire/limits.js';
import type { Reply } from '../../src/wire/message.js';
import type { TaskReport } from '../../src/wire/messages/workflow.js';
import type { QueryRequest } from '../../src/wire/query.js';
import { inputOf, type TestRow } from './build-input.js';
import { SECOND, T0, TENANT } from './query-system.js';
import { SeededRandom } from './random.js';
import { UNLIMITED } from './scheduler.js';
import { type NetworkFaults, NO_FAULTS, SimNetwork, SimProcess } from './sim-network.js';
import { SimScheduler } from './sim-scheduler.js';

const SCHEDULERS = ['scheduler/0', 'scheduler/1'];
const WORKERS = ['worker/0', 'worker/1', 'worker/2'];
const SLOTS = 2;
export const QUERY_TIMEOUT_MS = 120_000;
const LIMITS = { ...DEFAULT_LIMITS, query_timeout_ms: QUERY_TIMEOUT_MS };
/** Small, so that streams have many frames; different at every worker, so that no two attempts send the same. */
function sizesOf(random: SeededRandom): BatchSizes {
  const small = { fetchBytes: 100, partialStates: random.pick([1, 2, 3, 5]), sampleSeries: random.pick([1, 2]) };
  return { ...BATCH_SIZES, ...small, candidatesSlack: 0, retainedBytes: 1 };
}

/** What all clusters read: a few objects that hold each others' times. */
export class SimStore {
  readonly bucket = new MemoryBucket();
  readonly objects = new ObjectCache(this.bucket, 1 << 24);
  readonly metastore = new Metastore(this.bucket);

  static async filled(objects: number, rows: number): Promise<SimStore> {
    const store = new SimStore();
    for (let i = 0; i < objects; i++) {
      const own = Array.from({ length: rows }, (_, k): TestRow => {
        const number = k * objects + i;
        const time = T0 + (BigInt(number) * 3600n * SECOND) / BigInt(objects * rows);
        return { labels: { app: number % 3 === 0 ? 'a' : 'b' }, time, line: `n=${number % 7} line ${number}` };
      });
      const source = { writer: '0', fromSeq: i, toSeq: i };
      const settings = { ...DEFAULT_BUILD_SETTINGS, pageBytesMin: 200, pageBytesMax: 200, pageRowsMax: 5 };
      const { bytes, summary } = buildLogsObject(inputOf([own], { tenant: TENANT, source }), settings);
      await store.bucket.upload(`objects/${i}`, bytes);
      await new TocWriter(store.bucket).add(TENANT, { path: `objects/${i}`, summary, created: 1 });
    }
    return store;
  }
}

/** What may go wrong in one run, each with a chance of its own. */
export interface ClusterFaults extends NetworkFaults {
  /** Chances that a process is killed, or paused, within a second. */
  readonly kill: number;
  readonly pause: number;
  /** One worker takes so many times longer. */
  readonly slow: number;
}

export class SimCluster {
  readonly clock: SimScheduler;
  readonly network: SimNetwork;
  kills = 0;
  pauses = 0;
  readonly #store: SimStore;
  readonly #random: SeededRandom;
  readonly #faults: ClusterFaults;
  readonly #actors = new Map<string, { readonly process: SimProcess; readonly actor: Scheduler | Worker }>();
  readonly #querier: Querier;

  constructor(store: SimStore, seed: number, faults: Partial<ClusterFaults> = {}) {
    this.#store = store;
    this.#random = new SeededRandom(seed, 2);
    this.#faults = { ...NO_FAULTS, kill: 0, pause: 0, slow: 1, ...faults };
    this.clock = new SimScheduler(new SeededRandom(seed), Number(T0 / 1_000_000n) + 7_200_000);
    this.network = new SimNetwork(this.clock, new SeededRandom(seed, 1));
    for (const address of [...SCHEDULERS, ...WORKERS]) this.#start(address);
    const process = new SimProcess(this.network);
    let ids = 0;
    const { metastore } = store;
    const random = { ulid: () => `id-${++ids}`, unit: () => 0.5 };
    this.#querier = new Querier(
      'querier/0',
      {
        ...{ router: process, clock: process, random, metastore, catalog: new MetastoreCatalog(metastore) },
        limits: () => LIMITS,
      },
      {
        ...{ ...DEFAULT_QUERIER_TIMES, ingesters: () => [], schedulers: () => SCHEDULERS, resolveTimeoutMs: 1000 },
        windowNs: WINDOW_NS,
      },
    );
  }

  /** Everybody knows everybody. */
  async ready(): Promise<void> {
    await this.clock.advance(2000);
    this.network.faults = this.#faults;
  }

  ask(request: QueryRequest, signal = new AbortController().signal): Promise<Reply> {
    return this.#querier.query(request, signal).catch((error: unknown) => faultReply(asFault(error)));
  }

  /** As `ask`, from another process. */
  askFromAfar(request: QueryRequest, signal: AbortSignal): Promise<Reply> {
    const process = new SimProcess(this.network);
    const message = { kind: 'query', request, signal } as const;
    return process.ask('api/0', 'querier/0', message, { timeoutMs: QUERY_TIMEOUT_MS, signal });
  }

  /** Lets so many seconds pass in which processes die and come back, or stand still for a while. */
  async storm(seconds: number): Promise<void> {
    const random = this.#random;
    for (let i = 0; i < seconds; i++) {
      const address = random.pick([...SCHEDULERS, ...WORKERS, ...WORKERS]);
      const found = this.#actors.get(address);
      if (found && random.chance(this.#faults.kill)) {
        this.kills++;
        found.process.kill();
        this.#actors.delete(address);
        this.clock.after(1 + random.below(12_000), () => this.#start(address));
      } else if (found && random.chance(this.#faults.pause)) {
        this.pauses++;
        found.process.pause();
        this.clock.after(1 + random.below(15_000), () => found.process.resume());
      }
      await this.clock.advance(1000);
    }
  }

  /** No more faults; who was killed or paused comes back within its time. */
  heal(): void {
    this.network.faults = NO_FAULTS;
  }

  /** Everything that must be nothing when no query runs. */
  leftovers(): Record<string, unknown> {
    const left: Record<string, unknown> = {};
    const base = ['querier/0', ...SCHEDULERS, ...WORKERS];
    const addresses = [...this.network.homes.keys()].filter((address) => !base.includes(address));
    if (addresses.length > 0) left.addresses = addresses;
    for (const [address, { actor }] of this.#actors) {
      if (actor instanceof Worker) {
        if (actor.running > 0) left[address] = actor.running;
        continue;
      }
      const { workflows, tasks, executions, workers, freeSlots } = actor.observe();
      if (workflows + tasks + executions > 0) left[address] = { workflows, tasks, executions };
      if (workers !== WORKERS.length) left[`workers of ${address}`] = workers;
      if (freeSlots !== SLOTS * WORKERS.length) left[`slots of ${address}`] = freeSlots;
    }
    return left;
  }

  /** How often the schedulers that live now did what. */
  counted(of: 'repeated' | 'superseded' | 'lost'): number {
    let sum = 0;
    for (const { actor } of this.#actors.values()) if (actor instanceof Scheduler) sum += actor.observe().counters[of];
    return sum;
  }

  /** Says how many timers are left when all has been closed. */
  async close(): Promise<number> {
    for (const { actor } of this.#actors.values()) actor.close();
    this.#querier.close();
    await this.clock.advance(100);
    return this.clock.timers;
  }

  #start(address: string): void {
    const process = new SimProcess(this.network);
    if (SCHEDULERS.includes(address)) {
      const actor = new Scheduler(address, process, process, UNLIMITED);
      this.#actors.set(address, { process, actor });
      return;
    }
    const slow = address === WORKERS[0] ? this.#faults.slow : 1;
    const pool = new SlowPool(this.#store.objects, process, this.#random, slow);
    const parts = { router: process, clock: process, pool, schedulers: () => SCHEDULERS };
    const settings = {
      ...{ scanSlots: SLOTS, memoryBytesMax: 1 << 26, liveReadTimeoutMs: 1000 },
      ...DEFAULT_WORKER_TIMES,
    };
    this.#actors.set(address, { process, actor: new Worker(address, parts, settings) });
  }
}

/** Tasks and their frames take time, so that there is something to interrupt. */
class SlowPool extends InlinePool {
  readonly #process: SimProcess;
  readonly #random: SeededRandom;
  readonly #factor: number;

  constructor(objects: ObjectCache, process: SimProcess, random: SeededRandom, factor: number) {
    super(
      (path) => objects.open(path),
      () => 0,
      { sizes: sizesOf(random) },
    );
    this.#process = process;
    this.#random = random;
    this.#factor = factor;
  }

  override async run(job: TaskJob, io: TaskIo): Promise<TaskReport> {
    await this.#pass(1000, io.signal);
    const send = async (frame: Uint8Array): Promise<void> => {
      await this.#pass(600, io.signal);
      await io.send(frame);
    };
    return super.run(job, { ...io, signal: io.signal, send });
  }

  #pass(msMax: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        cancel();
        reject(signal.reason);
      };
      const cancel = this.#process.after(this.#factor * this.#random.below(msMax), () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop, { once: true });
    });
  }
}
