import type { EntriesBatch } from '../../wire/entries.js';
import { unreachable } from '../../wire/exhaustive.js';
import { type Fault, fault } from '../../wire/fault.js';
import type { TenantLimits } from '../../wire/limits.js';
import type { DecodedPush } from './decode-push.js';
import type { DistributorEffect, DistributorEvent, DistributorRing, PushTimer } from './events.js';
import { nextBatch } from './origins.js';
import { answer, newPart, ownerLate, type PushPart, promoted, type Verdict } from './part.js';
import { fullBucket, take } from './rate-limit.js';
import { groupByReplicas } from './replica-groups.js';
import type { DistributorSettings } from './settings.js';
import { pickStreams } from './split-batch.js';
import type { DistributorState } from './state.js';
import { type Discarded, RATE_LIMITED } from './validate.js';

const MIB = 1024 * 1024;
/** Buckets kept; a tenant that was forgotten starts again with a full one. */
const MAX_BUCKETS = 10_000;

/** What a distributor is given and does not change. */
export interface DistributorContext {
  readonly settings: DistributorSettings;
  readonly ring: DistributorRing;
  /** This distributor and its life: no other one ever has the same. */
  readonly self: string;
}

type PushEvent = Extract<DistributorEvent, { kind: 'push' }>;

/**
 * The distributor's decisions: takes what a push may take of its tenant's rate, sends each stream to its replicas, and
 * answers when a majority of them has it durably, among them one that owns it: when the owner fails or is late, one of
 * the others is asked to be it. Changes `state` and returns what to do.
 */
export function step(
  state: DistributorState,
  event: DistributorEvent,
  nowMs: number,
  context: DistributorContext,
): DistributorEffect[] {
  switch (event.kind) {
    case 'push':
      return receive(state, event, nowMs, context);
    case 'append.ok':
      return advance(state, event.push, event.part, (part) => answer(part, event.from, null));
    case 'append.fault':
      return advance(state, event.push, event.part, (part) => answer(part, event.from, event.fault));
    case 'own.answered':
      return advance(state, event.push, event.part, (part) => promoted(part, event.from, event.fault));
    case 'timeout':
      return expire(state, event.push, event.timer, context.settings);
    default:
      return unreachable(event);
  }
}

function receive(
  state: DistributorState,
  event: PushEvent,
  nowMs: number,
  context: DistributorContext,
): DistributorEffect[] {
  const { push, tenant, limits, decoded } = event;
  const { batch } = decoded;
  if (state.inFlight.has(push)) return [];
  if (batch === null) return [count(tenant, decoded, []), reply(push, decoded.rejected)];
  const overload = overloaded(state, batch.buffer.byteLength, context.settings);
  if (overload !== null) return [reply(push, overload)];
  const limited = limitRate(state, tenant, limits, decoded, nowMs, context.ring.distributors);
  if (limited !== null) {
    const discarded = { reason: RATE_LIMITED, lines: decoded.acceptedLines, bytes: decoded.acceptedBytes };
    return [count(tenant, decoded, [discarded]), reply(push, limited)];
  }
  return [count(tenant, decoded, []), ...send(state, push, decoded, batch, context)];
}

function overloaded(state: DistributorState, bytes: number, settings: DistributorSettings): Fault | null {
  const tooMany = state.inFlight.size >= settings.maxInFlightPushes;
  // One push alone is let through whatever its size, or it could never be.
  const tooMuch = state.inFlight.size > 0 && state.inFlightBytes + bytes > settings.maxInFlightBytes;
  if (!tooMany && !tooMuch) return null;
  return fault(
    'limited',
    `too many outstanding pushes: ${state.inFlight.size} with ${state.inFlightBytes} bytes; send it again later`,
  );
}

/** Takes the whole request from the tenant's bucket or nothing of it. */
function limitRate(
  state: DistributorState,
  tenant: string,
  limits: TenantLimits,
  decoded: DecodedPush,
  nowMs: number,
  distributors: number,
): Fault | null {
  const sharers = limits.ingestion_rate_strategy === 'global' ? Math.max(1, distributors) : 1;
  const rate = (limits.ingestion_rate_mb * MIB) / sharers;
  const burst = limits.ingestion_burst_size_mb * MIB;
  const bucket = state.buckets.get(tenant) ?? fullBucket(burst, nowMs);
  const left = take(bucket, rate, burst, nowMs, decoded.acceptedBytes);
  state.buckets.delete(tenant);
  state.buckets.set(tenant, left ?? bucket);
  const [oldest] = state.buckets.keys();
  if (state.buckets.size > MAX_BUCKETS && oldest !== undefined) state.buckets.delete(oldest);
  if (left !== null) return null;
  const { acceptedLines, acceptedBytes } = decoded;
  return fault(
    'limited',
    `ingestion rate limit exceeded for user ${tenant} (limit: ${Math.floor(rate)} bytes/sec) while attempting to ingest ` +
      `'${acceptedLines}' lines totaling '${acceptedBytes}' bytes, reduce log volume or contact your Loki administrator ` +
      'to see if the limit can be increased',
  );
}

