import type { Address } from '../../wire/address.js';
import type { Envelope } from '../../wire/envelope.js';
import { asFault, fault } from '../../wire/fault.js';
import type { Message, Reply } from '../../wire/message.js';
import type { Clock } from './clock.js';
import { Mailbox } from './mailbox.js';
import { type AskOptions, faultReply, type Receive, type Router } from './router.js';

/** Messages one actor may have waiting before senders are refused. */
export const MAILBOX_MESSAGES_MAX = 10_000;

interface Registered {
  readonly receive: Receive;
  readonly mailbox: Mailbox<Envelope>;
  draining: boolean;
}

export interface LocalRouterOptions {
  readonly clock: Clock;
  /** Turns a message into what the other side of a wire would see; tests encode and decode, production passes by reference. */
  readonly transfer?: <T extends Message | Reply>(message: T) => T;
  /** Told about handlers that threw, which is a bug, and about refused messages. */
  readonly onTrouble?: (what: string, address: Address, detail: unknown) => void;
}

/** All actors of one process. Delivery is asynchronous and in order per receiver; handlers never nest. */
export class LocalRouter implements Router {
  readonly #actors = new Map<Address, Registered>();
  readonly #options: LocalRouterOptions;
  #asks = 0;

  constructor(options: LocalRouterOptions) {
    this.#options = options;
  }

  register(address: Address, receive: Receive, mailboxMessagesMax = MAILBOX_MESSAGES_MAX): () => void {
    if (this.#actors.has(address)) throw new Error(`address is taken: ${address}`);
    const registered: Registered = { receive, mailbox: new Mailbox(mailboxMessagesMax), draining: false };
    this.#actors.set(address, registered);
    return () => {
      if (this.#actors.get(address) === registered) this.#actors.delete(address);
    };
  }

  tell(from: Address, to: Address, message: Message): void {
    this.deliver({ from, to, message: this.#transfer(message) });
  }

  ask(from: Address, to: Address, message: Message, { timeoutMs, signal }: AskOptions): Promise<Reply> {
    return new Promise((resolve) => {
      const settle = (reply: Reply): void => {
        cancelTimer();
        signal?.removeEventListener('abort', onAbort);
        resolve(reply);
      };
      const onAbort = (): void => settle(faultReply(fault('cancelled', 'the request was cancelled by the client')));
      const cancelTimer = this.#options.clock.after(timeoutMs, () =>
        settle(faultReply(fault('timeout', `${to} did not answer ${message.kind} within ${timeoutMs} ms`))),
      );
      if (signal?.aborted) return onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      const reply = (value: Reply): void => settle(this.#transfer(value));
      this.deliver({ from, to, message: this.#transfer(message), ask: { id: String(this.#asks++), reply } });
    });
  }

  #transfer<T extends Message | Reply>(message: T): T {
    return this.#options.transfer ? this.#options.transfer(message) : message;
  }

  /** Hands over an envelope as it is; whoever made it sees to the reply. */
  deliver(envelope: Envelope): void {
    const actor = this.#actors.get(envelope.to);
    if (!actor) return envelope.ask?.reply(faultReply(fault('unavailable', `nobody answers at ${envelope.to}`)));
    if (!actor.mailbox.push(envelope)) {
      this.#options.onTrouble?.('mailbox full', envelope.to, envelope.message.kind);
      return envelope.ask?.reply(faultReply(fault('limited', `${envelope.to} has too many messages waiting`)));
    }
    if (actor.draining) return;
    actor.draining = true;
    queueMicrotask(() => this.#drain(envelope.to, actor));
  }

  #drain(address: Address, actor: Registered): void {
    for (let envelope = actor.mailbox.shift(); envelope; envelope = actor.mailbox.shift()) {
      try {
        actor.receive(envelope);
      } catch (error) {
        this.#options.onTrouble?.('handler threw', address, error);
        envelope.ask?.reply(faultReply(asFault(error)));
      }
    }
    actor.draining = false;
  }
}
