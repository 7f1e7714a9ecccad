/** Zstandard (RFC 8878), one frame per call, on the calling thread. */
import { CorruptObject } from './corrupt.js';
import { freeMemory } from './free-memory-node.js';
import { zstdBinding } from './zstd-binding-node.js';

/** Larger content is not written and not read: a page is about a megabyte, an index part a few. */
const CONTENT_BYTES_MAX = 1 << 30;

export function compress(data: Uint8Array, level: number): Uint8Array {
  return zstdBinding.compress(asBuffer(data), level);
}

/** Throws CorruptObject unless the frame is whole and holds exactly `size` bytes. */
export function decompress(data: Uint8Array, size: number): Uint8Array {
  if (size < 0 || size > CONTENT_BYTES_MAX) throw new CorruptObject(`zstd content of ${size} bytes`);
  const content = attempt(data, size);
  if (content.length !== size) throw new CorruptObject(`zstd content has ${content.length} bytes instead of ${size}`);
  return content;
}

/** Less is cheaper left to the collector, which takes about a microsecond for each KB, as much as the call does. */
const FREED_BYTES_MIN = 2048;

/** Frees what `decompress` returned, of which nobody may hold a part any more. */
export function release(content: Uint8Array): void {
  const { buffer, byteLength } = content;
  if (byteLength < FREED_BYTES_MIN || buffer.byteLength !== byteLength || !(buffer instanceof ArrayBuffer)) return;
  freeMemory(buffer);
}

/**
 * Content of any size up to `max` bytes; null when it is larger, of which nothing is kept. Throws CorruptObject on
 * damaged frames.
 */
export function decompressUpTo(data: Uint8Array, max: number): Uint8Array | null {
  try {
    return zstdBinding.decompress(asBuffer(data), Math.min(max, CONTENT_BYTES_MAX) + 1);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (message === TOO_LARGE) return null;
    throw new CorruptObject(`zstd: ${message}`);
  }
}

/** What the binding says of content that is not smaller than the limit it was given. */
const TOO_LARGE = 'Content size is too large';

function attempt(data: Uint8Array, size: number): Uint8Array {
  try {
    return zstdBinding.decompress(asBuffer(data), size + 1);
  } catch (error) {
    throw new CorruptObject(`zstd: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function asBuffer(data: Uint8Array): Buffer {
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
