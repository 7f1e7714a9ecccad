import type { Address } from '../../wire/address.js';

/**
 * The NATS subject of an address: `skald.<cluster>.<role>.<instance>`. What NATS gives a meaning to, or does not allow,
 * in a token (dots, wildcards, spaces) is written `=XX`, its UTF-8 bytes in hexadecimal.
 */
export function subjectOf(cluster: string, address: Address): string {
  const slash = address.indexOf('/');
  const [role, instance] = slash < 0 ? [address, ''] : [address.slice(0, slash), address.slice(slash + 1)];
  return `skald.${token(cluster)}.${token(role)}.${token(instance)}`;
}

/** Where replies to asks of one process go. */
export function inboxOf(cluster: string, owner: string): string {
  return `skald.${token(cluster)}._inbox.${token(owner)}`;
}

/** Whether an answer may be sent there: a subject that `inboxOf` makes, and a name that is one token. */
export function isInbox(cluster: string, inbox: string, ask: string): boolean {
  const prefix = `skald.${token(cluster)}._inbox.`;
  return inbox.startsWith(prefix) && TOKEN.test(inbox.slice(prefix.length)) && TOKEN.test(ask);
}

const TOKEN = /^[A-Za-z0-9_=-]{1,512}$/;
const PLAIN = /^[A-Za-z0-9_-]+$/;

/** A text as one token of a subject. */
export function token(text: string): string {
  if (text === '') return '=';
  if (PLAIN.test(text)) return text;
  return text.replaceAll(/[^A-Za-z0-9_-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `=${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}
