/**
 * Three real ingesters over simulated disks, one bucket and a network that delays and loses: pushes as a distributor
 * replicates them, crashes, wrong suspicions, take-overs and returns, each run drawn from one seed.
 */
import { describe, expect, it } from 'vitest';
import { entriesOf, type Row, rowsOf, rowText } from '../../../../test/support/entries.js';
import { SeededRandom } from '../../../../test/support/random.js';
import { SimDisk } from '../../../../test/support/sim-disk.js';
import { SimScheduler } from '../../../../test/support/sim-scheduler.js';
import type { BuildInput } from '../../../storage/dataobj/types.js';
import type { WindowCopies, WindowCoverage } from '../../../storage/metastore/types.js';
import type { BatchCopy } from '../../../wire/batch-copy.js';
import { openEntries } from '../../../wire/entries.js';
import { fault, raise } from '../../../wire/fault.js';
import { DEFAULT_LIMITS } from '../../../wire/limits.js';
import type { Message, Reply } from '../../../wire/message.js';
import type { LiveSnapshot } from '../../../wire/messages/live.js';
import type { Receive, Router } from '../../runtime/router.js';
import { IngesterActor } from '../actor.js';
import { walIn } from '../log.js';
import { loadFingerprint } from '../recent.js';
import { DEFAULT_INGESTER_SETTINGS } from '../settings.js';

const fingerprint = await loadFingerprint();
const NAMES = ['a', 'b', 'c'];
const EVERYTHING = { start: -(2n ** 63n), end: 2n ** 63n - 1n };
const SETTINGS = {
  ...DEFAULT_INGESTER_SETTINGS,
  flushBytes: 3000,
  objectWindowMs: 1,
  groupAppendsMax: 4,
  chunkIdlePeriodMs: 6000,
  heldAskAfterMs: 3000,
  heldAskPeriodMs: 1000,
  takeOverAfterMs: 4000,
  peerTimeoutMs: 500,
  storedRangesMax: 6,
};
const NO_ANSWER: Reply = { kind: 'fault', fault: fault('timeout', 'no answer') };

class SimBucket {
  readonly #objects = new Map<string, { readonly input: BuildInput; readonly rows: readonly string[] }>();

  get size(): number {
    return this.#objects.size;
  }

  list(input: BuildInput): { bytes: number } {
    const { window, source, runs } = input;
    const rows: string[] = [];
    for (let i = 0; i < runs.length; i += 4) {
      const entries = input.batches[runs[i]!]!;
      for (let row = runs[i + 1]!; row < runs[i + 2]!; row++) {
        const time = entries.times[row]!;
        if (time >= window.start && time < window.end) rows.push(rowText(entries, row));
      }
    }
    this.#objects.set(`${window.start} ${source.writer} ${source.fromSeq}-${source.toSeq}`, { input, rows });
    return { bytes: 1 };
  }

  coverage(writer: string): WindowCoverage[] {
    const own = [...this.#objects.values()].filter(({ input }) => input.source.writer === writer);
    return own.map(({ input: { window, source } }) => {
      return { window: window.start, ranges: [[source.fromSeq, source.toSeq]] as const };
    });
  }

  copies(): WindowCopies[] {
    return [...this.#objects.values()].map(({ input: { window, source } }) => {
      return { window: window.start, copies: source.copies ?? [] };
    });
  }

  rows(): string[] {
    return [...this.#objects.values()].flatMap(({ rows }) => rows);
  }
}

/** One life of an instance. */
interface Life {
  readonly scheduler: SimScheduler;
  readonly actor: IngesterActor;
  receive: Receive | null;
  isReady: boolean;
  readonly unanswered: (() => void)[];
}

class World {
  readonly random: SeededRandom;
  readonly bucket = new SimBucket();
  readonly lives = new Map<string, Life>();
  readonly disks = new Map<string, SimDisk>();
  readonly acknowledged = new Set<string>();
  readonly suspected = new Set<string>();
  /** Messages on their way. */
  #wire: (() => void)[] = [];
  #seqs = new Map<string, number>();
  #lines = 0;
  nowMs = 0;
  crashes = 0;
  promotions = 0;
  lossy = true;
  pushes = 0;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    for (const name of NAMES) this.start(name);
  }

