/** What must hold when everything works again. */

import { ringInstances } from '../../src/actors/ring/instances.js';
import { partitionAddress, partitionNames, partitionOwners } from '../../src/actors/ring/partitions.js';
import { subjectOf } from '../../src/actors/runtime/subject.js';
import { parseLogQL } from '../../src/planning/logql/parser.js';
import { Metastore } from '../../src/storage/metastore/metastore.js';
import type { Reply } from '../../src/wire/message.js';
import type { QueryRequest } from '../../src/wire/query.js';
import { difference } from '../oracle/compare.js';
import { evaluate } from '../oracle/evaluate.js';
import { Doubts, QueryError } from '../oracle/metric.js';
import type { SeededRandom } from '../support/random.js';
import { ALL_TIMES } from './clients.js';
import type { Cluster, Host } from './cluster.js';
import type { History, Line } from './history.js';
import type { SimProcess } from './process.js';

/** Why not all members know all others for what they are; undefined when they do. */
export function disagreement({ hosts }: Cluster): string | undefined {
  const expected = hosts
    .map(({ name }) => name)
    .sort()
    .join(' ');
  let ring: string | undefined;
  for (const { name, life } of hosts) {
    if (!life?.isReady) return `${name} is not there`;
    const members = life.view.members();
    const doubted = members.find(({ status }) => status === 'suspect');
    if (doubted) return `${name} suspects ${doubted.name}`;
    const alive = members.filter(({ status }) => status === 'alive').map((member) => member.name);
    const known = alive.sort().join(' ');
    if (known !== expected) return `${name} knows ${known} instead of ${expected}`;
    const own = JSON.stringify(ringInstances(members, 'ingester').filter(({ state }) => state !== 'UNHEALTHY'));
    ring ??= own;
    if (own !== ring) return `${name} has another ring: ${own} instead of ${ring}`;
    if (own.split('ACTIVE').length - 1 !== hosts.filter(({ role }) => role === 'ingester').length)
      return `not every ingester is ACTIVE: ${own}`;
  }
  return undefined;
}

/**
 * Why a majority that can be vouched for may not be there though all work: one that is dead may come back for as long as it is
 * remembered, and another one left, or lost the end of its log, meanwhile. Queries fail then, and say so.
 */
export function uncertainty({ hosts, log, shape }: Cluster): string | undefined {
  if (log) return undefined;
  const querier = hosts.find(({ role }) => role === 'querier')!.life!;
  const others = querier.view.members().filter(({ details }) => details.roles.includes('ingester'));
  const dead = others.filter(({ status }) => status === 'dead').length;
  const left = others.filter(({ status }) => status === 'left').length;
  const doubtful = hosts.filter(({ life }) => life?.running.isDoubtful?.()).length;
  const isEnough = dead === 0 || dead + left + doubtful <= Math.floor(shape.replicationFactor / 2);
  return isEnough ? undefined : `${dead} ingesters are dead, ${left} left, ${doubtful} are in doubt`;
}

/** What still goes on; undefined when nothing does. */
export function commotion(cluster: Cluster): string | undefined {
  const { hosts, nats, log, shape } = cluster;
  const unread = log?.unread((partition) => readerOf(cluster, partition));
  if (unread !== undefined) return unread;
  const listened = new Set(nats.subjects);
  const silent = partitionNames(shape.log?.partitions ?? 0).find(
    (partition) => !listened.has(subjectOf('sim', partitionAddress(partition))),
  );
  if (silent !== undefined) return `nobody answers for ${silent}`;
  for (const { name, life } of hosts) {
    for (const [what, count] of Object.entries(life?.running.busy() ?? {})) {
      if (count !== 0) return `${name} has ${count} ${what}`;
    }
  }
  const roles = new Set(['ingester', 'distributor', 'querier', 'scheduler', 'worker', 'membership', '_inbox']);
  const names = new Set([...hosts.map(({ name }) => name), '=2a']);
  const left = nats.subjects.find((subject) => {
    const [, , role = '', instance = ''] = subject.split('.');
    const isOfLog = log !== undefined && instance.includes('partition-');
    return !roles.has(role) || (role !== '_inbox' && !names.has(instance) && !isOfLog);
  });
  return left && `somebody still listens to ${left}`;
}

/** As all of them see it when they agree. */
function readerOf({ hosts, shape }: Cluster, partition: string): SimProcess | undefined {
  const instances = ringInstances(hosts[0]!.life!.view.members(), 'ingester');
  const owner = partitionOwners(partitionNames(shape.log!.partitions), instances).get(partition);
  return hosts.find(({ name }) => name === owner)?.life?.process;
}

