import type { AsyncQueue } from '../../execution/async-queue.js';
import type { ReceivedFrame } from '../../execution/pool.js';
import type { Address } from '../../wire/address.js';
import type { Envelope } from '../../wire/envelope.js';
import { senderAddress } from '../../wire/stream-address.js';
import type { Router } from '../runtime/router.js';
import { newReceiver, type ReceiverEvent, stepReceiver } from './receiver.js';
import { newSender, type SenderEnding, type SenderEvent, type SendingEnd, stepSender } from './sender.js';

export interface ReceivingEnd {
  readonly stream: string;
  /** Where it listens: that of the task which reads it. */
  readonly self: Address;
  /** Of its frames within their slot. */
  readonly rank: number;
}

/** Registers the receiving end of a stream; frames go to `queue`, which is closed by `onClosed` of the last stream. */
export function openReceiver(
  router: Router,
  { stream, self, rank }: ReceivingEnd,
  queue: AsyncQueue<ReceivedFrame>,
  onClosed: () => void,
): () => void {
  const state = newReceiver(stream);
  const taken = (): void => perform({ kind: 'taken' });
  const perform = (event: ReceiverEvent): void => {
    for (const effect of stepReceiver(state, event)) {
      switch (effect.kind) {
        case 'deliver':
          queue.push({ bytes: effect.frame, rank, taken });
          break;
        case 'credit':
          router.tell(self, effect.to, effect.message);
          break;
        case 'closed':
          onClosed();
          break;
      }
    }
  };
  return router.register(self, ({ from, message }: Envelope) => {
    if (message.kind === 'stream.data' || message.kind === 'stream.closed' || message.kind === 'stream.probe')
      perform({ kind: 'message', from, message });
  });
}

export interface SenderEnd {
  /** Resolves when the frame has left and there is room for the next; rejects when the stream is over. */
  send(frame: Uint8Array): Promise<void>;
  /** No more frames: `onOver` follows when the receiver has them all. */
  end(): void;
  /** Time has passed: asks a receiver that has not been heard. */
  tick(unheardMax: number): void;
  /** Gives up at once. */
  close(): void;
}

/** Registers the sending end of a stream. `onOver` is called once, unless it is closed before. */
export function openSender(router: Router, sending: SendingEnd, onOver: (why: SenderEnding) => void): SenderEnd {
  const state = newSender(sending);
  const { stream, attempt, receiver } = sending;
  const self = senderAddress(stream, attempt);
  const waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  let ended = false;
  const perform = (event: SenderEvent): void => {
    for (const effect of stepSender(state, event)) {
      if (effect.kind === 'send') router.tell(self, receiver, effect.message);
      else if (effect.kind === 'room') waiting.shift()?.resolve();
      else {
        close();
        onOver(effect.why);
      }
    }
  };
  const unregister = router.register(self, ({ message }: Envelope) => {
    if (message.kind !== 'stream.credit' || message.attempt !== attempt) return;
    perform({ kind: 'credit', credit: message });
  });
  const close = (): void => {
    unregister();
    ended = state.over = true;
    for (const { reject } of waiting.splice(0)) reject(new Error(ENDED));
  };
  perform({ kind: 'open' });
  return {
    send: (frame) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(new Error(ENDED));
        waiting.push({ resolve, reject });
        perform({ kind: 'frame', frame });
      }),
    end: () => {
      ended = true;
      perform({ kind: 'end' });
    },
    tick: (unheardMax) => perform({ kind: 'tick', unheardMax }),
    close,
  };
}

const ENDED = 'stream ended';
