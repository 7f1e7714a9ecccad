import { ByteCache } from '../../wire/byte-cache.js';
import type { ByteRun } from '../../wire/byte-copy.js';
import { raise } from '../../wire/fault.js';
import { formatLabels, type Labels } from '../../wire/labels.js';
import type { TenantLimits } from '../../wire/limits.js';
import { parseLabelLiteral } from './label-literal.js';
import { normalizeLevel } from './level-names.js';

const CACHED_STREAMS = 8192;
const CACHED_BYTES = 4 * 1024 * 1024;
/** Loki refuses longer label sets, which Prometheus' encoding cannot hold. */
const MAX_LABELS_BYTES = 1 << 24;

const SERVICE_NAME = 'service_name';
const UNKNOWN_SERVICE = 'unknown_service';
const RESERVED = ['__backfill__', '__backfill_shard__'];

/** Why no entry of a stream can be accepted. */
export interface StreamRefusal {
  /** Value of the `reason` label of the discard counters. */
  readonly reason: string;
  readonly message: string;
}

/** A stream as it is stored, worked out once for every spelling of its labels. */
export interface StreamLabels {
  /** Canonical: `{app="x", service_name="x"}`. */
  readonly labels: string;
  readonly refusal: StreamRefusal | null;
  /** The level that one of its labels gives to all its entries, or null. */
  readonly level: ByteRun | null;
  /** Where it lives on the ring: 32 bits of tenant and labels. */
  readonly token: number;
}

/** Recognises the streams of one tenant by the bytes of their labels. */
export class StreamCache {
  readonly #tenant: string;
  readonly #limits: TenantLimits;
  readonly #cache = new ByteCache<StreamLabels>(CACHED_STREAMS, CACHED_BYTES);

  constructor(tenant: string, limits: TenantLimits) {
    this.#tenant = tenant;
    this.#limits = limits;
  }

  /** Throws a FaultError: `bad-request` where the text is not a label set, `too-large` where it is absurdly long. */
  stream(from: ByteRun, start: number, end: number): StreamLabels {
    const known = this.#cache.get(from.view, start, end);
    if (known !== undefined) return known;
    if (end - start > MAX_LABELS_BYTES) {
      raise('too-large', `request body too large: stream labels size ${end - start} B exceeds limit of 17 MB`);
    }
    const text = Buffer.from(from.bytes.buffer, from.bytes.byteOffset + start, end - start).toString('utf8');
    const stream = resolveStream(this.#tenant, parseLabelLiteral(text), this.#limits);
    this.#cache.put(from, start, end, stream);
    return stream;
  }
}

/** From parsed pairs to a stored stream: sorted, without empty values, with a service name, validated. */
export function resolveStream(
  tenant: string,
  pairs: readonly (readonly [string, string])[],
  limits: TenantLimits,
): StreamLabels {
  const given = pairs.filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  if (given.some(([name]) => RESERVED.includes(name))) {
    raise('bad-request', `labels ${RESERVED.join(' and ')} are reserved and cannot be pushed`);
  }
  const all = withServiceName(given, limits.discover_service_name);
  const labels = formatLabels(all);
  const level = levelLabel(all, limits.log_level_fields);
  return {
    labels,
    refusal: validateLabels(all, labels, limits) ?? missingLabels(tenant, all, labels, limits),
    level: level === undefined ? null : byteRunOf(normalizeLevel(level)),
    token: ringToken(tenant, labels),
  };
}

function withServiceName(labels: Labels, discover: readonly string[]): Labels {
  if (discover.length === 0 || labels.some(([name]) => name === SERVICE_NAME)) return labels;
  const found = discover.map((name) => labels.find(([n]) => n === name)).find((pair) => pair !== undefined);
  const at = labels.findIndex(([name]) => name > SERVICE_NAME);
  return labels.toSpliced(at === -1 ? labels.length : at, 0, [SERVICE_NAME, found?.[1] ?? UNKNOWN_SERVICE]);
}

function levelLabel(labels: Labels, fields: readonly string[]): string | undefined {
  const name = fields.find((field) => labels.some(([n]) => n === field));
  return labels.find(([n]) => n === name)?.[1];
}

function validateLabels(labels: Labels, text: string, limits: TenantLimits): StreamRefusal | null {
  if (labels.length === 0) {
    return { reason: 'missing_labels', message: 'error at least one label pair is required per stream' };
  }
  const counted = labels.some(([name]) => name === SERVICE_NAME) ? labels.length - 1 : labels.length;
  const limit = limits.max_label_names_per_series;
  if (counted > limit) {
    const message = `entry for stream '${text}' has ${counted} label names; limit ${limit}`;
    return { reason: 'max_label_names_per_series', message };
  }
  let last = '';
  for (const [name, value] of labels) {
    if (Buffer.byteLength(name) > limits.max_label_name_length) {
      return { reason: 'label_name_too_long', message: `stream '${text}' has label name too long: '${name}'` };
    }
    if (Buffer.byteLength(value) > limits.max_label_value_length) {
      return { reason: 'label_value_too_long', message: `stream '${text}' has label value too long: '${value}'` };
    }
    if (name === last) {
      return { reason: 'duplicate_label_names', message: `stream '${text}' has duplicate label name: '${name}'` };
    }
    last = name;
  }
  return null;
}

function missingLabels(tenant: string, labels: Labels, text: string, limits: TenantLimits): StreamRefusal | null {
  const missing = limits.enforced_labels.filter((name) => !labels.some(([n]) => n === name));
  if (missing.length === 0) return null;
  const names = missing.join(',');
  const message = `missing required labels '${names}' for user '${tenant}' for stream '${text}' (policy: '')`;
  return { reason: 'missing_enforced_labels', message };
}

/** FNV-1a over tenant and labels, finished so that its high bits are as good as its low ones. */
export function ringToken(tenant: string, labels: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(tenant + labels)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function byteRunOf(text: string): ByteRun {
  const bytes = new Uint8Array(Buffer.from(text));
  return { bytes, view: new DataView(bytes.buffer) };
}