  start(name: string): void {
    const scheduler = new SimScheduler(this.random, this.nowMs);
    const disk = this.disks.get(name)?.crash(this.random.unit, scheduler.perform) ?? new SimDisk(scheduler.perform);
    this.disks.set(name, disk);
    const { bucket } = this;
    const actor = new IngesterActor(
      {
        router: this.#routerOf(name),
        clock: scheduler,
        openLog: walIn(disk, { segmentBytesMax: 2000, sparesMax: 2, unreadBytesMax: 4000 }, () => scheduler.now()),
        fingerprint,
        life: `${name}-${scheduler.now()}`,
        flusher: {
          store: async (input) => {
            const stored = await scheduler.perform('list', () => bucket.list(input));
            await scheduler.perform('answer', () => this.random.chance(0.05) && raise('timeout', 'nobody knows'));
            return stored;
          },
        },
        metastore: {
          coverage: (_, writer) => scheduler.perform('coverage', () => bucket.coverage(writer)),
          copies: () => scheduler.perform('copies', () => bucket.copies()),
        },
        limits: () => DEFAULT_LIMITS,
        isUp: (one) => this.lives.has(one) && !this.suspected.has(one),
        log: () => undefined,
      },
      { ...SETTINGS, instance: name },
    );
    const life: Life = { scheduler, actor, receive: null, isReady: false, unanswered: [] };
    this.lives.set(name, life);
    void actor.start().then(() => Object.assign(life, { isReady: true }));
  }

  crash(name: string): void {
    this.crashes++;
    const { scheduler, unanswered } = this.lives.get(name)!;
    scheduler.crash();
    this.#wire.push(...unanswered);
    this.lives.delete(name);
  }

