import type { BatchCopy, BatchId, OriginRanges } from '../batch-copy.js';
import type { PushRequest } from '../query.js';

/** api -> distributor, an ask; answered `ok` once everything accepted is durable. Twice is safe: equal entries merge. */
export interface PushMessage {
  readonly kind: 'push';
  readonly request: PushRequest;
}

/**
 * distributor -> ingester, or holder -> owner that does not know it; an ask, answered `ok` after the WAL sync that covers
 * it. Twice is safe: equal entries merge, and a part that is held is held once.
 */
export interface AppendMessage {
  readonly kind: 'append';
  /** An encoded entries batch (wire/entries.ts). */
  readonly batch: SharedArrayBuffer;
  /** Where entries are replicated: whether this instance owns the part or holds it. */
  readonly copy?: BatchCopy;
  /** Sent by a holder: the part was let in before, so no limit applies. */
  readonly again?: true;
}

/**
 * distributor -> ingester that holds the part, an ask: its owner did not answer, own it. Answered `ok` once that is
 * durable, `not-found` when the part is not held. Twice is safe.
 */
export interface AppendOwn extends BatchId {
  readonly kind: 'append.own';
}

export type BatchesMessage = BatchesRelease | BatchesOwned | BatchesAsk;

/** owner -> replicas, a tell: objects have these parts, hold them no longer. Safe twice; lost: `batches.ask` finds out. */
export interface BatchesRelease {
  readonly kind: 'batches.release';
  readonly batches: readonly OriginRanges[];
}

/** New owner -> replicas, a tell after it has taken parts over: release comes from me. Safe twice; the last one counts. */
export interface BatchesOwned {
  readonly kind: 'batches.owned';
  readonly owner: string;
  readonly batches: readonly OriginRanges[];
}

/**
 * holder -> owner, an ask now and then, and owner -> replicas after a restart: what do you know of these parts? Answered
 * `batches.status`. Reading only: safe twice.
 */
export interface BatchesAsk {
  readonly kind: 'batches.ask';
  readonly batches: readonly OriginRanges[];
}

/** Each part is in at most one list; it is in none when it is unknown. */
export interface BatchesStatus {
  /** An object has them. */
  readonly stored: readonly OriginRanges[];
  /** In the memtable of the one who answers, or on its way there. */
  readonly owned: readonly OriginRanges[];
  readonly held: readonly OriginRanges[];
}

/** api -> ingester, an ask; answered `ok` when all that was in memory is in objects the table of contents lists. */
export interface FlushMessage {
  readonly kind: 'flush';
}
