import { raise } from '../../wire/fault.js';

const MAGIC = 0x184d2204;
/** The last four bits of a skippable frame's magic number are free. */
const SKIPPABLE = 0x184d2a50;
const MIN_MATCH = 4;
const FIRST_BYTES = 64 * 1024;
/** A byte that continues a match's length stands for 255: nothing becomes larger than this many times its size. */
const BEST_RATIO = 256;

/**
 * LZ4 frames (github.com/lz4/lz4, lz4_Frame_format.md and lz4_Block_format.md), one or more. Checksums are not looked at:
 * what is damaged is no request. Throws a FaultError: `bad-request` on a corrupt frame, `too-large` as soon as the content
 * is larger than `maxBytes`.
 */
export function decodeLz4(frames: Uint8Array, maxBytes: number): Uint8Array {
  return new Lz4Decoder(frames, maxBytes).decode();
}

class Lz4Decoder {
  readonly #in: Uint8Array;
  readonly #view: DataView;
  readonly #maxBytes: number;
  #at = 0;
  #out: Uint8Array;
  #written = 0;
  /** Where matches may begin: linked blocks reach back into those before, of the same frame. */
  #windowStart = 0;

  constructor(frames: Uint8Array, maxBytes: number) {
    this.#in = frames;
    this.#view = new DataView(frames.buffer, frames.byteOffset, frames.byteLength);
    this.#maxBytes = maxBytes;
    this.#out = new Uint8Array(Math.min(maxBytes, FIRST_BYTES));
  }

  decode(): Uint8Array {
    if (this.#in.length === 0) this.#corrupt();
    while (this.#at < this.#in.length) {
      const magic = this.#uint32();
      if (magic === MAGIC) this.#frame();
      else if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) this.#pass(this.#uint32());
      else this.#corrupt();
    }
    return this.#out.subarray(0, this.#written);
  }

  #frame(): void {
    const flags = this.#byte();
    if (flags >> 6 !== 1 || (flags & 2) !== 0) this.#corrupt();
    this.#byte(); // largest size of a block
    if (flags & 8) this.#pass(8); // content size
    if (flags & 1) raise('bad-request', 'lz4: frames with a dictionary are not supported');
    this.#byte(); // checksum of the header
    const isIndependent = (flags & 0x20) !== 0;
    this.#windowStart = this.#written;
    for (let size = this.#uint32(); size !== 0; size = this.#uint32()) {
      if (isIndependent) this.#windowStart = this.#written;
      const length = size & 0x7fffffff;
      const end = this.#at + length;
      if (end > this.#in.length) this.#corrupt();
      if (size >>> 31 === 1) this.#copy(length);
      else this.#block(end);
      if (flags & 0x10) this.#pass(4); // checksum of the block
    }
    if (flags & 4) this.#pass(4); // checksum of the content
  }

  #block(end: number): void {
    for (;;) {
      if (this.#at >= end) this.#corrupt();
      const token = this.#byte();
      const literals = this.#length(token >> 4, end);
      if (this.#at + literals > end) this.#corrupt();
      this.#copy(literals);
      if (this.#at === end) return;
      if (this.#at + 2 > end) this.#corrupt();
      const offset = this.#view.getUint16(this.#at, true);
      this.#at += 2;
      this.#match(offset, this.#length(token & 15, end) + MIN_MATCH);
    }
  }

  #length(start: number, end: number): number {
    let length = start;
    if (start < 15) return length;
    for (;;) {
      if (this.#at >= end) this.#corrupt();
      const more = this.#in[this.#at++]!;
      length += more;
      if (more !== 255) return length;
    }
  }

  /** Copies bytes from the input. */
  #copy(length: number): void {
    this.#room(length);
    this.#out.set(this.#in.subarray(this.#at, this.#at + length), this.#written);
    this.#at += length;
    this.#written += length;
  }

  /** Copies bytes from the output; what is copied may overlap what is written. */
  #match(offset: number, length: number): void {
    const from = this.#written - offset;
    if (offset === 0 || from < this.#windowStart) this.#corrupt();
    this.#room(length);
    if (offset >= length) this.#out.copyWithin(this.#written, from, from + length);
    else for (let i = 0; i < length; i++) this.#out[this.#written + i] = this.#out[from + i]!;
    this.#written += length;
  }

  #room(bytes: number): void {
    const needed = this.#written + bytes;
    if (needed <= this.#out.length) return;
    if (needed > this.#maxBytes) {
      const sizes = `(${needed} vs ${this.#maxBytes})`;
      raise('too-large', `request body too large: decompressed message size too large than max ${sizes}`);
    }
    const likely = Math.min(2 * this.#out.length, BEST_RATIO * this.#in.length, this.#maxBytes);
    const grown = new Uint8Array(Math.max(needed, likely));
    grown.set(this.#out.subarray(0, this.#written));
    this.#out = grown;
  }

  #byte(): number {
    if (this.#at >= this.#in.length) this.#corrupt();
    return this.#in[this.#at++]!;
  }

  #uint32(): number {
    this.#pass(4);
    return this.#view.getUint32(this.#at - 4, true);
  }

  #pass(bytes: number): void {
    if (this.#at + bytes > this.#in.length) this.#corrupt();
    this.#at += bytes;
  }

  #corrupt(): never {
    return raise('bad-request', 'lz4: corrupt input');
  }
}
