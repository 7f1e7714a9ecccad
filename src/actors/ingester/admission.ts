/** Which streams of an append are let in, and what is said about the others: texts and order as Loki's ingester has them. */
import type { EntriesBatch } from '../../wire/entries.js';
import { parseLabelText } from '../../wire/label-text.js';
import type { TenantLimits } from '../../wire/limits.js';
import type { Nanos } from '../../wire/time.js';
import { formatRfc3339Nano } from '../../wire/time.js';
import type { StreamRegistry } from './registry.js';
import type { Runs } from './runs.js';
import type { ActiveStream } from './stream.js';

export type RejectReason = 'stream_limit' | 'per_stream_rate_limit';

export interface Rejection {
  readonly reason: RejectReason;
  readonly message: string;
  /** Rows [from, to). */
  readonly from: number;
  readonly to: number;
}

export interface Admitted {
  /** One per stream of the batch; null where it is refused or has no rows. */
  readonly streams: readonly (ActiveStream | null)[];
  readonly rejections: readonly Rejection[];
}

export interface AdmissionRules {
  readonly limits: TenantLimits;
  /** How many refused rows of a stream are described. */
  readonly errorsMax: number;
}

/**
 * Lets streams in or says why not. A stream that is new must fit below `max_global_streams_per_user`; the rows of each
 * are taken or refused together by its token bucket. Registers new streams. Throws a RangeError when the name of one is
 * no label text.
 */
export function admit(
  registry: StreamRegistry,
  entries: EntriesBatch,
  runs: Runs,
  rules: AdmissionRules,
  nowMs: number,
): Admitted {
  const streams: (ActiveStream | null)[] = [];
  const rejections: Rejection[] = [];
  let from = 0;
  for (let s = 0; s < entries.streams.length; s++) {
    const to = entries.streamEnds[s]!;
    const found = to > from ? admitRun(registry, entries, s, runs.bytes(s), rules, nowMs) : null;
    from = to;
    const isRejected = found !== null && 'reason' in found;
    streams.push(isRejected ? null : found);
    if (isRejected) rejections.push(found);
  }
  return { streams, rejections };
}

/** Finds or registers the streams of a batch whose entries were let in before. Throws a RangeError like `admit`. */
export function streamsOf(
  registry: StreamRegistry,
  { tenant, streams, streamEnds }: EntriesBatch,
): (ActiveStream | null)[] {
  return streams.map((key, s) => (streamEnds[s]! > (streamEnds[s - 1] ?? 0) ? streamOf(registry, tenant, key) : null));
}

interface Run {
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

function admitRun(
  registry: StreamRegistry,
  entries: EntriesBatch,
  s: number,
  bytes: number,
  { limits, errorsMax }: AdmissionRules,
  nowMs: number,
): ActiveStream | Rejection {
  const { tenant, streams, streamEnds } = entries;
  const key = streams[s]!;
  const from = s === 0 ? 0 : streamEnds[s - 1]!;
  const to = streamEnds[s]!;
  const known = registry.get(tenant, key);
  const max = limits.max_global_streams_per_user;
  if (!known && max > 0 && registry.count(tenant) >= max) {
    return { reason: 'stream_limit', message: streamLimitText(key, tenant), from, to };
  }
  const stream = known ?? registerStream(registry, tenant, key);
  if (takeTokens(stream, bytes, limits, nowMs)) return stream;
  const message = rateLimitText(entries, { key, from, to }, limits.per_stream_rate_limit, errorsMax);
  return { reason: 'per_stream_rate_limit', message, from, to };
}

function streamOf(registry: StreamRegistry, tenant: string, key: string): ActiveStream {
  return registry.get(tenant, key) ?? registerStream(registry, tenant, key);
}

function registerStream(registry: StreamRegistry, tenant: string, key: string): ActiveStream {
  const labels = parseLabelText(key);
  if (!labels) throw new RangeError(`entries batch: not a label set: ${key.slice(0, 100)}`);
  return registry.create(tenant, key, labels);
}

/** A token bucket: refilled at the rate limit, never fuller than the burst. */
function takeTokens(stream: ActiveStream, bytes: number, limits: TenantLimits, nowMs: number): boolean {
  if (limits.per_stream_rate_limit <= 0) return true;
  const refill = ((nowMs - stream.refilledMs) / 1000) * limits.per_stream_rate_limit;
  const tokens = Math.min(limits.per_stream_rate_limit_burst, stream.tokens + refill);
  const enough = tokens >= bytes;
  stream.tokens = enough ? tokens - bytes : tokens;
  stream.refilledMs = nowMs;
  return enough;
}

function streamLimitText(key: string, tenant: string): string {
  return (
    `maximum active stream limit exceeded when trying to create stream ${key}, reduce the number of active streams ` +
    '(reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be increased, ' +
    `user: '${tenant}'`
  );
}

function rateLimitText(entries: EntriesBatch, { key, from, to }: Run, limit: number, errorsMax: number): string {
  const lines: string[] = [];
  for (let row = from; row < Math.min(to, from + errorsMax); row++) {
    const size = goByteSize(entries.messageOffsets[row + 1]! - entries.messageOffsets[row]!);
    const reason =
      `Per stream rate limit exceeded (limit: ${goByteSize(limit)}/sec) while attempting to ingest for stream '${key}' ` +
      `totaling ${size}, consider splitting a stream via additional labels or contact your Loki administrator to see ` +
      'if the limit can be increased';
    lines.push(`entry with timestamp ${goTime(entries.times[row]!)} ignored, reason: '${reason}',\n`);
  }
  const count = to - from;
  return `${lines.join('')}user '${entries.tenant}', total ignored: ${count} out of ${count} for stream: ${key}`;
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** As c2h5oh/datasize prints: in the largest unit of 1024 that divides it. */
function goByteSize(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value > 0 && value % 1024 === 0) [value, unit] = [value / 1024, unit + 1];
  return `${value}${UNITS[unit]}`;
}

/** As Go's Time.String prints UTC: `2026-03-01 14:42:46.119119015 +0000 UTC`. */
function goTime(ns: Nanos): string {
  return `${formatRfc3339Nano(ns).replace('T', ' ').replace('Z', '')} +0000 UTC`;
}
