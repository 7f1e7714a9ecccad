import type { Address } from '../../wire/address.js';
import type { StreamClosed, StreamCredit, StreamData, StreamProbe } from '../../wire/messages/stream.js';
import { STREAM_WINDOW_FRAMES } from './sender.js';

/**
 * The receiving end of a stream: takes the frames of one attempt in order, notices what is missing, and gives the sender
 * room as frames are used up. The attempt whose first frame (or empty end) comes first is the one; all others are told
 * that they are superseded.
 */
export interface ReceiverState {
  readonly stream: string;
  /** Attempts below are void, unless one of them has been taken already. */
  floor: number;
  attempt: number | undefined;
  sender: Address;
  /** Frames below have come. */
  received: number;
  taken: number;
  /** Frames below have been granted. */
  granted: number;
  /** The frame last called missing. */
  missed: number;
  closed: boolean;
}

export type ReceiverEvent =
  | {
      readonly kind: 'message';
      readonly from: Address;
      readonly message: StreamData | StreamProbe | StreamClosed;
    }
  /** A frame has been used up. */
  | { readonly kind: 'taken' };

export type ReceiverEffect =
  | { readonly kind: 'deliver'; readonly frame: Uint8Array }
  | { readonly kind: 'credit'; readonly to: Address; readonly message: StreamCredit }
  /** Everything has come. */
  | { readonly kind: 'closed' };

export function newReceiver(stream: string): ReceiverState {
  return {
    stream,
    floor: 0,
    attempt: undefined,
    sender: '',
    received: 0,
    taken: 0,
    granted: STREAM_WINDOW_FRAMES,
    missed: -1,
    closed: false,
  };
}

export function stepReceiver(state: ReceiverState, event: ReceiverEvent): ReceiverEffect[] {
  if (event.kind === 'taken') return taken(state);
  const { from, message } = event;
  if (state.attempt === undefined) {
    if (message.kind === 'stream.probe') state.floor = Math.max(state.floor, message.floor);
    if (message.attempt < state.floor) return [refusal(state, from, message.attempt)];
    if (!isFirst(message)) return [answer(state, from, message)];
    state.attempt = message.attempt;
  }
  if (message.attempt !== state.attempt) return [refusal(state, from, message.attempt)];
  state.sender = from;
  return message.kind === 'stream.data' ? take(state, message) : report(state, message);
}

/** What an attempt is chosen by: it has something to give, and its sender is not merely asking. */
function isFirst(message: StreamData | StreamProbe | StreamClosed): boolean {
  return message.kind === 'stream.data'
    ? message.sequence === 0
    : message.kind === 'stream.closed' && message.frames === 0;
}

function take(state: ReceiverState, message: StreamData): ReceiverEffect[] {
  const { sequence, frame } = message;
  if (state.closed || sequence < state.received) return []; // a copy of one we have
  if (sequence === state.received) {
    state.received++;
    return [{ kind: 'deliver', frame }];
  }
  if (state.missed === state.received) return []; // has been said; the sender asks if that was lost
  state.missed = state.received;
  return [answer(state, state.sender, message)];
}

function report(state: ReceiverState, message: StreamProbe | StreamClosed): ReceiverEffect[] {
  const ends = !state.closed && message.kind === 'stream.closed' && message.frames === state.received;
  if (ends) state.closed = true;
  const effect = state.closed ? refusal(state, state.sender, message.attempt) : answer(state, state.sender, message);
  return ends ? [{ kind: 'closed' }, effect] : [effect];
}

function taken(state: ReceiverState): ReceiverEffect[] {
  state.taken++;
  const limit = state.taken + STREAM_WINDOW_FRAMES;
  if (state.closed || limit - state.granted < STREAM_WINDOW_FRAMES / 2) return [];
  state.granted = limit;
  return [credit(state, state.sender, state.attempt!)];
}

/** How far this attempt has come here; what it says it has sent beyond that is missing. */
function answer(state: ReceiverState, to: Address, message: StreamData | StreamProbe | StreamClosed): ReceiverEffect {
  const sent = message.kind === 'stream.data' ? message.sequence : message.frames;
  return credit(state, to, message.attempt, sent > state.received ? { missing: true } : undefined);
}

/** For a sender that is not needed (any more). */
function refusal(state: ReceiverState, to: Address, attempt: number): ReceiverEffect {
  return credit(state, to, attempt, { verdict: state.closed ? 'complete' : 'superseded' });
}

function credit(
  { stream, received: next, granted: limit }: ReceiverState,
  to: Address,
  attempt: number,
  more?: Pick<StreamCredit, 'missing' | 'verdict'>,
): ReceiverEffect {
  const message: StreamCredit = { kind: 'stream.credit', stream, attempt, next, limit };
  return { kind: 'credit', to, message: more ? { ...message, ...more } : message };
}
