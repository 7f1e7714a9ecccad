import type { Address } from './address.js';
import type { Message, Reply } from './message.js';

/** What the router carries: a message with its way home. */
export interface Envelope {
  readonly from: Address;
  readonly to: Address;
  readonly message: Message;
  /** Present on an ask: names the one reply it waits for. */
  readonly ask?: { readonly id: string; readonly reply: (reply: Reply) => void };
}
