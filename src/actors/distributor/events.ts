import type { BatchCopy, BatchId } from '../../wire/batch-copy.js';
import type { EntriesBatch } from '../../wire/entries.js';
import type { Fault } from '../../wire/fault.js';
import type { TenantLimits } from '../../wire/limits.js';
import type { DecodedPush } from './decode-push.js';
import type { Discarded } from './validate.js';

/** What the world tells the distributor. `push` names a push, `part` one of the appends it became. */
export type DistributorEvent =
  | {
      readonly kind: 'push';
      readonly push: string;
      readonly tenant: string;
      readonly limits: TenantLimits;
      readonly decoded: DecodedPush;
    }
  /** `from` has the part in its log and the log on its disk. */
  | { readonly kind: 'append.ok'; readonly push: string; readonly part: number; readonly from: string }
  | {
      readonly kind: 'append.fault';
      readonly push: string;
      readonly part: number;
      readonly from: string;
      readonly fault: Fault;
    }
  /** What came of `own`. Null: `from` is now an owner of the part, durably. */
  | {
      readonly kind: 'own.answered';
      readonly push: string;
      readonly part: number;
      readonly from: string;
      readonly fault: Fault | null;
    }
  | { readonly kind: 'timeout'; readonly push: string; readonly timer: PushTimer };

/** `push`: all of it should be durable. `owner`: owners should have answered. */
export type PushTimer = 'push' | 'owner';

/** What the distributor asks of the world. */
export type DistributorEffect =
  | {
      readonly kind: 'append';
      readonly push: string;
      readonly part: number;
      readonly to: string;
      readonly batch: EntriesBatch;
      readonly copy: BatchCopy | null;
    }
  /** Asks one that has the part to own it; `own.answered` follows. */
  | { readonly kind: 'own'; readonly push: string; readonly part: number; readonly to: string; readonly id: BatchId }
  /** `timeout` is wanted after so long, unless it is cleared before. */
  | { readonly kind: 'timer.set'; readonly push: string; readonly timer: PushTimer; readonly afterMs: number }
  /** All timers of the push. */
  | { readonly kind: 'timer.clear'; readonly push: string }
  /** A part is durable: for whoever counts what there is. Once a part. */
  | { readonly kind: 'durable'; readonly batch: EntriesBatch }
  /** Null: 204. A fault may tell of entries rejected while the others are durable. */
  | { readonly kind: 'reply'; readonly push: string; readonly fault: Fault | null }
  | { readonly kind: 'count'; readonly tenant: string; readonly counts: PushCounts };

/** loki_distributor_{lines,bytes}_received_total, loki_discarded_{samples,bytes}_total, loki_mutated_{samples,bytes}_total. */
export interface PushCounts {
  readonly lines: number;
  readonly bytes: number;
  readonly discarded: readonly Discarded[];
  readonly truncatedLines: number;
  readonly truncatedBytes: number;
}

/** Who stores what, as known at the moment: two questions about one token may be answered differently. */
export interface DistributorRing {
  /** The ingesters that hold streams with this token, at most as many as the replication factor; only healthy ones. */
  owners(token: number): readonly string[];
  /** Distributors alive, among which a tenant's rate is divided. */
  readonly distributors: number;
}
