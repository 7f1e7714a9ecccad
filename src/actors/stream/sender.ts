import type { Address } from '../../wire/address.js';
import type { Fault } from '../../wire/fault.js';
import type { StreamClosed, StreamData } from '../../wire/message.js';

/** Frames a sender may have under way before the receiver grants more. */
export const STREAM_WINDOW_FRAMES = 8;

/** The sending end of a stream: holds frames back until the receiver is known and has room. */
export interface SenderState {
  readonly stream: string;
  receiver: Address | undefined;
  credits: number;
  sequence: number;
  readonly waiting: Uint8Array[];
  ending: { readonly fault?: Fault } | undefined;
  ended: boolean;
}

export type SenderEvent =
  | { readonly kind: 'bind'; readonly receiver: Address }
  | { readonly kind: 'credit'; readonly credits: number }
  | { readonly kind: 'frame'; readonly frame: Uint8Array }
  | { readonly kind: 'end'; readonly fault?: Fault };

export type SenderEffect =
  | { readonly kind: 'send'; readonly to: Address; readonly message: StreamData | StreamClosed }
  /** One frame left: whoever offered it may offer the next. */
  | { readonly kind: 'room' }
  | { readonly kind: 'ended' };

export function newSender(stream: string): SenderState {
  return {
    stream,
    receiver: undefined,
    credits: STREAM_WINDOW_FRAMES,
    sequence: 0,
    waiting: [],
    ending: undefined,
    ended: false,
  };
}

export function stepSender(state: SenderState, event: SenderEvent): SenderEffect[] {
  if (state.ended) return [];
  switch (event.kind) {
    case 'bind':
      state.receiver ??= event.receiver;
      break;
    case 'credit':
      state.credits += event.credits;
      break;
    case 'frame':
      if (!state.ending) state.waiting.push(event.frame);
      break;
    case 'end':
      // A fault outranks a good end that is still under way: without its frames that end would be a lie.
      if (!state.ending?.fault) state.ending = event;
      if (event.fault) state.waiting.length = 0; // what is not yet sent is of no use any more
      break;
  }
  return flush(state);
}

function flush(state: SenderState): SenderEffect[] {
  const { receiver, stream } = state;
  if (receiver === undefined) return [];
  const effects: SenderEffect[] = [];
  while (state.credits > 0 && state.waiting.length > 0) {
    const frame = state.waiting.shift()!;
    state.credits--;
    const message: StreamData = { kind: 'stream.data', stream, sequence: state.sequence++, frame };
    effects.push({ kind: 'send', to: receiver, message }, { kind: 'room' });
  }
  if (state.ending && state.waiting.length === 0) {
    const { fault } = state.ending;
    state.ended = true;
    const message: StreamClosed = {
      kind: 'stream.closed',
      stream,
      frames: state.sequence,
      ...(fault ? { fault } : {}),
    };
    effects.push({ kind: 'send', to: receiver, message }, { kind: 'ended' });
  }
  return effects;
}
