/** What the other side of a wire sees of a message: encoded and decoded again, so that a codec bug shows in a unit test. */
import { decode, encode } from '../../src/wire/codec.js';
import { isMessage, isReply } from '../../src/wire/message-shape.js';

/** A deep copy by way of bytes. A caller's AbortSignal stays behind, as it would on a wire. */
export function transferred<T extends object>(message: T): T {
  const { signal: _, ...sent } = message as T & { signal?: AbortSignal };
  const copy = decode(Buffer.from(encode(sent))) as T;
  if ('kind' in copy && !isMessage(copy) && !isReply(copy)) throw new Error(`would be dropped: ${String(copy.kind)}`);
  return copy;
}