  /** As a distributor: to all replicas; answered when two have it and one of these is its owner, made so if need be. */
  async push(): Promise<void> {
    const up = NAMES.filter((name) => this.lives.has(name));
    const first = this.random.below(up.length);
    const replicas = up.map((_, i) => up[(first + i) % up.length]!);
    const owner = replicas[0]!;
    const seq = (this.#seqs.get(owner) ?? 0) + 1;
    this.#seqs.set(owner, seq);
    this.pushes++;
    const copy: BatchCopy = { origin: `d/${owner}`, seq, owner, replicas };
    const batch = this.#newBatch();
    const rows = Object.values(rowsOf(openEntries(batch))).flat();
    const answers = replicas.map((name) => this.#ask('client', name, { kind: 'append', batch, copy }));
    const replies = await Promise.all(answers);
    const stored = replicas.filter((_, i) => replies[i]!.kind === 'ok');
    if (stored.length < 2) return;
    if (stored[0] !== owner) {
      this.promotions++;
      const promoted = await this.#ask('client', stored[0]!, { kind: 'append.own', ...copy });
      if (promoted.kind !== 'ok') return;
    }
    for (const row of rows) this.acknowledged.add(row);
  }

  /** Lets something happen somewhere. */
  async runOne(): Promise<void> {
    const busy = [...this.lives.values()].filter(({ scheduler }) => scheduler.pending > 0);
    const at = this.random.below(busy.length + (this.#wire.length > 0 ? 1 : 0));
    const life = busy[at];
    if (life) return life.scheduler.runOne();
    const [message] = this.#wire.splice(this.random.below(this.#wire.length), 1);
    message?.();
    await settled();
  }

  get isIdle(): boolean {
    return this.#wire.length === 0 && [...this.lives.values()].every(({ scheduler }) => scheduler.pending === 0);
  }

  async advance(ms: number): Promise<void> {
    this.nowMs += ms;
    for (const { scheduler } of [...this.lives.values()]) await scheduler.advance(ms);
  }

  /** What a query sees at this moment; null when it fails, more than one instance being silent. */
  see(): Set<string> | null {
    const ready = NAMES.filter((name) => this.lives.get(name)?.isReady);
    if (ready.length < NAMES.length - 1) return null;
    const seen = new Set<string>();
    for (const name of ready) {
      const resolve = (heldOf: readonly string[], query: string): LiveSnapshot => {
        const message = { kind: 'live.resolve', tenant: 'tenant', range: EVERYTHING, matchers: [], query } as const;
        const reply = this.#now(name, heldOf.length > 0 ? { ...message, heldOf } : message);
        if (reply.kind !== 'live') throw new Error(JSON.stringify(reply));
        return reply.snapshot;
      };
      const missing = (resolve([], 'first').holdsOf ?? []).filter((owner) => !ready.includes(owner));
      for (const { snapshot, streams } of resolve(missing, 'second').memtables) {
        const ids = Int32Array.from(streams, ({ id }) => id);
        const reply = this.#now(name, { kind: 'live.read', snapshot, streams: ids });
        if (reply.kind !== 'live.batches') throw new Error(JSON.stringify(reply));
        for (const { batch, runs } of reply.batches) {
          const entries = openEntries(batch);
          for (let i = 0; i < runs.length; i += 3) {
            for (let row = runs[i]!; row < runs[i + 1]!; row++) seen.add(rowText(entries, row));
          }
        }
      }
      for (const query of ['first', 'second']) this.#now(name, { kind: 'live.release', query });
    }
    for (const row of this.bucket.rows()) seen.add(row);
    return seen;
  }

  metric(name: string, sample: string): number {
    return this.lives
      .get(name)!
      .actor.observe()
      .find((one) => one.name === `loki_ingester_${sample}`)!.value;
  }

  sum(sample: string): number {
    return [...this.lives.keys()].reduce((sum, name) => sum + this.metric(name, sample), 0);
  }

  /** Ends all trouble, but for an instance that is lost with its disk, and lets time pass. */
  async calm(ms: number, lost?: string): Promise<void> {
    this.lossy = false;
    this.suspected.clear();
    if (lost !== undefined && this.lives.has(lost)) this.crash(lost);
    for (const name of NAMES) if (name !== lost && !this.lives.has(name)) this.start(name);
    for (const end = this.nowMs + ms; this.nowMs < end; ) {
      while (!this.isIdle) await this.runOne();
      await this.advance(250);
    }
    while (!this.isIdle) await this.runOne();
  }

  /** Answered within the step. */
  #now(name: string, message: Message): Reply {
    let answer: Reply = NO_ANSWER;
    const reply = (value: Reply): void => {
      answer = value;
    };
    const to = `ingester/${name}`;
    this.lives.get(name)!.receive!({ from: 'querier/q', to, message, ask: { id: 'now', reply } });
    return answer;
  }

  #routerOf(name: string): Router {
    return {
      register: (_, receive) => {
        const life = this.lives.get(name);
        if (life) life.receive = receive;
        return () => undefined;
      },
      tell: (from, to, message) => {
        if (this.lossy && this.random.chance(0.3)) return;
        this.#send(to, (receive) => receive({ from, to, message }));
      },
      ask: (from, to, message, { timeoutMs }) => {
        const life = this.lives.get(name);
        const { promise, resolve } = deferred();
        life?.scheduler.after(timeoutMs, () => resolve(NO_ANSWER));
        void this.#ask(from, to.slice(to.indexOf('/') + 1), message).then((reply) => {
          if (this.lives.get(name) === life) resolve(reply);
        });
        return promise;
      },
    };
  }

