import type { Address } from '../../wire/address.js';
import type { Envelope } from '../../wire/envelope.js';
import type { Fault } from '../../wire/fault.js';
import type { Message, Reply } from '../../wire/message.js';

/** What an actor does with an envelope: synchronous, since its I/O happens in effects. */
export type Receive = (envelope: Envelope) => void;

export interface AskOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Carries messages between actors; nobody above it knows whether the other side is a mailbox here or a subject on NATS.
 * `tell` promises nothing. `ask` has exactly one outcome: a reply, or a fault that stands for no reply (which never
 * means "not done").
 */
export interface Router {
  register(address: Address, receive: Receive, mailboxMessagesMax?: number): () => void;
  tell(from: Address, to: Address, message: Message): void;
  ask(from: Address, to: Address, message: Message, options: AskOptions): Promise<Reply>;
}

export function faultReply(value: Fault): Reply {
  return { kind: 'fault', fault: value };
}
