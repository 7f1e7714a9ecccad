import type { TenantLimits } from '../../wire/limits.js';

/** Reasons an entry is refused, in the order in which they are looked for; also the `reason` of the discard counters. */
export const TOO_OLD = 'greater_than_max_sample_age';
export const TOO_NEW = 'too_far_in_future';
export const LINE_TOO_LONG = 'line_too_long';
export const METADATA_DISALLOWED = 'disallowed_structured_metadata';
export const METADATA_TOO_LARGE = 'structured_metadata_too_large';
export const METADATA_TOO_MANY = 'structured_metadata_too_many';
export const RATE_LIMITED = 'rate_limited';

export type EntryRefusal =
  | typeof TOO_OLD
  | typeof TOO_NEW
  | typeof LINE_TOO_LONG
  | typeof METADATA_DISALLOWED
  | typeof METADATA_TOO_LARGE
  | typeof METADATA_TOO_MANY;

/** What int64 nanoseconds can hold, in whole seconds. */
const FIRST_SECOND = -9223372036;
const LAST_SECOND = 9223372035;

const ASK_OR_ENABLE =
  'Please see `limits_config.allow_structured_metadata` or contact your Loki administrator to enable it';
const ask = (limit: string): string =>
  `Please see \`limits_config.${limit}\` or contact your Loki administrator to increase it`;

/** What an entry has to keep within so that no rule is broken; times in nanoseconds, both included. */
export interface EntryBounds {
  readonly oldest: bigint;
  readonly newest: bigint;
  readonly lineBytes: number;
  readonly pairs: number;
  readonly pairBytes: number;
}

/** No limit. */
const UNBOUNDED = 0x7fffffff;

/** The per-entry limits of one request, with the clock already applied. Sizes in bytes; 0 means no limit. */
export class EntryRules {
  readonly #oldestSeconds: number;
  readonly #oldestNanos: number;
  readonly #newestSeconds: number;
  readonly #newestNanos: number;
  readonly #maxLine: number;
  readonly #metadataAllowed: boolean;
  readonly #maxMetadata: number;
  readonly #maxPairs: number;

  constructor(limits: TenantLimits, nowNs: bigint) {
    const oldest = limits.reject_old_samples ? nowNs - millisToNanos(limits.reject_old_samples_max_age_ms) : null;
    const newest = nowNs + millisToNanos(limits.creation_grace_period_ms);
    this.#oldestSeconds = oldest === null ? FIRST_SECOND : Math.max(FIRST_SECOND, floorSeconds(oldest));
    this.#oldestNanos = oldest === null || this.#oldestSeconds === FIRST_SECOND ? 0 : nanosOf(oldest);
    this.#newestSeconds = Math.min(LAST_SECOND, floorSeconds(newest));
    this.#newestNanos = this.#newestSeconds === LAST_SECOND ? 999_999_999 : nanosOf(newest);
    this.#maxLine = limits.max_line_size;
    this.#metadataAllowed = limits.allow_structured_metadata;
    this.#maxMetadata = limits.max_structured_metadata_size;
    this.#maxPairs = limits.max_structured_metadata_entries_count;
  }