/** Memory is bounded, but for estimates, what is sent again, and what is promoted, which is there twice for a moment. */
export function checkBounds({ hosts, world }: Cluster): void {
  for (const { name, life } of hosts) {
    for (const [what, value, max] of life?.running.bounds?.() ?? []) {
      if (value > BOUND_SLACK * max) world.fail(`${name} has ${value} ${what}, and may have ${max}`);
    }
  }
}

const BOUND_SLACK = 2;

/** Rows in objects that the tables of contents list, all tenants together. */
export async function storedRows({ store, shape }: Cluster): Promise<number> {
  let rows = 0;
  for (const tenant of shape.tenants) {
    const { entries, damaged } = await new Metastore(store).entries(tenant, ALL_TIMES);
    if (damaged.length > 0) throw new Error(`damaged: ${JSON.stringify(damaged)}`);
    for (const entry of entries) rows += entry.rows;
  }
  return rows;
}

const HOUR_NS = 3_600_000_000_000n;
const QUERIES: readonly (readonly [query: string, more?: Partial<QueryRequest>])[] = [
  ['{app=~".+"} |= "x=3"', { limit: 20, direction: 'backward' }],
  ['{app=~"a.*"} | logfmt | x > 4', { limit: 50 }],
  ['sum by (app) (count_over_time({app=~".+"}[2h]))', { stepNs: 7200e9 }],
  ['sum by (client) (rate({app=~"api|web|db"} | logfmt | x < 3 [6h]))', { stepNs: 6 * 3600e9 }],
  ['max by (x) (sum by (app, x) (bytes_over_time({app=~".+"} | logfmt [40h])))', { mode: 'instant' }],
];

function requestOf(tenant: string, query: string, more: Partial<QueryRequest>): QueryRequest {
  const asked: QueryRequest = {
    ...{ tenant, query, mode: 'range', ...ALL_TIMES, stepNs: 60e9, limit: 100_000, direction: 'forward' },
    ...{ intervalNs: 0, categorizeLabels: false, explain: 'none', tags: '' },
    ...more,
  };
  // An instant in the middle of an hour, so that no line lies on the edge of a range.
  return asked.mode === 'instant'
    ? { ...asked, start: asked.end - HOUR_NS / 2n, end: asked.end - HOUR_NS / 2n }
    : asked;
}

/** Reads everything there is of a tenant, and every other time holds another query against a naive evaluation of that. */
export async function compareWithOracle(
  cluster: Cluster,
  history: History,
  tenant: string,
  random: SeededRandom,
  attempts: number,
): Promise<readonly Line[]> {
  const host = cluster.of('querier')[0]!;
  const all = await answerOf(cluster, host, requestOf(tenant, '{app=~".+"}', {}), attempts);
  if (all.kind !== 'answer' || all.answer.result.type !== 'streams') return [];
  const lines = history.linesOf(all.answer.result.streams, tenant);
  if (typeof lines === 'string') {
    cluster.world.fail(`at the end a query ${lines}`);
    return [];
  }
  const lost = history.lines.filter(
    (line) => line.tenant === tenant && line.acknowledgedMs !== undefined && !lines.includes(line),
  );
  if (lost.length > 0) cluster.world.fail(`lost at the end: ${lost.length} lines, e.g. ${lost[0]!.text} of ${tenant}`);
  if (random.chance(0.5)) return lines;
  const entries = lines.map(({ labels, time, text }) => ({ labels, time, line: text }));
  const [query, more = {}] = random.pick(QUERIES);
  const request = requestOf(tenant, query, more);
  const expected = evaluate(parseLogQL(query), entries, request, new Doubts());
  const reply = await answerOf(cluster, random.pick(cluster.of('querier')), request, attempts);
  const how = expected instanceof QueryError ? undefined : difference(request, expected, reply, false);
  if (how !== undefined) cluster.world.fail(`at the end ${query} of ${tenant} differs from the oracle: ${how}`);
  return lines;
}

async function answerOf(cluster: Cluster, host: Host, request: QueryRequest, attempts: number): Promise<Reply> {
  const reply = await cluster.request(host, `querier/${host.name}`, { kind: 'query', request }, 40_000);
  if (reply.kind === 'answer') return reply;
  if (attempts > 1 && reply.kind === 'fault' && reply.fault.retryable) {
    await cluster.world.sleep(1000);
    return answerOf(cluster, host, request, attempts - 1);
  }
  const why = JSON.stringify(reply).slice(0, 300);
  cluster.world.fail(`at the end ${request.query} of ${request.tenant} fails: ${why}`);
  return reply;
}
