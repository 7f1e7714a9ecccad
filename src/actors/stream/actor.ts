import type { AsyncQueue } from '../../execution/async-queue.js';
import type { ReceivedFrame } from '../../execution/pool.js';
import type { Address } from '../../wire/address.js';
import type { Envelope } from '../../wire/envelope.js';
import { type Fault, FaultError } from '../../wire/fault.js';
import { receiverAddress, senderAddress } from '../../wire/stream-address.js';
import type { Router } from '../runtime/router.js';
import { newReceiver, type ReceiverEvent, stepReceiver } from './receiver.js';
import { newSender, type SenderEvent, stepSender } from './sender.js';

/** Registers the receiving end of a stream; frames go to `queue`, which is closed by `onClosed` of the last stream. */
export function openReceiver(
  router: Router,
  stream: string,
  rank: number,
  queue: AsyncQueue<ReceivedFrame>,
  onClosed: (reason: Fault | undefined) => void,
): () => void {
  const state = newReceiver(stream);
  const self = receiverAddress(stream);
  const perform = (event: ReceiverEvent): void => {
    for (const effect of stepReceiver(state, event)) {
      switch (effect.kind) {
        case 'deliver':
          queue.push({ bytes: effect.frame, rank, taken: () => perform({ kind: 'taken' }) });
          break;
        case 'credit':
          router.tell(self, senderAddress(stream), { kind: 'stream.credit', stream, credits: effect.credits });
          break;
        case 'closed':
          onClosed(effect.fault);
          break;
      }
    }
  };
  return router.register(self, ({ message }: Envelope) => {
    if (message.kind === 'stream.data' || message.kind === 'stream.closed') perform(message);
  });
}

export interface SenderEnd {
  /** Says where the receiver listens; nothing is sent before. */
  bind(receiver: Address): void;
  /** Resolves when the frame has left and there is room for the next; rejects when the stream was given up. */
  send(frame: Uint8Array): Promise<void>;
  end(fault?: Fault): void;
  close(): void;
}

/** Registers the sending end of a stream. */
export function openSender(router: Router, stream: string): SenderEnd {
  const state = newSender(stream);
  const self = senderAddress(stream);
  const waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  /** Why no more frames are welcome. */
  let over: Error | undefined;
  const perform = (event: SenderEvent): void => {
    for (const effect of stepSender(state, event)) {
      if (effect.kind === 'send') router.tell(self, effect.to, effect.message);
      else if (effect.kind === 'room') waiting.shift()?.resolve();
      else close();
    }
  };
  const unregister = router.register(self, ({ message }: Envelope) => {
    if (message.kind === 'stream.credit') perform({ kind: 'credit', credits: message.credits });
  });
  const giveUp = (why: Error): void => {
    over ??= why;
    for (const { reject } of waiting.splice(0)) reject(over);
  };
  const close = (): void => {
    unregister();
    giveUp(new Error(ENDED));
  };
  return {
    bind: (receiver) => perform({ kind: 'bind', receiver }),
    send: (frame) =>
      new Promise((resolve, reject) => {
        if (over) return reject(over);
        waiting.push({ resolve, reject });
        perform({ kind: 'frame', frame });
      }),
    end: (reason) => {
      if (reason) giveUp(new FaultError(reason));
      else over ??= new Error(ENDED);
      perform({ kind: 'end', ...(reason ? { fault: reason } : {}) });
    },
    close,
  };
}

const ENDED = 'stream ended';
