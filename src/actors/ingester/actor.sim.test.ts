/**
 * The real ingester, log included, over a simulated disk and bucket: random pushes, flushes, failures and crashes, each
 * run drawn from one seed. Checked against the plain set of what was acknowledged.
 */
import { describe, expect, it } from 'vitest';
import { entriesOf, type Row, rowsOf, rowText } from '../../../test/support/entries.js';
import { SeededRandom } from '../../../test/support/random.js';
import { SimDisk } from '../../../test/support/sim-disk.js';
import { SimScheduler } from '../../../test/support/sim-scheduler.js';
import type { BuildInput } from '../../storage/dataobj/types.js';
import type { WindowCoverage } from '../../storage/metastore/types.js';
import { openEntries } from '../../wire/entries.js';
import { raise } from '../../wire/fault.js';
import { DEFAULT_LIMITS } from '../../wire/limits.js';
import type { Reply } from '../../wire/message.js';
import type { LiveMemtable } from '../../wire/messages/live.js';
import { LocalRouter } from '../runtime/router-local.js';
import { IngesterActor } from './actor.js';
import { windowStart } from './flush-plan.js';
import { walIn } from './log.js';
import { loadFingerprint } from './recent.js';
import { DEFAULT_INGESTER_SETTINGS } from './settings.js';

const fingerprint = await loadFingerprint();
const WINDOW_NS = 1_000_000n;
const SETTINGS = {
  ...DEFAULT_INGESTER_SETTINGS,
  instance: 'one',
  memoryBytesMax: 60_000,
  objectWindowMs: 1,
  groupAppendsMax: 4,
  flushConcurrency: 2,
};
const ADDRESS = 'ingester/one';
const EVERYTHING = { start: -(2n ** 63n), end: 2n ** 63n - 1n };

/** Objects that are listed, by tenant, window and place in the log: listing one again changes nothing. */
class SimBucket {
  readonly objects = new Map<string, { readonly input: BuildInput; readonly rows: readonly string[] }>();
  isDown = false;

  list(input: BuildInput): { bytes: number } {
    if (this.isDown) raise('unavailable', 'the bucket is down');
    const { tenant, window, source } = input;
    const rows: string[] = [];
    for (let i = 0; i < input.runs.length; i += 4) {
      const [batch, from, to] = input.runs.subarray(i, i + 3) as unknown as [number, number, number];
      for (let row = from; row < to; row++) rows.push(rowText(input.batches[batch]!, row));
    }
    this.objects.set(`${tenant} ${window.start} ${source.fromSeq}-${source.toSeq}`, { input, rows });
    return { bytes: 1 };
  }

  coverage(tenant: string): readonly WindowCoverage[] {
    if (this.isDown) raise('unavailable', 'the bucket is down');
    return [...this.objects.values()]
      .filter(({ input }) => input.tenant === tenant)
      .map(({ input: { window, source } }) => ({
        window: window.start,
        ranges: [[source.fromSeq, source.toSeq]] as const,
      }));
  }

  rows(): string[] {
    return [...this.objects.values()].flatMap(({ rows }) => rows);
  }
}

interface Life {
  readonly scheduler: SimScheduler;
  readonly router: LocalRouter;
  readonly actor: IngesterActor;
  isReady: boolean;
}

interface Held {
  readonly query: string;
  readonly memtables: readonly LiveMemtable[];
  readonly acknowledged: ReadonlySet<string>;
}

