/** Who uses the cluster: agents that push numbered lines and try again as agents do, and people who look. */
import type { QueryRequest } from '../../src/wire/query.js';
import type { SeededRandom } from '../support/random.js';
import type { Cluster } from './cluster.js';
import { answerProblem, type History, type Line, type Selects } from './history.js';
import { WALL0_MS } from './process.js';

const HOUR_NS = 3_600_000_000_000n;
const NS_PER_MS = 1_000_000n;
const WALL0 = BigInt(WALL0_MS) * NS_PER_MS;
/** Everything that is ever pushed lies in it. */
export const ALL_TIMES = { start: WALL0 - 30n * HOUR_NS, end: WALL0 + 10n * HOUR_NS };
const APPS = ['api', 'db', 'web', 'auth', 'cache'];
const ATTEMPTS_MAX = 8;
/** Two windows of objects before the present one would only add objects: one does. */
const OLD_MS = 14 * 3_600_000;
const PUSH_TIMEOUT_MS = 8000;
const QUERY_TIMEOUT_MS = 40_000;

export interface Tally {
  pushes: number;
  retries: number;
  givenUp: number;
  queries: number;
  failedQueries: number;
}

export class Clients {
  readonly tally: Tally = { pushes: 0, retries: 0, givenUp: 0, queries: 0, failedQueries: 0 };
  /** Requests that have not ended. */
  open = 0;
  readonly #cluster: Cluster;
  readonly #history: History;
  readonly #random: SeededRandom;
  #lines = 0;
  #stopped = false;

  constructor(cluster: Cluster, history: History) {
    this.#cluster = cluster;
    this.#history = history;
    this.#random = cluster.world.random();
  }

  start(): void {
    this.#stopped = false;
    const { clients, pushEveryMs, queryEveryMs } = this.#cluster.shape;
    for (let client = 0; client < clients; client++) this.#every(pushEveryMs, () => this.#push(client));
    this.#every(queryEveryMs, () => this.query());
  }

  stop(): void {
    this.#stopped = true;
  }

  /** One query of a random kind; a failed one is asked again when it must be answered. */
  async query(tenant = this.#random.pick(this.#cluster.shape.tenants), attempts = 1): Promise<void> {
    const { world } = this.#cluster;
    const { query, selects, more } = this.#draw();
    const request: QueryRequest = {
      ...{ tenant, query, mode: 'range', ...ALL_TIMES, stepNs: 60e9, limit: 100_000, direction: 'forward' },
      ...{ intervalNs: 0, categorizeLabels: false, explain: 'none', tags: '' },
      ...more,
    };
    this.open++;
    for (let attempt = 1; ; attempt++) {
      const askedMs = world.nowMs;
      const host = this.#random.pick(this.#cluster.of('querier'));
      this.tally.queries++;
      world.note(`query ${tenant} ${query} at ${host.name}`);
      const reply = await this.#cluster.request(
        host,
        `querier/${host.name}`,
        { kind: 'query', request },
        QUERY_TIMEOUT_MS,
      );
      if (reply.kind === 'answer') {
        // What is in JetStream is seen when it has been read.
        const dueMs = this.#cluster.log ? Number.NEGATIVE_INFINITY : askedMs;
        const problem = answerProblem(this.#history, reply.answer, tenant, selects, dueMs);
        if (problem !== undefined) world.fail(`${query} of ${tenant} at ${host.name}, asked at ${askedMs}, ${problem}`);
        break;
      }
      this.tally.failedQueries++;
      const why = reply.kind === 'fault' ? `${reply.fault.code}: ${reply.fault.message}` : reply.kind;
      world.note(`query failed: ${why}`);
      if (reply.kind !== 'fault' || !reply.fault.retryable) world.fail(`${query} of ${tenant} failed for good: ${why}`);
      if (attempt === attempts) {
        if (attempts > 1) world.fail(`${query} of ${tenant} fails though nothing is wrong any more: ${why}`);
        break;
      }
      await world.sleep(1000);
    }
    this.open--;
  }

