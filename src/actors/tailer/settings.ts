import type { Address } from '../../wire/address.js';

export interface TailerSettings {
  /** As known now. */
  readonly ingesters: () => readonly Address[];
  /** Ingesters that every entry is sent to: fewer silent ones than a majority do no harm. */
  readonly replicationFactor: number;
  /** How often it is looked whether there are new ingesters. */
  readonly watchMs: number;
  /** Rows remembered so that none comes twice and what was missed can be read again; 0 where neither can happen. */
  readonly rowsRemembered: number;
  /** How far back is read what may have been missed. */
  readonly missedMs: number;
  readonly querier: Address;
  /** A tail ends after this long; its reader may open another. */
  readonly maxDurationMs: number;
  /** A tail that nobody asks for this long ends. */
  readonly leaseMs: number;
  /** How often subscriptions are renewed; several times within an ingester's lease. */
  readonly renewMs: number;
  /** A reader who asks is answered after this long, even with nothing. */
  readonly pollMs: number;
  /** Batches that come within this time are looked at together: longer is cheaper and later. */
  readonly gatherMs: number;
  readonly frameEntriesMax: number;
  /** No further batches are looked at while so many entries wait for their reader. */
  readonly readyEntriesMax: number;
  /** Entries dropped and not yet told that are kept. */
  readonly droppedMax: number;
  /** Bytes of batches looked at in one go, on the thread that answers everyone. */
  readonly evaluatedBytesMax: number;
  readonly memoryBytesMax: number;
  /** How long an ingester may take to accept a subscription, and the querier to answer at all. */
  readonly subscribeTimeoutMs: number;
  readonly historyTimeoutMs: number;
}

const MIB = 1 << 20;

export const DEFAULT_TAILER_SETTINGS = {
  replicationFactor: 1,
  watchMs: 1_000,
  rowsRemembered: 0,
  missedMs: 60_000,
  maxDurationMs: 3_600_000,
  leaseMs: 60_000,
  renewMs: 10_000,
  pollMs: 10_000,
  gatherMs: 50,
  frameEntriesMax: 100,
  readyEntriesMax: 1000,
  droppedMax: 1000,
  evaluatedBytesMax: MIB,
  memoryBytesMax: 256 * MIB,
  subscribeTimeoutMs: 10_000,
  historyTimeoutMs: 300_000,
} satisfies Partial<TailerSettings>;
