import type { Labels } from '../labels.js';
import type { DroppedEntry, TailRequest } from '../tail.js';
import type { LiveBatch, LiveResolveMessage } from './live.js';

export type TailMessage = TailOpen | TailNext | TailClose;
export type TailSubscription = TailSubscribe | TailData | TailCredit | TailUnsubscribe;

/** api -> tailer, an ask; answered `tail.opened` or `fault`. Twice opens two. */
export interface TailOpen {
  readonly kind: 'tail.open';
  readonly request: TailRequest;
}

/**
 * api -> tailer, an ask, one at a time; answered `tail.frame` when there is something or nothing came for a while, `fault`
 * once the tail has ended. Keeps the tail open. Twice: the first is answered with nothing.
 */
export interface TailNext {
  readonly kind: 'tail.next';
  readonly tail: string;
}

/** api -> tailer, a tell when the reader has left. Safe twice. */
export interface TailClose {
  readonly kind: 'tail.close';
  readonly tail: string;
}

/**
 * tailer -> ingester, an ask; answered `ok`. From then on the subscriber is told what is appended to matching streams.
 * Twice renews the lease: without that it ends.
 */
export interface TailSubscribe {
  readonly kind: 'tail.subscribe';
  readonly tenant: string;
  readonly matchers: LiveResolveMessage['matchers'];
  /** Address that `tail.data` goes to; names the subscription. */
  readonly subscriber: string;
}

/**
 * ingester -> tailer, a tell after the batches are durable and seen by queries. Lost: the next one's number says so, and
 * the tailer asks the querier for what it missed.
 */
export interface TailData {
  readonly kind: 'tail.data';
  readonly ingester: string;
  /** Counts what the subscription was told, from 0. */
  readonly number: number;
  /** In order of sequence numbers; stream indexes of their runs are into `labels`. */
  readonly batches: readonly (LiveBatch & { readonly seq: number })[];
  readonly labels: readonly Labels[];
  /** To be given back with `tail.credit`. */
  readonly bytes: number;
  /** Entries that were not sent since the last time because too many bytes were out; not necessarily all of them. */
  readonly dropped: readonly DroppedEntry[];
}

/** tailer -> ingester, a tell: so many bytes have been dealt with. */
export interface TailCredit {
  readonly kind: 'tail.credit';
  readonly subscriber: string;
  readonly bytes: number;
}

/** tailer -> ingester, a tell when the tail has ended. Safe twice. */
export interface TailUnsubscribe {
  readonly kind: 'tail.unsubscribe';
  readonly subscriber: string;
}
