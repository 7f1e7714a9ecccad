import type { EntriesBatch } from '../../wire/entries.js';
import { unreachable } from '../../wire/exhaustive.js';
import { type Fault, fault } from '../../wire/fault.js';
import type { TenantLimits } from '../../wire/limits.js';
import type { DecodedPush } from './decode-push.js';
import type { DistributorEffect, DistributorEvent, DistributorRing } from './events.js';
import { fullBucket, take } from './rate-limit.js';
import type { DistributorSettings } from './settings.js';
import { pickStreams } from './split-batch.js';
import type { DistributorState, PushPart } from './state.js';
import { type Discarded, RATE_LIMITED } from './validate.js';

const MIB = 1024 * 1024;
/** Buckets kept; a tenant that was forgotten starts again with a full one. */
const MAX_BUCKETS = 10_000;

/** What a distributor is given and does not change. */
export interface DistributorContext {
  readonly settings: DistributorSettings;
  readonly ring: DistributorRing;
}

type PushEvent = Extract<DistributorEvent, { kind: 'push' }>;

/**
 * The distributor's decisions: takes what a push may take of its tenant's rate, sends each stream to its owners, and
 * answers when a majority of them has it durably. Changes `state` and returns what to do.
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
      return acknowledge(state, event.push, event.part, event.from);
    case 'append.fault':
      return fail(state, event.push, event.part, event.from, event.fault);
    case 'timeout':
      return expire(state, event.push, context.settings);
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
  return fault('limited', `too many outstanding pushes: ${state.inFlight.size} with ${state.inFlightBytes} bytes`);
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
  const rate = (limits.ingestion_rate_mb * MIB) / distributors;
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
  { settings, ring }: DistributorContext,
): DistributorEffect[] {
  const quorum = Math.floor(settings.replicationFactor / 2) + 1;
  const groups = groupByOwners(decoded.tokens, ring);
  if (groups.some(({ owners }) => owners.length < quorum)) {
    const least = Math.min(...groups.map(({ owners }) => owners.length));
    return [reply(push, fault('unavailable', `at least ${quorum} live replicas required, could only find ${least}`))];
  }
  const appends = groups.flatMap(({ owners, streams }, part) => {
    const partBatch = groups.length === 1 ? batch : pickStreams(batch, streams);
    return owners.map((to): DistributorEffect => ({ kind: 'append', push, part, to, batch: partBatch }));
  });
  const parts = groups.map(({ owners }): PushPart => ({ waiting: new Set(owners), needed: quorum }));
  const bytes = batch.buffer.byteLength;
  state.inFlight.set(push, { bytes, rejected: decoded.rejected, parts, pending: parts.length });
  state.inFlightBytes += bytes;
  return [{ kind: 'timer.set', push, afterMs: settings.pushTimeoutMs }, ...appends];
}

interface OwnerGroup {
  readonly owners: readonly string[];
  readonly streams: number[];
}

/** Streams by their owners; the order of a stream's owners says who flushes it, so it counts. */
function groupByOwners(tokens: readonly number[], ring: DistributorRing): OwnerGroup[] {
  const groups = new Map<string, OwnerGroup>();
  tokens.forEach((token, stream) => {
    const owners = ring.owners(token);
    const name = owners.join('\n');
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { owners, streams: [stream] });
    else group.streams.push(stream);
  });
  return [...groups.values()];
}

function acknowledge(state: DistributorState, push: string, part: number, from: string): DistributorEffect[] {
  const inFlight = state.inFlight.get(push);
  const answered = inFlight?.parts[part];
  // A push may be over, and a message may come twice.
  if (inFlight === undefined || answered === undefined || !answered.waiting.delete(from)) return [];
  answered.needed--;
  if (answered.needed !== 0) return [];
  inFlight.pending--;
  return inFlight.pending === 0 ? finish(state, push, inFlight.rejected) : [];
}

function fail(state: DistributorState, push: string, part: number, from: string, why: Fault): DistributorEffect[] {
  const answered = state.inFlight.get(push)?.parts[part];
  if (answered === undefined || !answered.waiting.delete(from)) return [];
  return answered.waiting.size < answered.needed ? finish(state, push, why) : [];
}

function expire(state: DistributorState, push: string, { pushTimeoutMs }: DistributorSettings): DistributorEffect[] {
  const inFlight = state.inFlight.get(push);
  if (inFlight === undefined) return [];
  const late = inFlight.parts.flatMap(({ waiting, needed }) => (needed > 0 ? [...waiting] : []));
  const names = [...new Set(late)].join(', ');
  return finish(state, push, fault('timeout', `push was not durable within ${pushTimeoutMs} ms, waiting for ${names}`));
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
