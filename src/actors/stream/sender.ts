import type { Address } from '../../wire/address.js';
import { unreachable } from '../../wire/exhaustive.js';
import type { StreamClosed, StreamCredit, StreamData, StreamProbe } from '../../wire/messages/stream.js';

/** Frames a sender may have under way before the receiver grants more. */
export const STREAM_WINDOW_FRAMES = 8;

/** Which attempt of a task sends on which stream, and to whom. */
export interface SendingEnd {
  readonly stream: string;
  readonly attempt: number;
  /** Attempts below are void. */
  readonly floor: number;
  readonly receiver: Address;
}

/**
 * The sending end of a stream: keeps frames until the receiver has them and sends them again where they were lost. Go
 * back N, since a window is a few frames (Tanenbaum, Computer Networks, 3.4.2).
 */
export interface SenderState extends SendingEnd {
  /** The receiver has all frames below. */
  acknowledged: number;
  /** Frames below have been sent. */
  sent: number;
  /** Frames below may be sent. */
  limit: number;
  /** From `acknowledged` on: what is under way, then what waits for room. */
  readonly held: Uint8Array[];
  ending: boolean;
  /** The end has been sent behind the last frame. */
  closed: boolean;
  /** Ticks without progress although there is something to acknowledge. */
  quiet: number;
  /** Ticks since the receiver was heard. */
  unheard: number;
  over: boolean;
}

/** Why a sender is not needed any more. */
export type SenderEnding = 'complete' | 'superseded' | 'unanswered';

export type SenderEvent =
  /** Comes first. */
  | { readonly kind: 'open' }
  | { readonly kind: 'credit'; readonly credit: Pick<StreamCredit, 'next' | 'limit' | 'missing' | 'verdict'> }
  | { readonly kind: 'frame'; readonly frame: Uint8Array }
  | { readonly kind: 'end' }
  /** Time has passed. A receiver not heard for `unheardMax` ticks, while there is something to say, is given up. */
  | { readonly kind: 'tick'; readonly unheardMax: number };

export type SenderEffect =
  | { readonly kind: 'send'; readonly message: StreamData | StreamProbe | StreamClosed }
  /** One frame left: whoever offered it may offer the next. */
  | { readonly kind: 'room' }
  | { readonly kind: 'over'; readonly why: SenderEnding };

export function newSender({ stream, attempt, floor, receiver }: SendingEnd): SenderState {
  return {
    stream,
    attempt,
    floor,
    receiver,
    acknowledged: 0,
    sent: 0,
    limit: STREAM_WINDOW_FRAMES,
    held: [],
    ending: false,
    closed: false,
    quiet: 0,
    unheard: 0,
    over: false,
  };
}

export function stepSender(state: SenderState, event: SenderEvent): SenderEffect[] {
  if (state.over) return [];
  switch (event.kind) {
    case 'open':
      // The receiver may have used an earlier attempt: better known before any work is done.
      return state.attempt > 0 ? [probe(state)] : [];
    case 'credit':
      return heard(state, event.credit);
    case 'frame':
      if (!state.ending) state.held.push(event.frame);
      return flush(state);
    case 'end':
      if (state.ending) return [];
      state.ending = true;
      return flush(state);
    case 'tick':
      return tick(state, event.unheardMax);
    default:
      return unreachable(event);
  }
}

function heard(
  state: SenderState,
  credit: Pick<StreamCredit, 'next' | 'limit' | 'missing' | 'verdict'>,
): SenderEffect[] {
  state.unheard = 0;
  if (credit.verdict) return over(state, credit.verdict);
  const next = Math.min(credit.next, state.sent);
  if (next > state.acknowledged) {
    state.held.splice(0, next - state.acknowledged);
    state.acknowledged = next;
    state.quiet = 0;
  }
  if (credit.limit > state.limit) {
    state.limit = credit.limit;
    state.quiet = 0;
  }
  // An old answer may call missing what has come since.
  if (credit.missing && credit.next === state.acknowledged) {
    const again: SenderEffect[] = [];
    for (let i = 0; i < state.sent - state.acknowledged; i++) again.push(data(state, state.acknowledged + i));
    state.closed = false;
    return [...again, ...flush(state)];
  }
  return flush(state);
}

/** Sends what may be sent, and the end behind the last frame. */
function flush(state: SenderState): SenderEffect[] {
  const last = state.acknowledged + state.held.length;
  const effects: SenderEffect[] = [];
  while (state.sent < state.limit && state.sent < last) effects.push(data(state, state.sent++), { kind: 'room' });
  if (state.ending && !state.closed && state.sent === last) {
    state.closed = true;
    effects.push(closed(state));
  }
  return effects;
}

/** Asks the more rarely the longer nothing moves: a receiver may be slow for as long as it likes. */
function tick(state: SenderState, unheardMax: number): SenderEffect[] {
  if (state.held.length === 0 && !state.ending) return [];
  if (++state.unheard > unheardMax) return over(state, 'unanswered');
  const quiet = state.quiet++;
  if (quiet === 0 || ((quiet & (quiet - 1)) !== 0 && quiet % PROBE_TICKS_MAX !== 0)) return [];
  return [state.closed ? closed(state) : probe(state)];
}

const PROBE_TICKS_MAX = 16;

function over(state: SenderState, why: SenderEnding): SenderEffect[] {
  state.over = true;
  state.held.length = 0;
  return [{ kind: 'over', why }];
}

function data({ stream, attempt, held, acknowledged }: SenderState, sequence: number): SenderEffect {
  const frame = held[sequence - acknowledged]!;
  return { kind: 'send', message: { kind: 'stream.data', stream, attempt, sequence, frame } };
}

function probe({ stream, attempt, floor, sent }: SenderState): SenderEffect {
  return { kind: 'send', message: { kind: 'stream.probe', stream, attempt, floor, frames: sent } };
}

function closed({ stream, attempt, sent }: SenderState): SenderEffect {
  return { kind: 'send', message: { kind: 'stream.closed', stream, attempt, frames: sent } };
}
