/** Messages as bytes: MessagePack by msgpackr, with shared memory as an extension. */
import { addExtension, Packr } from 'msgpackr';
import { checkMessagePack, MessageError } from './messagepack-check.js';

export { MessageError };

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

/** No references: an object that is met twice is written twice, and nobody can build a small message of endless size. */
const codec = new Packr({ moreTypes: true, useRecords: false, int64AsType: 'bigint' });

/** Of one message. */
const MESSAGE_BYTES_MAX = 256 << 20;

/**
 * Plain data, typed arrays, bigints and shared memory; the latter arrives as a copy. A negative zero outside typed arrays
 * arrives as zero, and functions as undefined.
 */
export function encode(value: object): Uint8Array {
  return codec.pack(value);
}

/**
 * Throws MessageError for bytes that no `encode` has made. What comes back is plain data bounded by the bytes, and may
 * have any shape: see `isMessage` and `isReply`.
 */
export function decode(bytes: Uint8Array): unknown {
  if (bytes.length > MESSAGE_BYTES_MAX) throw new MessageError(`message: ${bytes.length} bytes`);
  checkMessagePack(bytes);
  try {
    return codec.unpack(bytes);
  } catch (error) {
    throw new MessageError('message: cannot be read', { cause: error });
  }
}
