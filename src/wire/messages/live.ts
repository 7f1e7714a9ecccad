import type { Labels } from '../labels.js';
import type { TimeRange } from '../time.js';

/** querier -> ingester, an ask at planning; answered `live`. Freezes what it names until released or timed out. */
export interface LiveResolveMessage {
  readonly kind: 'live.resolve';
  readonly tenant: string;
  readonly range: TimeRange;
  readonly matchers: readonly {
    readonly name: string;
    readonly op: '=' | '!=' | '=~' | '!~';
    readonly value: string;
  }[];
  /** Names the query, for `live.release`. */
  readonly query: string;
  /** Ingesters that do not answer: what is held of parts they may own is wanted too, as memtables of its own. */
  readonly heldOf?: readonly string[];
}

/** Memory of one ingester that matches a selector, oldest memtable first. */
export interface LiveSnapshot {
  readonly ingester: string;
  readonly memtables: readonly LiveMemtable[];
  /** Everything up to this WAL sequence number was in memory or in objects when the question was answered. */
  readonly throughSeq?: number;
  /** Ingesters that may own parts of this tenant it holds: whoever cannot reach one of them asks again with `heldOf`. */
  readonly holdsOf?: readonly string[];
  /** Its log was damaged, or new, when it last started: it may lack parts of its own that others hold, and does not know. */
  readonly doubtful?: true;
  /** It was damaged: of these parts one replica less is left than there were. */
  readonly damaged?: true;
}

export interface LiveMemtable {
  /** Key for `live.read`. */
  readonly snapshot: string;
  /**
   * Made of held parts that were sent to the instances named here, as all holders name them; one of these owns each. Its
   * sequence numbers mean nothing to a table of contents. It has no entry twice, though others may have the same ones.
   */
  readonly held?: string;
  /** Those of one ingester under the same name have no entry in common: what came to one was compared with the others. */
  readonly distinct?: string;
  /** First and last WAL sequence number inside, for comparison with `source` in the table of contents. */
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly streams: readonly LiveStream[];
  readonly rows: number;
  readonly bytes: number;
}

export interface LiveStream {
  readonly id: number;
  readonly labels: Labels;
  /** Canonical label text: identity across memtables and objects. */
  readonly key: string;
  readonly minTime: bigint;
  readonly maxTime: bigint;
  readonly rows: number;
  readonly bytes: number;
}

/**
 * worker -> ingester, an ask while a live scan runs; answered `live.batches`, or a fault when the snapshot is not held
 * (any more): the query then looks everything up anew. Safe twice.
 */
export interface LiveReadMessage {
  readonly kind: 'live.read';
  readonly snapshot: string;
  readonly streams: Int32Array;
}

/** One entries batch with the row runs that belong to the asked streams: triples (fromRow, toRow, stream index). */
export interface LiveBatch {
  readonly batch: SharedArrayBuffer;
  readonly runs: Int32Array;
}

/** querier -> ingester, a tell when the query has ended. Safe twice. */
export interface LiveReleaseMessage {
  readonly kind: 'live.release';
  readonly query: string;
}