function send(
  state: DistributorState,
  push: string,
  decoded: DecodedPush,
  batch: EntriesBatch,
  { settings, ring, self }: DistributorContext,
): DistributorEffect[] {
  const quorum = Math.floor(settings.replicationFactor / 2) + 1;
  const groups = groupByReplicas(decoded.tokens, ring);
  const least = Math.min(...groups.map(({ replicas }) => replicas.length));
  if (least < quorum) {
    return [reply(push, fault('unavailable', `at least ${quorum} live replicas required, could only find ${least}`))];
  }
  const isReplicated = settings.replicationFactor > 1;
  const parts = groups.map(({ replicas, streams }) => {
    const owner = replicas[0]!;
    const id = isReplicated ? nextBatch(state.origins, self, owner, batch.tenant) : null;
    const own = groups.length === 1 ? batch : pickStreams(batch, streams);
    return newPart(own, replicas, id && { ...id, owner, replicas }, quorum);
  });
  const bytes = batch.buffer.byteLength;
  state.inFlight.set(push, { bytes, rejected: decoded.rejected, parts, pending: parts.length });
  state.inFlightBytes += bytes;
  return [
    { kind: 'timer.set', push, timer: 'push', afterMs: settings.pushTimeoutMs },
    ...(isReplicated ? [{ kind: 'timer.set', push, timer: 'owner', afterMs: settings.ownerTimeoutMs } as const] : []),
    ...parts.flatMap(({ replicas, batch: own, copy }, part) =>
      replicas.map((to): DistributorEffect => ({ kind: 'append', push, part, to, batch: own, copy })),
    ),
  ];
}

/** Does what follows from something that a part has learnt; a push may be over, and a message may come twice. */
function advance(
  state: DistributorState,
  push: string,
  index: number,
  learn: (part: PushPart) => Verdict,
): DistributorEffect[] {
  const inFlight = state.inFlight.get(push);
  const part = inFlight?.parts[index];
  if (inFlight === undefined || part === undefined) return [];
  const verdict = learn(part);
  switch (verdict.kind) {
    case 'wait':
      return [];
    case 'durable':
      inFlight.pending--;
      return [
        { kind: 'durable', batch: part.batch },
        ...(inFlight.pending === 0 ? finish(state, push, inFlight.rejected) : []),
      ];
    case 'promote':
      return part.copy === null ? [] : [{ kind: 'own', push, part: index, to: verdict.to, id: part.copy }];
    case 'failed':
      return finish(state, push, verdict.fault);
    default:
      return unreachable(verdict);
  }
}

function expire(
  state: DistributorState,
  push: string,
  timer: PushTimer,
  { pushTimeoutMs }: DistributorSettings,
): DistributorEffect[] {
  const inFlight = state.inFlight.get(push);
  if (inFlight === undefined) return [];
  if (timer === 'owner') return inFlight.parts.flatMap((_, part) => advance(state, push, part, ownerLate));
  const late = inFlight.parts.flatMap(({ replicas, answers, isDurable }) =>
    isDurable ? [] : replicas.filter((replica) => !answers.has(replica)),
  );
  const names = [...new Set(late)].join(', ');
  const text = `push was not durable within ${pushTimeoutMs} ms, waiting for ${names}; send it again`;
  return finish(state, push, fault('timeout', text));
}

function finish(state: DistributorState, push: string, outcome: Fault | null): DistributorEffect[] {
  const inFlight = state.inFlight.get(push);
  state.inFlightBytes -= inFlight?.bytes ?? 0;
  state.inFlight.delete(push);
  return [{ kind: 'timer.clear', push }, reply(push, outcome)];
}

function reply(push: string, outcome: Fault | null): DistributorEffect {
  return { kind: 'reply', push, fault: outcome };
}

function count(tenant: string, decoded: DecodedPush, more: readonly Discarded[]): DistributorEffect {
  const { lines, receivedBytes, discarded, truncatedLines, truncatedBytes } = decoded;
  const counts = { lines, bytes: receivedBytes, discarded: [...discarded, ...more], truncatedLines, truncatedBytes };
  return { kind: 'count', tenant, counts };
}