  #draw(): { query: string; selects: Selects; more?: Partial<QueryRequest> } {
    const random = this.#random;
    const app = random.pick(APPS);
    switch (random.below(5)) {
      case 0:
        return { query: `{app="${app}"}`, selects: ({ labels }) => labels.app === app };
      case 1:
        return { query: '{app=~".+"} |= "x=3"', selects: ({ text }) => text.includes('x=3') };
      case 2: {
        const query = 'sum(count_over_time({app=~".+"}[40h]))';
        return { query, selects: () => true, more: { mode: 'instant', start: ALL_TIMES.end, end: ALL_TIMES.end } };
      }
      case 3:
        return { query: '{app=~".+"}', selects: () => true, more: { direction: 'backward' } };
      default:
        return { query: '{app=~".+"}', selects: () => true };
    }
  }

  #every(ms: number, act: () => Promise<void>): void {
    this.#cluster.world.after(ms * (0.5 + this.#random.unit()), () => {
      if (this.#stopped) return;
      void act().catch((error: unknown) => this.#cluster.world.fail(`a client: ${(error as Error).stack}`));
      this.#every(ms, act);
    });
  }

  async #push(client: number): Promise<void> {
    const { world } = this.#cluster;
    const random = this.#random;
    const tenant = random.pick(this.#cluster.shape.tenants);
    const lines = Array.from({ length: 1 + random.below(4) }, () => this.#line(tenant, client));
    const body = bodyOf(lines);
    this.tally.pushes++;
    this.open++;
    let isDone = false;
    for (let attempt = 0; attempt < ATTEMPTS_MAX && !isDone; attempt++) {
      isDone = await this.#send(tenant, body, lines);
      if (isDone) break;
      this.tally.retries++;
      await world.sleep(200 * 2 ** Math.min(attempt, 5) * (0.5 + random.unit()));
    }
    if (!isDone) this.tally.givenUp++;
    // As an agent whose connection broke before the answer came.
    else if (random.chance(this.#cluster.shape.resend)) {
      await world.sleep(random.below(15_000));
      await this.#send(tenant, body, lines);
    }
    this.open--;
  }

  async #send(tenant: string, body: Uint8Array, lines: readonly Line[]): Promise<boolean> {
    const { world } = this.#cluster;
    const host = this.#random.pick(this.#cluster.of('distributor'));
    const request = { tenant, contentType: 'application/json', body, format: 'loki' as const };
    const numbers = `${lines[0]!.text} and ${lines.length - 1} more`;
    const sentMs = world.nowMs;
    for (const line of lines) line.sends++;
    world.note(`push ${numbers} to ${host.name}`);
    const message = { kind: 'push', request } as const;
    const reply = await this.#cluster.request(host, `distributor/${host.name}`, message, PUSH_TIMEOUT_MS);
    if (reply.kind === 'ok') {
      for (const line of lines) if (!(sentMs <= (line.lostMs ?? -1))) line.acknowledgedMs ??= world.nowMs;
      world.note(`acknowledged ${numbers}`);
      return true;
    }
    const why = reply.kind === 'fault' ? `${reply.fault.code}: ${reply.fault.message}` : reply.kind;
    world.note(`refused ${numbers}: ${why}`);
    if (reply.kind !== 'fault' || !reply.fault.retryable) world.fail(`a push is refused for good: ${why}`);
    return false;
  }

  #line(tenant: string, client: number): Line {
    const random = this.#random;
    const number = ++this.#lines;
    const isOld = random.chance(this.#cluster.shape.old);
    const ageMs = isOld ? random.below(OLD_MS) : random.chance(0.2) ? random.below(20_000) : 0;
    const time = WALL0 + BigInt(Math.floor(this.#cluster.world.nowMs) - ageMs) * NS_PER_MS + BigInt(number);
    const labels = { app: random.pick(APPS), client: String(client) };
    const line: Line = {
      tenant,
      labels,
      time,
      text: `n=${number} x=${number % 7}`,
      acknowledgedMs: undefined,
      sends: 0,
    };
    this.#history.add(line);
    return line;
  }
}

function bodyOf(lines: readonly Line[]): Uint8Array {
  const streams = lines.map(({ labels, time, text }) => ({ stream: labels, values: [[String(time), text]] }));
  return Buffer.from(JSON.stringify({ streams }));
}
