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
  | { readonly kind: 'timeout'; readonly push: string };

/** What the distributor asks of the world. */
export type DistributorEffect =
  | {
      readonly kind: 'append';
      readonly push: string;
      readonly part: number;
      readonly to: string;
      readonly batch: EntriesBatch;
    }
  /** `timeout` is wanted after so long, unless it is cleared before. */
  | { readonly kind: 'timer.set'; readonly push: string; readonly afterMs: number }
  | { readonly kind: 'timer.clear'; readonly push: string }
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

/** Who stores what. */
export interface DistributorRing {
  /** The ingesters that hold streams with this token, at most as many as the replication factor; only healthy ones. */
  owners(token: number): readonly string[];
  /** Distributors alive, among which a tenant's rate is divided; at least 1. */
  readonly distributors: number;
}
