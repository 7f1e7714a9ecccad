/** Messages as bytes: MessagePack by msgpackr, with shared memory as an extension. */
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
 * Plain data, typed arrays, bigints and shared memory; the latter arrives as a copy. A negative zero outside typed arrays
 * arrives as zero, and functions as undefined.
 */
export function encode(value: object): Uint8Array {
  return codec.pack(value);
}

/** Throws an Error for bytes that no `encode` has made. What comes back has the right shape only if the sender is ours. */
export function decode(bytes: Uint8Array): unknown {
  return codec.unpack(bytes);
}