class World {
  readonly random: SeededRandom;
  /** The smaller they are, the more of a log is left there at a restart. */
  readonly #flushBytes: number;
  readonly bucket = new SimBucket();
  readonly acknowledged = new Set<string>();
  readonly attempted = new Set<string>();
  /**
   * Appends that were refused, or not answered when the process died: their client tries again, until the second crash.
   * After two crashes the first copy may be in an object and forgotten; it is then stored twice, for queries to merge.
   */
  retries: SharedArrayBuffer[] = [];
  refused = new Set<SharedArrayBuffer>();
  unanswered = new Set<SharedArrayBuffer>();
  crashes = 0;
  /** Of segments, at crashes. */
  digests = 0;
  disk: SimDisk;
  life: Life;
  #carried = new Set<SharedArrayBuffer>();
  #lines = 0;
  #queries = 0;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.#flushBytes = this.random.pick([2000, 6000]);
    const scheduler = new SimScheduler(this.random, 0);
    this.disk = new SimDisk(scheduler.perform);
    this.life = this.#start(scheduler);
  }

  crash(): void {
    this.crashes++;
    this.digests += this.disk.names().filter((name) => name.endsWith('.digest')).length;
    this.retries = [...new Set([...this.unanswered, ...this.refused])].filter((batch) => !this.#carried.has(batch));
    this.refused = new Set();
    this.#carried = new Set(this.retries);
    this.unanswered = new Set();
    const nowMs = this.life.scheduler.monotonicMs();
    this.life.scheduler.crash();
    const scheduler = new SimScheduler(this.random, nowMs + 1000);
    this.disk = this.disk.crash(this.random.unit, scheduler.perform);
    this.life = this.#start(scheduler);
  }

  push(): void {
    const batch = this.retries.length > 0 && this.random.chance(0.5) ? this.retries.shift()! : this.#newBatch();
    const rows = Object.values(rowsOf(openEntries(batch))).flat();
    for (const row of rows) this.attempted.add(row);
    this.unanswered.add(batch);
    void this.ask({ kind: 'append', batch }).then((reply) => {
      this.unanswered.delete(batch);
      this.refused.delete(batch);
      if (reply.kind === 'ok') for (const row of rows) this.acknowledged.add(row);
      else {
        this.retries.push(batch);
        this.refused.add(batch);
      }
    });
  }

  /** Resolves only if the process lives long enough to answer. */
  ask(message: Parameters<LocalRouter['ask']>[2]): Promise<Reply> {
    const { life } = this;
    return new Promise((resolve) => {
      void life.router.ask('client/sim', ADDRESS, message, { timeoutMs: 1e9 }).then((reply) => {
        if (this.life === life) resolve(reply);
      });
    });
  }

  async hold(): Promise<Held | null> {
    const acknowledged = new Set(this.acknowledged);
    const query = `query ${this.#queries++}`;
    const reply = await this.ask({ kind: 'live.resolve', tenant: 'tenant', range: EVERYTHING, matchers: [], query });
    return reply.kind === 'live' ? { query, memtables: reply.snapshot.memtables, acknowledged } : null;
  }

  /** Rows a query sees that named memory earlier and looks at the objects now. */
  async see({ memtables, query }: Held): Promise<string[]> {
    const seen = this.bucket.rows();
    for (const { snapshot, streams, fromSeq, toSeq } of memtables) {
      const covered = new Set(
        this.bucket
          .coverage('tenant')
          .filter(({ ranges }) => ranges.some(([from, to]) => from <= fromSeq && to >= toSeq))
          .map(({ window }) => window),
      );
      const reply = await this.#read(
        snapshot,
        Int32Array.from(streams, ({ id }) => id),
      );
      if (reply.kind !== 'live.batches') throw new Error(JSON.stringify(reply));
      for (const { batch, runs } of reply.batches) {
        const entries = openEntries(batch);
        for (let i = 0; i < runs.length; i += 3) {
          for (let row = runs[i]!; row < runs[i + 1]!; row++) {
            if (!covered.has(windowStart(entries.times[row]!, WINDOW_NS))) seen.push(rowText(entries, row));
          }
        }
      }
    }
    void this.ask({ kind: 'live.release', query });
    return seen;
  }

  /** Ends all trouble and lets everything that waits happen, until it is over. */
  async calm(isOver: () => boolean = () => this.life.isReady && this.unanswered.size === 0): Promise<void> {
    this.disk.capacity = Number.POSITIVE_INFINITY;
    this.disk.fault = () => undefined;
    this.bucket.isDown = false;
    await this.life.scheduler.settle();
    for (let i = 0; i < 10_000 && !isOver(); i++) {
      if (this.life.scheduler.pending > 0) await this.life.scheduler.runOne();
      else await this.life.scheduler.advance(1000);
    }
  }

  /** What is still in the log is read from the disk first, which may refuse. */
  async #read(snapshot: string, streams: Int32Array): Promise<Reply> {
    for (let tries = 0; ; tries++) {
      let reply: Reply | undefined;
      void this.ask({ kind: 'live.read', snapshot, streams }).then((answer) => {
        reply = answer;
      });
      await this.life.scheduler.settle();
      while (reply === undefined) await this.life.scheduler.runOne();
      if (reply.kind === 'live.batches' || tries > 100) return reply;
    }
  }

  #start(scheduler: SimScheduler): Life {
    const router = new LocalRouter({
      clock: scheduler,
      onTrouble: (what, at, detail) => expect([what, at, detail]).toBeNull(),
    });
    const { bucket, disk } = this;
    const actor = new IngesterActor(
      {
        router,
        clock: scheduler,
        openLog: walIn(disk, { segmentBytesMax: 2000, sparesMax: 2, unreadBytesMax: 2000 }, () => scheduler.now()),
        fingerprint,
        life: `life${scheduler.now()}`,
        flusher: {
          store: async (input) => {
            await scheduler.perform('upload', () => undefined);
            const stored = await scheduler.perform('list', () => bucket.list(input));
            await scheduler.perform(
              'answer',
              () => this.random.chance(0.1) && raise('timeout', 'listed, and nobody knows'),
            );
            return stored;
          },
        },
        metastore: {
          coverage: (tenant) => scheduler.perform('coverage', () => bucket.coverage(tenant)),
          copies: async () => [],
        },
        limits: () => DEFAULT_LIMITS,
        log: () => undefined,
      },
      { ...SETTINGS, flushBytes: this.#flushBytes },
    );
    const life: Life = { scheduler, router, actor, isReady: false };
    void actor.start().then(() => Object.assign(life, { isReady: true }));
    return life;
  }

  #newBatch(): SharedArrayBuffer {
    const streams: Record<string, Row[]> = {};
    for (let i = 1 + this.random.below(5); i > 0; i--) {
      const row: Row = [this.random.below(3_000_000), `line ${this.#lines++}`];
      const stream = `{app="${this.random.below(3)}"}`;
      streams[stream] = [...(streams[stream] ?? []), row];
    }
    return entriesOf(streams).buffer;
  }
}