  get bounds(): EntryBounds {
    return {
      oldest: BigInt(this.#oldestSeconds) * 1_000_000_000n + BigInt(this.#oldestNanos),
      newest: BigInt(this.#newestSeconds) * 1_000_000_000n + BigInt(this.#newestNanos),
      lineBytes: this.#maxLine || UNBOUNDED,
      pairs: this.#metadataAllowed ? this.#maxPairs || UNBOUNDED : 0,
      pairBytes: this.#maxMetadata || UNBOUNDED,
    };
  }

  /** The first rule an entry breaks, or null. */
  check(seconds: number, nanos: number, line: number, pairs: number, pairBytes: number): EntryRefusal | null {
    if (seconds < this.#oldestSeconds || (seconds === this.#oldestSeconds && nanos < this.#oldestNanos)) return TOO_OLD;
    if (seconds > this.#newestSeconds || (seconds === this.#newestSeconds && nanos > this.#newestNanos)) return TOO_NEW;
    if (this.#maxLine !== 0 && line > this.#maxLine) return LINE_TOO_LONG;
    if (pairs === 0) return null;
    if (!this.#metadataAllowed) return METADATA_DISALLOWED;
    if (this.#maxMetadata !== 0 && pairBytes > this.#maxMetadata) return METADATA_TOO_LARGE;
    if (this.#maxPairs !== 0 && pairs > this.#maxPairs) return METADATA_TOO_MANY;
    return null;
  }

  /** What the client is told about an entry that broke a rule, in Loki's words. */
  explain(refusal: EntryRefusal, stream: string, seconds: number, line: number, pairs: number, bytes: number): string {
    switch (refusal) {
      case TOO_OLD: {
        const oldest = rfc3339(this.#oldestSeconds);
        return `entry for stream '${stream}' has timestamp too old: ${rfc3339(seconds)}, oldest acceptable timestamp is: ${oldest}`;
      }
      case TOO_NEW:
        return `entry for stream '${stream}' has timestamp too new: ${rfc3339(seconds)}`;
      case LINE_TOO_LONG:
        return `max entry size '${this.#maxLine}' bytes exceeded for stream '${stream}' while adding an entry with length '${line}' bytes`;
      case METADATA_DISALLOWED:
        return `stream '${stream}' includes structured metadata, but this feature is disallowed. ${ASK_OR_ENABLE}`;
      case METADATA_TOO_LARGE: {
        const sizes = `'${bytes}' bytes, limit: '${this.#maxMetadata}' bytes`;
        return `stream '${stream}' has structured metadata too large: ${sizes}. ${ask('max_structured_metadata_size')}`;
      }
      case METADATA_TOO_MANY: {
        const counts = `'${pairs}', limit: '${this.#maxPairs}'`;
        return `stream '${stream}' has too many structured metadata labels: ${counts}. ${ask('max_structured_metadata_entries_count')}`;
      }
    }
  }
}

function millisToNanos(ms: number): bigint {
  return BigInt(Math.round(ms)) * 1_000_000n;
}

function nanosOf(ns: bigint): number {
  return Number(((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n);
}

function floorSeconds(ns: bigint): number {
  return Number((ns - BigInt(nanosOf(ns))) / 1_000_000_000n);
}

function rfc3339(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, -5)}Z`;
}

/** Distinct messages that one answer lists; a request can hold a million entries that are each wrong in their own way. */
const MAX_MESSAGES = 64;

/** Messages joined like Loki's: grouped by text, with their number where there is more than one error. */
export class GroupedMessages {
  readonly #counts = new Map<string, number>();
  #unlisted = 0;

  /** Whether no further text would be listed; then `skip` saves making it. */
  get isFull(): boolean {
    return this.#counts.size >= MAX_MESSAGES;
  }

  add(message: string): void {
    const count = this.#counts.get(message);
    if (count === undefined && this.isFull) this.#unlisted++;
    else this.#counts.set(message, (count ?? 0) + 1);
  }

  skip(): void {
    this.#unlisted++;
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  join(): string {
    const groups = [...this.#counts];
    const counted = groups.length > 1 || groups.some(([, count]) => count > 1);
    const texts = groups.map(([text, count]) => (counted ? `${count} errors like: ${text}` : text));
    if (this.#unlisted > 0) texts.push(`${this.#unlisted} more errors`);
    return texts.join('; ');
  }
}

/** Lines and bytes not stored, by reason. */
export interface Discarded {
  readonly reason: string;
  readonly lines: number;
  readonly bytes: number;
}

export class DiscardCounts {
  readonly #byReason = new Map<string, { lines: number; bytes: number }>();

  add(reason: string, lines: number, bytes: number): void {
    const counts = this.#byReason.get(reason);
    if (counts === undefined) this.#byReason.set(reason, { lines, bytes });
    else {
      counts.lines += lines;
      counts.bytes += bytes;
    }
  }

  list(): Discarded[] {
    return [...this.#byReason].map(([reason, { lines, bytes }]) => ({ reason, lines, bytes }));
  }
}
