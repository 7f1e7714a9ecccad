import { type Fault, fault } from '../../wire/fault.js';
import type { StreamClosed, StreamData } from '../../wire/message.js';
import { STREAM_WINDOW_FRAMES } from './sender.js';

/** The receiving end of a stream: checks that nothing is missing and gives the sender room as frames are used up. */
export interface ReceiverState {
  readonly stream: string;
  received: number;
  /** Frames used up whose credit has not been returned yet. */
  owed: number;
  closed: boolean;
}

export type ReceiverEvent = StreamData | StreamClosed | { readonly kind: 'taken' };

export type ReceiverEffect =
  | { readonly kind: 'deliver'; readonly frame: Uint8Array }
  | { readonly kind: 'credit'; readonly credits: number }
  | { readonly kind: 'closed'; readonly fault?: Fault };

export function newReceiver(stream: string): ReceiverState {
  return { stream, received: 0, owed: 0, closed: false };
}

export function stepReceiver(state: ReceiverState, event: ReceiverEvent): ReceiverEffect[] {
  switch (event.kind) {
    case 'stream.data':
      if (state.closed || event.sequence < state.received) return []; // a copy of one we have
      if (event.sequence > state.received) return close(state, lost(state, event.sequence));
      state.received++;
      return [{ kind: 'deliver', frame: event.frame }];
    case 'stream.closed':
      if (state.closed) return [];
      return close(state, event.fault ?? (event.frames > state.received ? lost(state, event.frames) : undefined));
    case 'taken': {
      if (++state.owed < STREAM_WINDOW_FRAMES / 2) return [];
      const credits = state.owed;
      state.owed = 0;
      return state.closed ? [] : [{ kind: 'credit', credits }];
    }
  }
}

function close(state: ReceiverState, reason: Fault | undefined): ReceiverEffect[] {
  state.closed = true;
  return [{ kind: 'closed', ...(reason ? { fault: reason } : {}) }];
}

function lost(state: ReceiverState, upTo: number): Fault {
  return fault('unavailable', `stream ${state.stream} lost frames ${state.received} to ${upTo - 1} on the way`);
}
