import type { Fault } from '../../wire/fault.js';
import type { Reply } from '../../wire/message.js';
import type { TailData } from '../../wire/messages/following.js';
import type { StreamResult } from '../../wire/query.js';
import type { DroppedEntry } from '../../wire/tail.js';
import type { History } from './live-rows.js';
import { RowWindow } from './row-window.js';
import type { TailerSettings } from './settings.js';

export type ReplyTo = (reply: Reply) => void;

/** Batches that were looked at together: they are given back when the last of their entries has gone out. */
export interface Chunk {
  readonly credits: readonly { readonly ingester: string; readonly bytes: number }[];
  readonly arrivedMs: number;
  left: number;
}

export interface TailEntry {
  /** One entry. */
  readonly stream: StreamResult;
  /** Null for what the past had. */
  readonly chunk: Chunk | null;
}

export interface Arrived {
  readonly message: TailData;
  readonly atMs: number;
}

/**
 * history -> live -> ended
 *
 * What arrives waits, is looked at (evaluated), held back for the delay, and is then ready for the reader.
 */
export interface TailState {
  readonly settings: TailerSettings;
  readonly delayMs: number;
  readonly endsMs: number;
  /** Null until the past has been answered: live entries follow it. */
  history: History | null;
  waiting: Arrived[];
  evaluating: boolean;
  /** No evaluation starts before. */
  evaluateMs: number;
  /** Oldest first. */
  held: TailEntry[];
  /** What the held entries came with, in order of arrival. */
  holding: Chunk[];
  ready: TailEntry[];
  dropped: DroppedEntry[];
  asked: ReplyTo | null;
  /** When the reader was last heard of. */
  heardMs: number;
  renewMs: number;
  watchMs: number;
  /** Null where no row can come twice. */
  readonly rows: RowWindow | null;
  /** By ingester: the number its next message should have. */
  readonly numbers: Map<string, number>;
  /** Something may have been missed. */
  isMissing: boolean;
  isReadingMissed: boolean;
  /** Why it is over; null with `isEnded` when the reader has left. */
  end: Fault | null;
  isEnded: boolean;
}

export type TailEvent =
  | { readonly kind: 'history'; readonly history: History; readonly streams: readonly StreamResult[] }
  | { readonly kind: 'data'; readonly message: TailData }
  /** A subscription began after the tail did: what the ingester got before may have been missed. */
  | { readonly kind: 'subscribed' }
  /** What could be read of what may have been missed. */
  | { readonly kind: 'missed'; readonly streams: readonly StreamResult[] }
  | { readonly kind: 'evaluated'; readonly streams: readonly StreamResult[]; readonly chunk: Chunk }
  | { readonly kind: 'failed'; readonly fault: Fault }
  | { readonly kind: 'next'; readonly reply: ReplyTo }
  | { readonly kind: 'closed' }
  | { readonly kind: 'timer' };

export type TailEffect =
  | { readonly kind: 'reply'; readonly to: ReplyTo; readonly reply: Reply }
  /** `evaluated` or `failed` follows. At most one is under way. */
  | {
      readonly kind: 'evaluate';
      readonly messages: readonly TailData[];
      readonly history: History;
      readonly chunk: Chunk;
    }
  | { readonly kind: 'credit'; readonly ingester: string; readonly bytes: number }
  | { readonly kind: 'renew' }
  /** Subscribe to ingesters that are new. */
  | { readonly kind: 'watch' }
  /** `missed` follows. At most one is under way. Rows up to `after` have been forgotten: they would come again. */
  | { readonly kind: 'read.missed'; readonly after: bigint | undefined }
  /** Last of all: nothing more is wanted from anyone. */
  | { readonly kind: 'ended' };

export function initialTail(settings: TailerSettings, delayMs: number, nowMs: number): TailState {
  return {
    settings,
    delayMs,
    endsMs: nowMs + settings.maxDurationMs,
    history: null,
    waiting: [],
    evaluating: false,
    evaluateMs: nowMs,
    held: [],
    holding: [],
    ready: [],
    dropped: [],
    asked: null,
    heardMs: nowMs,
    renewMs: nowMs + settings.renewMs,
    watchMs: nowMs + settings.watchMs,
    rows: settings.rowsRemembered > 0 ? new RowWindow(settings.rowsRemembered) : null,
    numbers: new Map(),
    isMissing: false,
    isReadingMissed: false,
    end: null,
    isEnded: false,
  };
}
