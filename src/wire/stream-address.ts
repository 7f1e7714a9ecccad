import { type Address, address } from './address.js';

/**
 * A stream is two actors named by its ULID: the receiver under the plain name, the sender beside it. Tasks that run again
 * have other addresses than the attempts before, which may still be alive somewhere.
 */
export function receiverAddress(stream: string, attempt = 0): Address {
  return address('stream', attempt === 0 ? stream : `${stream}.${attempt}`);
}

export function senderAddress(stream: string, attempt = 0): Address {
  return address('stream', attempt === 0 ? `${stream}.sender` : `${stream}.sender.${attempt}`);
}
