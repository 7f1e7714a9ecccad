import type { Message } from '../../wire/message.js';

/**
 * Signals of asks that came over a wire. A signal cannot cross: the caller's side says that it has aborted, and here the
 * message has one of its own that then does.
 */
export class RemoteSignals {
  readonly #open = new Map<string, AbortController>();

  /** Asks that nobody has answered. */
  get size(): number {
    return this.#open.size;
  }

  /** The message with a signal; until `close`. `ask` names the ask among those of all callers. */
  attach(ask: string, message: Message): Message {
    if (!hasSignal(message)) return message;
    const abort = this.#open.get(ask) ?? new AbortController();
    this.#open.set(ask, abort);
    return { ...message, signal: abort.signal };
  }

  /** Its caller has left. Safe twice, and for what is answered already. */
  abort(ask: string): void {
    this.#open.get(ask)?.abort();
    this.#open.delete(ask);
  }

  /** It is answered. */
  close(ask: string): void {
    this.#open.delete(ask);
  }
}

type Abortable = Extract<Message, { readonly signal?: AbortSignal }>;

/** Whether its work can be given up while it is done. */
export function hasSignal(message: Message): message is Abortable {
  return message.kind === 'query' || message.kind === 'detect';
}

/** What can cross a wire. */
export function withoutSignal(message: Message): Message {
  if (!hasSignal(message)) return message;
  const { signal: _, ...plain } = message;
  return plain;
}