  /** An answer, or that there is none: in time or long after. */
  #ask(from: string, name: string, message: Message): Promise<Reply> {
    const { promise, resolve } = deferred();
    const to = `ingester/${name}`;
    const life = this.lives.get(name);
    if (!life || (this.lossy && this.random.chance(0.05))) this.#wire.push(() => resolve(NO_ANSWER));
    else {
      // Who dies before it has answered never answers.
      life.unanswered.push(() => resolve(NO_ANSWER));
      const reply = (value: Reply): void => {
        const isLost = this.lossy && this.random.chance(0.05);
        this.#wire.push(() => resolve(isLost ? NO_ANSWER : value));
      };
      this.#send(to, (receive) => receive({ from, to, message, ask: { id: 'ask', reply } }));
    }
    return promise;
  }

  #send(to: string, deliver: (receive: Receive) => void): void {
    this.#wire.push(() => {
      const receive = this.lives.get(to.slice(to.indexOf('/') + 1))?.receive;
      if (receive) deliver(receive);
    });
  }

  #newBatch(): SharedArrayBuffer {
    const rows: Row[] = [];
    for (let i = 1 + this.random.below(4); i > 0; i--) {
      rows.push([this.random.below(3_000_000), `line ${this.#lines++}`]);
    }
    return entriesOf({ [`{app="${this.random.below(3)}"}`]: rows }).buffer;
  }
}

function deferred(): { readonly promise: Promise<Reply>; readonly resolve: (reply: Reply) => void } {
  let resolve: (reply: Reply) => void = () => undefined;
  const promise = new Promise<Reply>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function check(world: World, seed: number, at: number): boolean {
  const seen = world.see();
  if (!seen) return false;
  const lost = [...world.acknowledged].filter((row) => !seen.has(row));
  expect(lost, `seed ${seed}, step ${at}`).toEqual([]);
  return true;
}

async function simulate(seed: number, steps: number): Promise<{ world: World; checks: number }> {
  const world = new World(seed);
  const { random } = world;
  const crashChance = 0.04 * random.unit();
  const suspectChance = random.chance(0.5) ? 0.02 : 0;
  let checks = 0;
  for (let at = 0; at < steps; at++) {
    const down = NAMES.filter((name) => !world.lives.has(name));
    if (random.chance(0.4)) void world.push();
    if (random.chance(0.3)) await world.advance(random.below(1500));
    for (let i = random.below(12); i > 0; i--) await world.runOne();
    if (random.chance(suspectChance)) world.suspected.add(random.pick(NAMES));
    if (random.chance(0.05)) world.suspected.clear();
    if (random.chance(crashChance) && (down.length === 0 || random.chance(0.1))) {
      const up = NAMES.filter((name) => world.lives.has(name));
      if (up.length > 1) world.crash(random.pick(up));
    }
    if (down.length > 0 && random.chance(0.08)) world.start(random.pick(down));
    if (random.chance(0.3) && check(world, seed, at)) checks++;
  }
  return { world, checks };
}

describe('three ingesters in a bad world', () => {
  const SEEDS = 60;

  it('show every acknowledged entry at any moment, store it, and hold nothing in the end', async () => {
    const totals = { crashes: 0, checks: 0, promotions: 0, takenOver: 0, resent: 0, acknowledged: 0, objects: 0 };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { world, checks } = await simulate(seed, 150);
      totals.takenOver += world.sum('parts_taken_over_total');
      const lost = world.random.chance(0.5) ? world.random.pick(NAMES) : undefined;
      await world.calm(40_000, lost);
      check(world, seed, -1);
      const stored = new Set(world.bucket.rows());
      expect(
        [...world.acknowledged].filter((row) => !stored.has(row)),
        `seed ${seed}: not stored`,
      ).toEqual([]);
      expect([world.sum('held_parts'), world.sum('owned_parts')], `seed ${seed}: held, owned`).toEqual([0, 0]);
      totals.crashes += world.crashes;
      totals.checks += checks;
      totals.promotions += world.promotions;
      totals.resent += world.sum('parts_resent_total');
      totals.acknowledged += world.acknowledged.size;
      totals.objects += world.bucket.size;
    }
    for (const total of Object.values(totals)) expect(total).toBeGreaterThan(SEEDS / 4);
  });

  it('do the same at every run of a seed', async () => {
    const trace = async (): Promise<unknown> => {
      const { world } = await simulate(7, 80);
      return [...world.disks.values()].map(({ log }) => log);
    };
    expect(await trace()).toEqual(await trace());
  });
});
