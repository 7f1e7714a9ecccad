import { type Address, address } from './address.js';

/** A stream is two actors named by its ULID: the receiver under the plain name, the sender beside it. */
export function receiverAddress(stream: string): Address {
  return address('stream', stream);
}

export function senderAddress(stream: string): Address {
  return address('stream', `${stream}.sender`);
}
