import { faultReply, type Router } from '../actors/runtime/router.js';
import type { Client, TailReader } from '../api/client.js';
import { LogQLError } from '../planning/logql/error.js';
import { parseLogQL } from '../planning/logql/parser.js';
import { prettyPrint } from '../planning/logql/prettify.js';
import { address, type Role } from '../wire/address.js';
import { type Fault, type FaultCode, fault } from '../wire/fault.js';
import type { TenantLimits } from '../wire/limits.js';
import type { Message, Reply } from '../wire/message.js';
import type { LabelsMessage } from '../wire/messages/asking.js';
import type { DetectRequest, MetadataRequest, Outcome, PatternSeries } from '../wire/query.js';
import type { Metrics } from './metrics-node.js';
import type { Peers } from './system/peers.js';

export interface ClientParts {
  /** Of this process: what it can do itself it does not ask of others. */
  readonly name: string;
  readonly router: Router;
  readonly metrics: Metrics;
  readonly peers: Pick<Peers, 'addresses' | 'reachable' | 'keeper' | 'instances'>;
  readonly limits: (tenant: string) => TenantLimits;
}

const SELF = 'api/0';
/** Of those who can do the same, so many are tried. */
const TRIES_MAX = 2;
const PUSH_TIMEOUT_MS = 30_000;
const PATTERNS_DISABLED = 'log patterns are not kept: pattern_ingester.enabled is false';
const TAIL_OPEN_TIMEOUT_MS = 20_000;
/** A tailer answers sooner, with nothing if need be. */
const TAIL_NEXT_TIMEOUT_MS = 30_000;
const FLUSH_TIMEOUT_MS = 300_000;
/** The querier times queries out itself; this only catches one that does not answer at all. */
const QUERY_GRACE_MS = 5_000;

/** What the HTTP layer talks to: asks to actors, replies turned into outcomes. */
export function routerClient({ name, router, metrics, peers, limits }: ClientParts): Client {
  const ask = (to: string, message: Message, timeoutMs: number, signal?: AbortSignal): Promise<Reply> =>
    router.ask(SELF, to, message, signal === undefined ? { timeoutMs } : { timeoutMs, signal });
  let turn = 0;
  /** Instances of a role: the one in this process, else all of them in turn. */
  const instances = (role: Role): readonly string[] => {
    const all = peers.addresses(role);
    const own = address(role, name);
    if (all.includes(own)) return [own, ...all.filter((one) => one !== own)].slice(0, TRIES_MAX);
    const first = all.length === 0 ? 0 : turn++ % all.length;
    return [...all.slice(first), ...all.slice(0, first)].slice(0, TRIES_MAX);
  };
  /** Asks another one where the first cannot be reached; all that is asked this way may be done twice. */
  const askAny = async (role: Role, message: Message, timeoutMs: number, signal?: AbortSignal): Promise<Reply> => {
    let reply = faultReply(fault('unavailable', `there is no ${role} in the cluster at present: try again later`));
    for (const to of instances(role)) {
      reply = await ask(to, message, timeoutMs, signal);
      if (reply.kind !== 'fault' || reply.fault.code !== 'unavailable') return reply;
    }
    return reply;
  };
  const queryTimeout = (tenant: string): number => limits(tenant).query_timeout_ms + QUERY_GRACE_MS;
  const metadata = (what: LabelsMessage['what'], request: MetadataRequest, name: string, signal: AbortSignal) =>
    askAny('querier', { kind: 'labels', what, request, name }, queryTimeout(request.tenant), signal);
  const detect = (request: DetectRequest, name: string, signal: AbortSignal) =>
    askAny('querier', { kind: 'detect', request, name, signal }, queryTimeout(request.tenant), signal);
  return {
    push: async (request) => done(await askAny('distributor', { kind: 'push', request }, PUSH_TIMEOUT_MS)),
    query: async (request, signal) => {
      const reply = await askAny('querier', { kind: 'query', request, signal }, queryTimeout(request.tenant), signal);
      return reply.kind === 'answer' ? { ok: true, value: reply.answer } : failed(reply);
    },
    labels: async (request, signal) => names(await metadata('labels', request, '', signal)),
    labelValues: async (request, signal) => names(await metadata('values', request, request.name, signal)),
    series: async (request, signal) => {
      const reply = await metadata('series', request, '', signal);
      return reply.kind === 'series' ? { ok: true, value: reply.series, ...warningsOf(reply) } : failed(reply);
    },
    indexStats: async (request, signal) => {
      const reply = await metadata('stats', request, '', signal);
      return reply.kind === 'stats' ? { ok: true, value: reply.stats, ...warningsOf(reply) } : failed(reply);
    },
    indexShards: async (request, signal) => {
      const reply = await askAny('querier', { kind: 'shards', request }, queryTimeout(request.tenant), signal);
      return reply.kind === 'shards' ? { ok: true, value: reply.shards, ...warningsOf(reply) } : failed(reply);
    },
    volume: async (request, signal) => {
      const reply = await askAny('querier', { kind: 'volume', request }, queryTimeout(request.tenant), signal);
      return reply.kind === 'answer' ? { ok: true, value: reply.answer } : failed(reply);
    },
    detectedLabels: async (request, signal) => {
      const reply = await metadata('detected-labels', request, '', signal);
      return reply.kind === 'detected.labels' ? { ok: true, value: reply.labels, ...warningsOf(reply) } : failed(reply);
    },
    detectedFields: async (request, signal) => {
      const reply = await detect(request, '', signal);
      return reply.kind === 'detected.fields' ? { ok: true, value: reply.fields, ...warningsOf(reply) } : failed(reply);
    },
    detectedFieldValues: async (request, signal) => names(await detect(request, request.name, signal)),
    patterns: async (request, signal) => {
      if (peers.instances('patterns').length === 0) return failed(faultReply(fault('not-found', PATTERNS_DISABLED)));
      const keeper = peers.keeper('patterns', request.tenant);
      const reply =
        keeper === undefined
          ? faultReply(fault('unavailable', 'nobody who keeps log patterns is healthy: try again later'))
          : await ask(keeper, { kind: 'patterns', request }, queryTimeout(request.tenant), signal);
      return patterns(reply, request.allowPartial ?? false);
    },
    tail: async (request, signal) => {
      const [tailer] = instances('tailer');
      if (tailer === undefined) return failed(await askAny('tailer', { kind: 'tail.open', request }, 0));
      const reply = await ask(tailer, { kind: 'tail.open', request }, TAIL_OPEN_TIMEOUT_MS);
      if (reply.kind !== 'tail.opened') return failed(reply);
      const tail = tailReader(router, tailer, reply.tail);
      if (signal.aborted) tail.close();
      return { ok: true, value: tail };
    },
    formatQuery,
    flush: async () => {
      const own = peers.reachable('ingester').filter((one) => one === address('ingester', name));
      // As in Loki an ingester is asked about itself; who has none speaks for all of them.
      const asked = (own.length > 0 ? own : peers.addresses('ingester')).map((to) =>
        ask(to, { kind: 'flush' }, FLUSH_TIMEOUT_MS),
      );
      const replies = await Promise.all(asked);
      return done(replies.find(({ kind }) => kind !== 'ok') ?? { kind: 'ok' });
    },
    readiness: () => undefined,
    metrics: () => metrics.text(),
  };
}

