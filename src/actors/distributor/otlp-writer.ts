import { type ByteRun, byteRun, copyBytes } from '../../wire/byte-copy.js';
import { raise } from '../../wire/fault.js';
import { BYTES, FIXED32, FIXED64, VARINT } from './wire-reader.js';

const FIRST_BYTES = 64 * 1024;
/** What is kept from one message to the next. */
const KEPT_BYTES = 8 * 1024 * 1024;
const MAX_BYTES = 0x7fffffff;
/** A message's length is known when it ends; until then this many bytes are left for it. */
const LENGTH_BYTES = 5;
/** Tag and length, or tag and number. */
const MAX_HEAD = 16;

/** Writes protobuf's wire format in one pass into a buffer that is used again. 64-bit integers are two unsigned halves. */
export class ProtobufWriter {
  #run: ByteRun = byteRun(new Uint8Array(FIRST_BYTES));
  #at = 0;

  reset(): void {
    if (this.#run.bytes.length > KEPT_BYTES) this.#run = byteRun(new Uint8Array(FIRST_BYTES));
    this.#at = 0;
  }

  /** Valid until the next reset. */
  get bytes(): Uint8Array {
    return this.#run.bytes.subarray(0, this.#at);
  }

  /** Begins a message; what this returns goes to `end`. */
  begin(field: number): number {
    this.#room(MAX_HEAD);
    this.#varint((field << 3) | BYTES);
    this.#at += LENGTH_BYTES;
    return this.#at;
  }

  end(start: number): void {
    const { bytes } = this.#run;
    let rest = this.#at - start;
    for (let i = start - LENGTH_BYTES; i < start - 1; i++) {
      bytes[i] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[start - 1] = rest;
  }

  range(field: number, from: ByteRun, start: number, end: number): void {
    const length = end - start;
    this.#room(MAX_HEAD + length);
    this.#varint((field << 3) | BYTES);
    this.#varint(length);
    copyBytes(from, start, this.#run, this.#at, length);
    this.#at += length;
  }

  varint(field: number, high: number, low: number): void {
    this.#room(MAX_HEAD);
    this.#varint((field << 3) | VARINT);
    let h = high;
    let l = low;
    while (h !== 0) {
      this.#run.bytes[this.#at++] = (l & 0x7f) | 0x80;
      l = ((l >>> 7) | (h << 25)) >>> 0;
      h >>>= 7;
    }
    this.#varint(l);
  }

  fixed64(field: number, high: number, low: number): void {
    this.#room(MAX_HEAD);
    this.#varint((field << 3) | FIXED64);
    this.#run.view.setUint32(this.#at, low, true);
    this.#run.view.setUint32(this.#at + 4, high, true);
    this.#at += 8;
  }

  fixed32(field: number, value: number): void {
    this.#room(MAX_HEAD);
    this.#varint((field << 3) | FIXED32);
    this.#run.view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  double(field: number, value: number): void {
    this.#room(MAX_HEAD);
    this.#varint((field << 3) | FIXED64);
    this.#run.view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  #varint(value: number): void {
    const { bytes } = this.#run;
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) bytes[this.#at++] = (rest & 0x7f) | 0x80;
    bytes[this.#at++] = rest;
  }

  #room(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#run.bytes.length) return;
    if (needed > MAX_BYTES) raise('too-large', `request body too large: more than ${MAX_BYTES} bytes`);
    const grown = byteRun(new Uint8Array(Math.min(MAX_BYTES, Math.max(needed, 2 * this.#run.bytes.length))));
    grown.bytes.set(this.#run.bytes.subarray(0, this.#at));
    this.#run = grown;
  }
}
