import type { Fault } from '../../wire/fault.js';
import type { Reply, TailData } from '../../wire/message.js';
import type { StreamResult } from '../../wire/query.js';
import type { DroppedEntry } from '../../wire/tail.js';
import type { History } from './live-rows.js';
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
  /** Why it is over; null with `isEnded` when the reader has left. */
  end: Fault | null;
  isEnded: boolean;
}

export type TailEvent =
  | { readonly kind: 'history'; readonly history: History; readonly streams: readonly StreamResult[] }
  | { readonly kind: 'data'; readonly message: TailData }
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
    end: null,
    isEnded: false,
  };
}