function tailReader(router: Router, to: string, tail: string): TailReader {
  return {
    next: async (signal) => {
      const options = { timeoutMs: TAIL_NEXT_TIMEOUT_MS, signal };
      const reply = await router.ask(SELF, to, { kind: 'tail.next', tail }, options);
      return reply.kind === 'tail.frame' ? { ok: true, value: reply.frame } : failed(reply);
    },
    close: () => router.tell(SELF, to, { kind: 'tail.close', tail }),
  };
}

function formatQuery(query: string): Outcome<string> {
  try {
    return { ok: true, value: prettyPrint(parseLogQL(query)) };
  } catch (error) {
    if (error instanceof LogQLError) return { ok: false, fault: fault('bad-request', error.message) };
    throw error;
  }
}

function names(reply: Reply): Outcome<readonly string[]> {
  return reply.kind === 'names' ? { ok: true, value: reply.names, ...warningsOf(reply) } : failed(reply);
}

/** One instance keeps a tenant's patterns: while it is silent there are none. */
function patterns(reply: Reply, allowPartial: boolean): Outcome<readonly PatternSeries[]> {
  if (reply.kind === 'patterns') return { ok: true, value: reply.patterns };
  if (reply.kind !== 'fault' || !SILENCE.has(reply.fault.code)) return failed(reply);
  const { message } = reply.fault;
  if (allowPartial) return { ok: true, value: [], warnings: [`results are partial: ${message}`] };
  return failed(
    faultReply({ ...reply.fault, message: `${message}; or allow partial results with allow_partial=true` }),
  );
}

const SILENCE: ReadonlySet<FaultCode> = new Set(['unavailable', 'timeout']);

function warningsOf({ warnings }: { readonly warnings?: readonly string[] }): {
  readonly warnings?: readonly string[];
} {
  return warnings === undefined ? {} : { warnings };
}

function done(reply: Reply): Outcome<void> {
  return reply.kind === 'ok' ? { ok: true, value: undefined } : failed(reply);
}

function failed(reply: Reply): { readonly ok: false; readonly fault: Fault } {
  return {
    ok: false,
    fault: reply.kind === 'fault' ? reply.fault : fault('internal', `unexpected answer: ${reply.kind}`),
  };
}
