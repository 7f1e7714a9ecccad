/** What the other side of a wire sees of a message: encoded and decoded again, so that a codec bug shows in a unit test. */
import { addExtension, Packr } from 'msgpackr';

/** Application types of MessagePack are 1 to 127; those msgpackr uses itself are letters. */
const SHARED_BUFFER = 1;

addExtension({
  Class: SharedArrayBuffer,
  type: SHARED_BUFFER,
  pack: (buffer: SharedArrayBuffer) => Buffer.copyBytesFrom(new Uint8Array(buffer)),
  unpack: (bytes) => {
    const buffer = new SharedArrayBuffer(bytes.byteLength);
    new Uint8Array(buffer).set(bytes);
    return buffer;
  },
});

const codec = new Packr({ structuredClone: true, useRecords: false, int64AsType: 'bigint' });

/**
 * A deep copy by way of bytes; shared memory arrives as a copy. A caller's AbortSignal stays behind, as it would on a
 * wire; a negative zero outside typed arrays arrives as zero, and functions as undefined.
 */
export function transferred<T extends object>(message: T): T {
  const { signal: _, ...sent } = message as T & { signal?: AbortSignal };
  return codec.unpack(Buffer.from(codec.pack(sent)));
}
