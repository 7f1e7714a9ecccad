import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { type Address, isEveryone, isOf } from '../../wire/address.js';
import { Assembler, split } from '../../wire/chunks.js';
import { decode, encode, MessageError } from '../../wire/codec.js';
import { type Fault, fault } from '../../wire/fault.js';
import type { Message, Reply } from '../../wire/message.js';
import { isMessage, isReply } from '../../wire/message-shape.js';
import { type Check, maybe, record, text } from '../../wire/shape.js';
import type { Clock } from './clock.js';
import { hasSignal, RemoteSignals, withoutSignal } from './remote-signals.js';
import { type AskOptions, faultReply, type Receive, type Router } from './router.js';
import type { LocalRouter } from './router-local.js';
import { inboxOf, isInbox, subjectOf } from './subject.js';

export interface NatsRouterOptions {
  /** Clusters of different names on one NATS do not see each other. */
  readonly cluster: string;
  /** Unique among processes, also among those that have been. */
  readonly process: string;
  readonly clock: Clock;
  readonly onTrouble?: (what: string, address: Address, detail: unknown) => void;
}

/** What crosses the wire for a message; `ask` and `inbox` only where a reply is wanted. */
interface Packet {
  readonly from: Address;
  readonly to: Address;
  readonly message: Message;
  readonly ask?: string;
  readonly inbox?: string;
}

/** The caller of an ask has left, or has waited long enough. */
interface Cancel {
  readonly cancel: string;
  readonly inbox: string;
}

interface Waiting {
  readonly to: Address;
  readonly settle: (reply: Reply) => void;
}

interface Answer {
  readonly ask: string;
  readonly reply: Reply;
}

const isPacket = record<Packet>({ from: text, to: text, message: isMessage, ask: maybe(text), inbox: maybe(text) });
const isCancel = record<Cancel>({ cancel: text, inbox: text });
const isPacketOrCancel: Check = (value) => isPacket(value) || isCancel(value);
const isAnswer = record<Answer>({ ask: text, reply: isReply });

/** Leaves room for NATS's own protocol line. */
const PART_OVERHEAD_BYTES = 4096;
const NO_RESPONDERS = 503;

/**
 * Actors of many processes over core NATS: at most once, no order across subjects. Actors of this process are reached
 * directly. Messages above NATS's payload limit travel in parts. While NATS is away, asks fail at once and tells are lost.
 */
export class NatsRouter implements Router {
  readonly #connection: NatsConnection;
  readonly #local: LocalRouter;
  readonly #options: NatsRouterOptions;
  readonly #assembler = new Assembler();
  readonly #here = new Set<Address>();
  /** By ask. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #signals = new RemoteSignals();
  readonly #inbox: string;
  readonly #ids: bigint;
  #messages = 0;
  #dropped = 0;
  #connected = true;

  constructor(connection: NatsConnection, local: LocalRouter, options: NatsRouterOptions) {
    this.#connection = connection;
    this.#local = local;
    this.#options = options;
    this.#inbox = inboxOf(options.cluster, options.process);
    this.#ids = BigInt(fnv1a(options.process)) << 32n;
    this.#subscribe(`${this.#inbox}.*`, (packet) => this.#answered(packet));
    void this.#watch();
  }

  /** False while NATS cannot be reached; it reconnects by itself. */
  get connected(): boolean {
    return this.#connected && !this.#connection.isClosed();
  }

  /** Packets that were no messages, and messages that never became whole. */
  get dropped(): number {
    return this.#dropped + this.#assembler.dropped;
  }

  register(address: Address, receive: Receive, mailboxMessagesMax?: number): () => void {
    const unregister = this.#local.register(address, receive, mailboxMessagesMax);
    this.#here.add(address);
    const subscription = this.#subscribe(subjectOf(this.#options.cluster, address), (packet) => this.#received(packet));
    return () => {
      unregister();
      this.#here.delete(address);
      subscription.unsubscribe();
    };
  }

