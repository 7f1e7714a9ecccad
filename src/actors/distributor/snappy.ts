import { snappyUncompressor } from 'hysnappy';
import { FaultError, fault, raise } from '../../wire/fault.js';

/** An uncompressor keeps its WebAssembly memory for ever; one that had to grow beyond this is thrown away. */
const KEPT_BYTES = 64 * 1024 * 1024;
/** The densest element, a two-byte-offset copy, makes 64 bytes out of 3. */
const BEST_RATIO = 22;

type Uncompress = (input: Uint8Array, outputLength: number) => Uint8Array;

/** Snappy block format (github.com/google/snappy, format_description.txt), as pushes are encoded. */
export class SnappyDecoder {
  #uncompress: Uncompress = snappyUncompressor();

  /**
   * Throws a FaultError: `bad-request` on a corrupt block, `too-large` where its header announces more than `maxBytes`.
   * Nothing is allocated before the header was found plausible.
   */
  decode(block: Uint8Array, maxBytes: number): Uint8Array {
    const length = uncompressedLength(block);
    if (length > maxBytes) {
      const sizes = `(${length} vs ${maxBytes})`;
      raise('too-large', `request body too large: decompressed message size too large than max ${sizes}`);
    }
    if (length > block.length * BEST_RATIO) raise('bad-request', 'snappy: corrupt input');
    try {
      return this.#uncompress(block, length);
    } catch {
      // Also a trap or a failed memory.grow, after either of which the instance is not to be trusted.
      this.#uncompress = snappyUncompressor();
      throw new FaultError(fault('bad-request', 'snappy: corrupt input'));
    } finally {
      if (length + block.length > KEPT_BYTES) this.#uncompress = snappyUncompressor();
    }
  }
}

/** The uvarint32 at the head of a block. */
function uncompressedLength(block: Uint8Array): number {
  let value = 0;
  for (let i = 0; i < 5 && i < block.length; i++) {
    const byte = block[i]!;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) {
      if (value > 0xffffffff) break;
      return value;
    }
  }
  return raise('bad-request', 'snappy: corrupt input');
}
