import { beforeAll, describe, expect, it } from 'vitest';
import type { Reply } from '../../src/wire/message.js';
import type { QueryRequest, QueryResult } from '../../src/wire/query.js';
import { requestOf, SECOND, T0 } from '../support/query-system.js';
import { SeededRandom } from '../support/random.js';
import { type ClusterFaults, QUERY_TIMEOUT_MS, SimCluster, SimStore } from '../support/sim-cluster.js';

const END = T0 + 3600n * SECOND;
const QUERIES: readonly QueryRequest[] = [
  requestOf('{app=~".+"}', { limit: 20 }),
  requestOf('{app="a"} |= "7"', { limit: 1000, direction: 'forward' }),
  requestOf('{app=~".+"}', { limit: 1000 }),
  requestOf('sum by (app) (count_over_time({app=~".+"}[10m]))', { stepNs: 300e9 }),
  requestOf('sum(count_over_time({app="a"}[10m])) / sum(count_over_time({app=~".+"}[10m]))', { stepNs: 600e9 }),
  requestOf('max(sum by (n) (count_over_time({app=~".+"} | logfmt [1h])))', { mode: 'instant', start: END }),
];

let store: SimStore;
let expected: readonly QueryResult[];

beforeAll(async () => {
  store = await SimStore.filled(6, 40);
  const cluster = new SimCluster(store, 1);
  await cluster.ready();
  const replies = QUERIES.map((query) => cluster.ask(query));
  await cluster.storm(60);
  expected = (await Promise.all(replies)).map((reply) => {
    if (reply.kind !== 'answer') throw new Error(JSON.stringify(reply));
    return reply.answer.result;
  });
});

interface Tally {
  answers: number;
  faults: number;
  cancelled: number;
  kills: number;
  pauses: number;
  lost: number;
  repeated: number;
  superseded: number;
}

const tally: Tally = { answers: 0, faults: 0, cancelled: 0, kills: 0, pauses: 0, lost: 0, repeated: 0, superseded: 0 };

/** Every seed has a mix of faults of its own. */
function faultsOf(random: SeededRandom): ClusterFaults {
  return {
    drop: random.pick([0, 0.01, 0.05, 0.15]),
    duplicate: random.pick([0, 0.05, 0.2]),
    delayMs: random.pick([1, 20, 200]),
    kill: random.pick([0, 0, 0.1, 0.3]),
    pause: random.pick([0, 0, 0.1, 0.2]),
    slow: random.pick([1, 1, 20]),
  };
}

/** One storm with a few queries in it. Returns the hash of all that happened. */
async function run(seed: number): Promise<number> {
  const random = new SeededRandom(seed, 7);
  const cluster = new SimCluster(store, seed, faultsOf(random));
  await cluster.ready();
  const asked: { readonly query: number; readonly abort: AbortController; reply?: Reply }[] = [];
  for (let i = 0; i < 4; i++) {
    const one: (typeof asked)[number] = { query: random.below(QUERIES.length), abort: new AbortController() };
    asked.push(one);
    void cluster.ask(QUERIES[one.query]!, one.abort.signal).then((reply) => {
      one.reply = reply;
    });
    if (random.chance(0.15)) cluster.clock.after(random.below(8000), () => one.abort.abort());
    await cluster.storm(random.below(6));
  }
  await cluster.storm(20);
  cluster.heal();
  const limitSeconds = QUERY_TIMEOUT_MS / 1000 + 30;
  for (let i = 0; i < limitSeconds && asked.some(({ reply }) => !reply); i++) await cluster.clock.advance(1000);
  for (const { query, abort, reply } of asked) check(query, abort.signal.aborted, reply);
  await cluster.clock.advance(40_000);
  expect(cluster.leftovers()).toEqual({});
  for (const of of ['repeated', 'superseded'] as const) tally[of] += cluster.counted(of);
  tally.kills += cluster.kills;
  tally.pauses += cluster.pauses;
  tally.lost += cluster.network.lost;
  expect(await cluster.close()).toBe(0);
  return cluster.network.trace;
}

function check(query: number, aborted: boolean, reply: Reply | undefined): void {
  if (!reply) throw new Error(`hangs: ${QUERIES[query]!.query}`);
  if (reply.kind === 'answer') {
    tally.answers++;
    expect(reply.answer.result).toEqual(expected[query]);
    return;
  }
  if (reply.kind !== 'fault') throw new Error(reply.kind);
  if (aborted) tally.cancelled++;
  else tally.faults++;
  const { code, retryable } = reply.fault;
  if (!retryable && !(aborted && code === 'cancelled')) throw new Error(JSON.stringify(reply.fault));
}

const SEEDS = Number(process.env.SEEDS ?? 320);
const PARTS = 8;

describe('queries in a storm', () => {
  it.each(Array.from({ length: PARTS }, (_, part) => part))(
    'answer rightly or fail retryably, and leave nothing behind (part %i)',
    async (part) => {
      for (let seed = part + 1; seed <= SEEDS; seed += PARTS) {
        await run(seed).catch((error: unknown) => {
          throw new Error(`seed ${seed}`, { cause: error });
        });
      }
    },
    60_000,
  );

  it('were disturbed, and mostly answered', () => {
    const { answers, faults, cancelled, kills, pauses, lost, repeated, superseded } = tally;
    process.stdout.write(`queries in a storm: ${JSON.stringify(tally)}\n`);
    expect(answers + faults + cancelled).toBe(4 * SEEDS);
    expect(Math.min(cancelled, kills, pauses, lost, repeated)).toBeGreaterThan(SEEDS / 10);
    expect(superseded).toBeGreaterThan(SEEDS / 40);
    expect(answers).toBeGreaterThan(0.85 * (answers + faults));
  });

  it('happen in the same way when they happen again', async () => {
    for (const seed of [3, 17, 42, 99]) expect(await run(seed)).toBe(await run(seed));
  });
});
