import { FaultError, fault, raise } from '../../wire/fault.js';
import { SNAPPY_WASM } from './snappy-wasm.js';

/** WebAssembly memory never shrinks; one that had to grow beyond this is thrown away. */
const KEPT_BYTES = 64 * 1024 * 1024;
/** The densest element, a two-byte-offset copy, makes 64 bytes out of 3. */
const BEST_RATIO = 22;
const WASM_PAGE_BYTES = 65536;
/** Before it memory belongs to who reads what was decompressed (plain-entries.ts). */
export const TEXT_AT = 2 * WASM_PAGE_BYTES;
/** Behind what is read, and behind what is written. */
const SLACK_BYTES = 16;

/** What is needed of the standard object, of which Node's types lack the values. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

interface Exports {
  readonly memory: WasmMemory;
  /** 1 where the elements in `from..fromEnd-1` make exactly `to..toEnd-1`. */
  uncompress(from: number, fromEnd: number, to: number, toEnd: number): number;
}

const wasm = new WebAssembly.Module(Buffer.from(SNAPPY_WASM, 'base64'));

/** Snappy block format (github.com/google/snappy, format_description.txt), as pushes are encoded; snappy.wat undoes it. */
export class SnappyDecoder {
  readonly #pagesMin: number;
  #exports: Exports;

  /** `pagesMin`: of 64 KB, for who reads in the same memory. */
  constructor(pagesMin = 1) {
    this.#pagesMin = pagesMin;
    this.#exports = instantiate(pagesMin);
  }

  get memory(): WasmMemory {
    return this.#exports.memory;
  }

  /**
   * The content, in memory that the next call writes to: pushes are read once, so it is not copied. Throws a FaultError:
   * `bad-request` on a corrupt block, `too-large` where its header announces more than `maxBytes`. Nothing is allocated
   * before the header was found plausible.
   */
  decode(block: Uint8Array, maxBytes: number): Uint8Array {
    const { length, headerBytes } = readHeader(block);
    if (length > maxBytes) {
      const sizes = `(${length} vs ${maxBytes})`;
      raise('too-large', `request body too large: decompressed message size too large than max ${sizes}`);
    }
    if (length > block.length * BEST_RATIO) raise('bad-request', 'snappy: corrupt input');
    try {
      return this.#decode(block.subarray(headerBytes), length);
    } catch {
      // A failed memory.grow.
      throw new FaultError(fault('bad-request', 'snappy: corrupt input'));
    } finally {
      if (length + block.length > KEPT_BYTES) this.#exports = instantiate(this.#pagesMin);
    }
  }

  #decode(elements: Uint8Array, length: number): Uint8Array {
    const { memory, uncompress } = this.#exports;
    const start = (TEXT_AT + elements.length + SLACK_BYTES + 15) & ~15;
    const end = start + length;
    const missing = end + SLACK_BYTES - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / WASM_PAGE_BYTES));
    new Uint8Array(memory.buffer).set(elements, TEXT_AT);
    if (uncompress(TEXT_AT, TEXT_AT + elements.length, start, end) === 0) raise('bad-request', 'snappy: corrupt input');
    return new Uint8Array(memory.buffer, start, length);
  }
}

function instantiate(pagesMin: number): Exports {
  const exports = new WebAssembly.Instance(wasm).exports as Exports;
  exports.memory.grow(pagesMin);
  return exports;
}

/** The uvarint32 at the head of a block: the length of its content. */
function readHeader(block: Uint8Array): { readonly length: number; readonly headerBytes: number } {
  let value = 0;
  for (let i = 0; i < 5 && i < block.length; i++) {
    const byte = block[i]!;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) {
      if (value > 0xffffffff) break;
      return { length: value, headerBytes: i + 1 };
    }
  }
  return raise('bad-request', 'snappy: corrupt input');
}
