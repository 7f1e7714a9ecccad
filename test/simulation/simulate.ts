/** One seed: a cluster in a storm, healed, and held against everything that was promised. */
import { SeededRandom } from '../support/random.js';
import { checkBounds, commotion, compareWithOracle, disagreement, storedRows, uncertainty } from './checks.js';
import { Clients, type Tally } from './clients.js';
import { Cluster, type Sabotage } from './cluster.js';
import { History } from './history.js';
import { Storm } from './storm.js';
import { drawLog, drawShape, drawWeather, type Shape, type Weather } from './swarm.js';
import { World } from './world.js';

export interface Outcome {
  readonly seed: number;
  readonly shape: Shape;
  readonly weather: Weather;
  /** The claim that did not hold. */
  readonly failure: string | undefined;
  /** What happened last. */
  readonly trace: readonly string[];
  /** Of everything that happened: the same for every run of the seed. */
  readonly hash: number;
  readonly simulatedMs: number;
  readonly events: number;
  readonly messages: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly tally: Tally;
  readonly sent: number;
  readonly acknowledged: number;
  /** Of the lines sent, those that are there at the end. */
  readonly found: number;
  /** Rows in objects at the end. */
  readonly stored: number;
}

export interface RunOptions {
  readonly sabotage?: Sabotage;
  /** `ring` unless said otherwise. */
  readonly log?: 'ring' | 'jetstream';
  /** In place of what the seed draws. */
  readonly shape?: Partial<Shape>;
  readonly weather?: Partial<Weather>;
  /** Rows in objects for each time a line was sent, at most. In storms some are stored twice, which is no fault. */
  readonly storedMax?: number;
  readonly print?: (line: string) => void;
}

/** News that gossip did not carry to everyone come with the exchange of all state, every 20 s here, of which some may be lost. */
const START_MS = 61_000;
/** Everything must be over so long after the storm. */
const AGREE_MS = 150_000;
const REST_MS = 120_000;
/** A stream of random numbers that nothing else draws from. */
const LOG_DRAWS = 2000;
/** When all members agree, a worker may not have told a new scheduler of itself yet. */
const HEALED_ATTEMPTS = 4;

export async function simulate(seed: number, options: RunOptions = {}): Promise<Outcome> {
  const random = new SeededRandom(seed, 1000);
  const log = options.log === 'jetstream' ? drawLog(new SeededRandom(seed, LOG_DRAWS)) : {};
  const shape = { ...drawShape(random), ...log, ...options.shape };
  const weather = { ...drawWeather(random), ...options.weather };
  const world = new World(seed);
  world.print = options.print;
  world.note(`seed ${seed} ${JSON.stringify(shape)} ${JSON.stringify(weather)}`);
  const run = new Run(world, shape, weather, options, random);
  let failure: string | undefined;
  try {
    await run.all();
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  const { history, clients, cluster, found, stored } = run;
  return {
    ...{ seed, shape, weather, failure, trace: world.recent(), hash: world.hash, simulatedMs: world.nowMs },
    ...{ events: world.events, messages: cluster.nats.messages, faults: world.faults, tally: clients.tally },
    ...{ sent: history.lines.length, acknowledged: history.acknowledged, found, stored },
  };
}

class Run {
  readonly history = new History();
  readonly cluster: Cluster;
  readonly clients: Clients;
  found = 0;
  stored = 0;
  readonly #world: World;
  readonly #storm: Storm;
  readonly #random: SeededRandom;
  readonly #storedMax: number;

  constructor(world: World, shape: Shape, weather: Weather, options: RunOptions, random: SeededRandom) {
    this.#world = world;
    this.#random = random;
    this.#storedMax = options.storedMax ?? Infinity;
    this.cluster = new Cluster(world, shape, weather.drift, options.sabotage ?? {});
    this.clients = new Clients(this.cluster, this.history);
    this.#storm = new Storm(this.cluster, weather);
    const { log } = this.cluster;
    if (log) log.onLost = (lines) => this.history.lose(lines, world.nowMs);
  }

  async all(): Promise<void> {
    const { cluster, clients } = this;
    for (const host of cluster.hosts) cluster.start(host);
    await this.#until(START_MS, 'agree at the start', () => disagreement(cluster));
    clients.start();
    await this.#storm.run();
    clients.stop();
    this.#storm.heal();
    await this.#until(AGREE_MS, 'finish what clients asked for', () =>
      clients.open > 0 ? `${clients.open} requests are open` : undefined,
    );
    await this.#until(AGREE_MS, 'agree', () => disagreement(cluster));
    // Readers may be behind for as long as nothing says that they are not.
    if (this.#random.chance(0.5) && !cluster.log) {
      await this.#until(REST_MS, 'be sure of a majority', () => uncertainty(cluster));
      await this.#ask(HEALED_ATTEMPTS);
    }
    await this.#until(REST_MS, 'come to rest', () => commotion(cluster));
    await this.#ask(1);
    this.stored = await storedRows(cluster);
    if (this.stored < this.found) this.#world.fail(`${this.stored} rows are in objects, of ${this.found}`);
    const sends = this.history.lines.reduce((sum, line) => sum + line.sends, 0);
    if (this.stored > this.#storedMax * sends)
      this.#world.fail(`lines that were sent ${sends} times are stored as ${this.stored} rows`);
    await this.#world.run(0);
  }

  /** All queries must be answered now, and rightly. Those that fail and say so may be asked again. */
  async #ask(attempts: number): Promise<void> {
    this.found = 0;
    let left = this.cluster.shape.tenants.length;
    for (const tenant of this.cluster.shape.tenants) {
      const one = async (): Promise<void> => {
        const lines = await compareWithOracle(this.cluster, this.history, tenant, this.#random, attempts);
        this.found += lines.length;
        left--;
      };
      void one().catch((error: unknown) => this.#world.fail(`the check broke: ${(error as Error).stack}`));
    }
    await this.#until(REST_MS, 'answer at the end', () => (left > 0 ? `${left} tenants` : undefined));
  }

  async #until(ms: number, what: string, problem: () => string | undefined): Promise<void> {
    const world = this.#world;
    const beginMs = world.nowMs;
    while (world.nowMs < beginMs + ms) {
      if (problem() === undefined) return;
      checkBounds(this.cluster);
      await world.run(500);
    }
    const why = problem();
    if (why !== undefined) world.fail(`the cluster does not ${what} within ${ms / 1000} s: ${why}`);
    await world.run(0);
  }
}