async function simulate(seed: number, steps: number, diskLies = false): Promise<World> {
  const world = new World(seed);
  world.disk.lies = diskLies;
  const { random } = world;
  const crashChance = random.chance(0.8) ? 0.03 * random.unit() : 0;
  const troubleChance = random.chance(0.7) ? 0.05 * random.unit() : 0;
  let held: Held | null = null;
  for (let step = 0; step < steps; step++) {
    const { scheduler } = world.life;
    if (random.chance(0.4)) world.push();
    if (random.chance(0.02)) void world.ask({ kind: 'flush' });
    if (random.chance(0.2)) await scheduler.advance(random.below(3000));
    for (let i = random.below(6); i > 0; i--) await scheduler.runOne();
    if (random.chance(troubleChance))
      world.disk.capacity = random.chance(0.5) ? world.disk.used() + random.below(300) : Number.POSITIVE_INFINITY;
    if (random.chance(troubleChance)) world.bucket.isDown = random.chance(0.5);
    if (random.chance(troubleChance)) {
      const code = random.pick([undefined, undefined, 'EIO', 'ENOSPC']);
      world.disk.fault = (operation) =>
        operation === 'write' || operation === 'sync' || operation === 'create' ? code : undefined;
    }
    if (random.chance(crashChance)) {
      world.crash();
      held = null;
    }
    if (held && !world.bucket.isDown && random.chance(0.1)) {
      check(await world.see(held), held.acknowledged, world.attempted, seed);
      held = null;
    }
    if (!held && world.life.isReady && random.chance(0.1)) held = await world.hold();
  }
  await world.calm();
  return world;
}

function check(
  seen: readonly string[],
  expected: ReadonlySet<string>,
  attempted: ReadonlySet<string>,
  seed: number,
): void {
  const distinct = new Set(seen);
  expect(
    [...expected].filter((row) => !distinct.has(row)),
    `seed ${seed}: lost`,
  ).toEqual([]);
  expect(
    seen.filter((row, i) => seen.indexOf(row) !== i),
    `seed ${seed}: seen twice`,
  ).toEqual([]);
  expect(
    seen.filter((row) => !attempted.has(row)),
    `seed ${seed}: invented`,
  ).toEqual([]);
}

describe('an ingester in a bad world', () => {
  const SEEDS = 60;

  it('shows every acknowledged entry once, at any time, whatever fails', async () => {
    let crashes = 0;
    let objects = 0;
    let digests = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const world = await simulate(seed, 150);
      const held = await world.hold();
      check(await world.see(held!), world.acknowledged, world.attempted, seed);
      crashes += world.crashes;
      objects += world.bucket.objects.size;
      digests += world.digests;
    }
    expect(crashes).toBeGreaterThan(SEEDS / 2);
    expect(objects).toBeGreaterThan(SEEDS);
    expect(digests).toBeGreaterThan(SEEDS / 2);
  });

  it('gets everything into objects and out of the log when it may drain', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const world = await simulate(1000 + seed, 60);
      let drained: boolean | null = null;
      void world.life.actor.drain(600_000).then((done) => {
        drained = done;
      });
      await world.calm(() => drained !== null);
      expect(drained, `seed ${seed}`).toBe(true);
      check(world.bucket.rows(), world.acknowledged, world.attempted, seed);
      expect(world.disk.names().filter((name) => name.endsWith('.wal'))).toEqual([]);
    }
  });

  it('is caught when its disk lies about syncing, which shows that this test would notice', async () => {
    let caught = 0;
    for (let seed = 1; seed <= 20; seed++) {
      await simulate(seed, 150, true).then(
        async (world) => {
          const seen = new Set(await world.see((await world.hold())!));
          if ([...world.acknowledged].some((row) => !seen.has(row))) caught++;
        },
        () => caught++,
      );
    }
    expect(caught).toBeGreaterThan(3);
  });

  it('is the same at every run of a seed', async () => {
    const trace = async (): Promise<readonly string[]> => [...(await simulate(7, 100)).disk.log];
    expect(await trace()).toEqual(await trace());
  });
});
