import type { BuildInput } from '../../storage/dataobj/types.js';
import type { WindowCopies, WindowCoverage } from '../../storage/metastore/types.js';
import type { WalRecord } from '../../storage/wal/record.js';
import type { Address } from '../../wire/address.js';
import type { BatchCopy } from '../../wire/batch-copy.js';
import type { EntriesBatch } from '../../wire/entries.js';
import type { Fault } from '../../wire/fault.js';
import type { Reply } from '../../wire/message.js';
import type { TailCredit, TailData, TailSubscribe, TailUnsubscribe } from '../../wire/messages/following.js';
import type { LiveReadMessage, LiveReleaseMessage, LiveResolveMessage } from '../../wire/messages/live.js';
import type {
  AppendMessage,
  AppendOwn,
  BatchesAsk,
  BatchesMessage,
  FlushMessage,
} from '../../wire/messages/writing.js';
import type { TimeRange } from '../../wire/time.js';
import type { ArrivedRecord } from './log.js';
import type { FoundSegment } from './logged/choose.js';
import type { LoggedTable } from './logged/logged-table.js';
import type { KnownBatch } from './recent.js';

export type IngesterMessage =
  | AppendMessage
  | AppendOwn
  | BatchesMessage
  | FlushMessage
  | LiveResolveMessage
  | LiveReadMessage
  | LiveReleaseMessage
  | TailSubscribe
  | TailCredit
  | TailUnsubscribe;

/** The way home of an ask. */
export type ReplyTo = (reply: Reply) => void;

/** What the world tells an ingester. */
export type IngesterEvent =
  /** Once, first of all: what the log held. */
  | { readonly kind: 'recovered'; readonly recovered: Recovered }
  | { readonly kind: 'received'; readonly message: IngesterMessage; readonly reply: ReplyTo }
  /** Records that others appended to the log, durable already. */
  | { readonly kind: 'arrived'; readonly records: readonly ArrivedRecord[] }
  /** The one group in flight is durable, or refused. */
  | { readonly kind: 'wal.appended' }
  | { readonly kind: 'wal.failed'; readonly fault: Fault }
  /** The object is uploaded and the table of contents lists it, or not. */
  | { readonly kind: 'flush.stored'; readonly job: number; readonly bytes: number }
  | { readonly kind: 'flush.failed'; readonly job: number; readonly fault: Fault }
  /** What came of an `ask`, once each: a fault also stands for no answer. */
  | { readonly kind: 'answered'; readonly token: number; readonly reply: Reply }
  /** What came of `copies.find`; null when the table of contents could not be read. */
  | { readonly kind: 'copies.found'; readonly token: number; readonly windows: readonly WindowCopies[] | null }
  /** The records of a segment of the log, or why they cannot be had. */
  | { readonly kind: 'log.read'; readonly table: LoggedTable; readonly records: readonly WalRecord[] }
  | { readonly kind: 'log.unread'; readonly table: LoggedTable; readonly fault: Fault }
  | { readonly kind: 'timer.fired' }
  /** Accept nothing more, flush everything. */
  | { readonly kind: 'drain' };

/** What an ingester asks of the world. */
export type IngesterEffect =
  | { readonly kind: 'reply'; readonly to: ReplyTo; readonly reply: Reply }
  | { readonly kind: 'tell'; readonly to: Address; readonly message: TailData | BatchesMessage }
  /** Asks another ingester; `answered` follows with the token. */
  | {
      readonly kind: 'ask';
      readonly token: number;
      readonly to: Address;
      readonly message: BatchesAsk | AppendMessage;
      readonly timeoutMs: number;
    }
  /** Which replicated parts of a tenant objects have; `copies.found` follows. */
  | { readonly kind: 'copies.find'; readonly token: number; readonly tenant: string; readonly range: TimeRange }
  /** Makes the group durable with one sync; `wal.appended` or `wal.failed` follows. At most one is in flight. */
  | { readonly kind: 'wal.append'; readonly records: readonly WalRecord[] }
  | { readonly kind: 'wal.rotate' }
  | { readonly kind: 'wal.truncate'; readonly throughSeq: number }
  /** What the log may have lost has come from its holders again. */
  | { readonly kind: 'wal.trust' }
  /** Builds, uploads and lists one object; `flush.stored` or `flush.failed` follows. */
  | { readonly kind: 'flush.store'; readonly job: number; readonly input: BuildInput }
  /** Reads a segment of the log; `log.read` or `log.unread` follows. */
  | { readonly kind: 'log.read'; readonly table: LoggedTable }
  /** So many records of a segment are gone that were there at the start. */
  | { readonly kind: 'log.lost'; readonly name: string; readonly records: number }
  /** `timer.fired` follows. There is one timer, which is never set twice. */
  | { readonly kind: 'timer.set'; readonly afterMs: number }
  /** So many bytes of the log are not in memory any more, as far as this ingester is concerned. */
  | { readonly kind: 'memory.freed'; readonly bytes: number }
  /** What the log held is taken over: appends are welcome. */
  | { readonly kind: 'ready' }
  /** After `drain`: nothing is left in memory. */
  | { readonly kind: 'drained' };

/** The contents of a log, ready to be taken over. */
export interface Recovered {
  readonly batches: readonly (RecoveredBatch | StoredRecord)[];
  /** What stays in the log until it is asked for. */
  readonly left?: readonly FoundSegment[];
  /** By tenant: what objects of this writer hold already. */
  readonly coverage: ReadonlyMap<string, readonly WindowCoverage[]>;
  /** By tenant: which replicated parts objects hold, of whatever writer. */
  readonly copies?: ReadonlyMap<string, readonly WindowCopies[]>;
  /** Sequence numbers continue after it. */
  readonly lastSeq: number;
  /** Records up to here are in objects for certain. */
  readonly truncatedSeq: number;
  /** Records that were intact and made no sense: written by another version, or by a bug. */
  readonly unreadable: number;
  /** Records may be missing that were durable. */
  readonly isDoubtful?: boolean;
  /** So it is doubtful, and some were there and cannot be read; the end of the last write is not one of them. */
  readonly isDamaged?: boolean;
}

/** A record that objects hold all of; its batch need not be in memory. */
export interface StoredRecord extends KnownBatch {
  readonly seq: number;
  readonly copy?: BatchCopy;
}

export interface RecoveredBatch {
  readonly seq: number;
  readonly entries: EntriesBatch;
  /** Of a replicated part. */
  readonly copy?: BatchCopy;
}