  tell(from: Address, to: Address, message: Message): void {
    if (this.#here.has(to) && !isEveryone(to)) return this.#local.tell(from, to, message);
    if (!this.connected) return;
    this.#publish(subjectOf(this.#options.cluster, to), encode({ from, to, message } satisfies Packet));
  }

  ask(from: Address, to: Address, message: Message, options: AskOptions): Promise<Reply> {
    if (this.#here.has(to)) return this.#local.ask(from, to, message, options);
    if (!this.connected) return Promise.resolve(faultReply(fault('unavailable', `NATS is away, and with it ${to}`)));
    const ask = `${this.#messages}`;
    const packet: Packet = { from, to, message: withoutSignal(message), ask, inbox: this.#inbox };
    return this.#wait(packet, ask, options);
  }

  /**
   * An instance has died: whoever waits for an answer of it learns so. What is sent while its connection ends may be lost
   * without a word, and would be waited for until its timeout.
   */
  giveUp(instance: string): void {
    for (const { to, settle } of [...this.#waiting.values()]) {
      if (isOf(instance, to)) settle(faultReply(fault('unavailable', `${to} died before it answered`)));
    }
  }

  #wait(packet: Packet, ask: string, options: AskOptions): Promise<Reply> {
    const { to, message } = packet;
    const { timeoutMs, signal } = options;
    const subject = subjectOf(this.#options.cluster, to);
    return new Promise((resolve) => {
      const settle = (reply: Reply): void => {
        cancelTimer();
        signal?.removeEventListener('abort', onAbort);
        this.#waiting.delete(ask);
        resolve(reply);
      };
      let sent = false;
      const leave = (why: Fault): void => {
        settle(faultReply(why));
        if (sent && hasSignal(message) && this.connected)
          this.#publish(subject, encode({ cancel: ask, inbox: this.#inbox } satisfies Cancel));
      };
      const onAbort = (): void => leave(fault('cancelled', 'the request was cancelled by the client'));
      const cancelTimer = this.#options.clock.after(timeoutMs, () =>
        leave(fault('timeout', `${to} did not answer ${message.kind} within ${timeoutMs} ms`)),
      );
      if (signal?.aborted) return onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.set(ask, { to, settle });
      this.#publish(subject, encode(packet), `${this.#inbox}.${ask}`);
      sent = true;
    });
  }

  #publish(subject: string, bytes: Uint8Array, reply?: string): void {
    const max = (this.#connection.info?.max_payload ?? 1 << 20) - PART_OVERHEAD_BYTES;
    let first = true;
    for (const part of split(this.#ids | BigInt(this.#messages++ >>> 0), bytes, max)) {
      // One part asks NATS to say so when nobody listens.
      this.#connection.publish(subject, part, first && reply !== undefined ? { reply } : {});
      first = false;
    }
  }

  /** A packet that is no message of ours is reported and forgotten. */
  #subscribe(subject: string, take: (packet: Msg) => void): Subscription {
    const callback = (error: Error | null, packet: Msg): void => {
      try {
        if (error) throw error;
        take(packet);
      } catch (problem) {
        this.#dropped++;
        this.#options.onTrouble?.('a packet from NATS was dropped', subject, problem);
      }
    };
    return this.#connection.subscribe(subject, { callback });
  }

  #received(packet: Msg): void {
    const received = this.#whole<Packet | Cancel>(packet, isPacketOrCancel);
    if (!received) return;
    if ('cancel' in received) return this.#signals.abort(`${received.inbox}.${received.cancel}`);
    const { from, to, message, ask, inbox } = received;
    if (ask === undefined || inbox === undefined) return this.#local.tell(from, to, message);
    if (!isInbox(this.#options.cluster, inbox, ask)) throw new MessageError('message: asks for an answer elsewhere');
    const home = `${inbox}.${ask}`;
    const answer = (reply: Reply): void => {
      this.#signals.close(home);
      if (this.connected) this.#publish(home, encode({ ask, reply } satisfies Answer));
    };
    const signalled = this.#signals.attach(home, message);
    this.#local.deliver({ from, to, message: signalled, ask: { id: ask, reply: answer } });
  }

  #answered(packet: Msg): void {
    if (packet.headers?.code === NO_RESPONDERS) {
      const ask = packet.subject.slice(this.#inbox.length + 1);
      this.#waiting.get(ask)?.settle(faultReply(fault('unavailable', 'nobody answers at this address')));
      return;
    }
    const answer = this.#whole<Answer>(packet, isAnswer);
    if (answer) this.#waiting.get(answer.ask)?.settle(answer.reply);
  }

  /** The message that a packet is or completes. Throws MessageError. */
  #whole<T>(packet: Msg, isWellFormed: Check): T | undefined {
    const bytes = this.#assembler.add(packet.subject, packet.data, this.#options.clock.monotonicMs());
    if (!bytes) return undefined;
    const value = decode(bytes);
    if (!isWellFormed(value)) throw new MessageError('message: of no known shape');
    return value as T;
  }

  async #watch(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === 'disconnect') this.#lost();
      else if (status.type === 'reconnect') this.#connected = true;
    }
  }

  /** Whoever waits for an answer learns at once that it may never come. */
  #lost(): void {
    this.#connected = false;
    this.#options.onTrouble?.('NATS connection lost', this.#inbox, undefined);
    for (const { settle } of [...this.#waiting.values()]) {
      settle(faultReply(fault('unavailable', 'the connection to NATS was lost while waiting for an answer')));
    }
  }
}

/** FNV-1a, 32 bits: tells the messages of one process from those of another. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
