import { type ByteRun, byteRun } from './byte-copy.js';
import { asString, isMap, type OtlpValue } from './otlp-value.js';
import type { PushSink } from './push-sink.js';

const FIRST_BYTES = 256;
/** UTF-8 takes at most so many bytes for a UTF-16 unit. */
const BYTES_PER_UNIT = 3;

/** Names and values that do not stand in a request as they are wanted: numbers, nested values, what is sent once for many. */
export class OtlpPairs {
  #buffer = Buffer.alloc(FIRST_BYTES);
  #run: ByteRun = byteRun(this.#buffer);
  /** Where each name and each value ends. */
  readonly #ends: number[] = [];
  #length = 0;

  add(name: string, value: string): void {
    this.#write(name);
    this.#write(value);
  }

  /** The value in hexadecimal digits. */
  addHex(name: string, bytes: Uint8Array, start: number, end: number): void {
    this.#write(name);
    const at = this.#room(2 * (end - start));
    for (let i = start, to = at; i < end; i++) {
      this.#buffer[to++] = HEX[bytes[i]! >> 4]!;
      this.#buffer[to++] = HEX[bytes[i]! & 15]!;
    }
    this.#end(at + 2 * (end - start));
  }

  /** An attribute: maps become a pair for each of their leaves, `a_b`. */
  addAttribute(name: string, value: OtlpValue): void {
    for (const [leaf, inner] of leaves(name, value)) this.add(leaf, asString(inner));
  }

  clear(): void {
    this.#ends.length = 0;
    this.#length = 0;
  }

  /** Reports them to the sink, which reads from another run meanwhile and goes back to `source`. */
  emit(sink: PushSink, source: ByteRun): void {
    const ends = this.#ends;
    if (ends.length === 0) return;
    sink.open(this.#run);
    for (let i = 0, at = 0; i < ends.length; i += 2) {
      sink.pair(at, ends[i]!, ends[i]!, ends[i + 1]!);
      at = ends[i + 1]!;
    }
    sink.open(source);
  }

  #write(text: string): void {
    const at = this.#room(text.length * BYTES_PER_UNIT);
    this.#end(at + this.#buffer.write(text, at));
  }

  #end(at: number): void {
    this.#length = at;
    this.#ends.push(at);
  }

  /** Makes room for so many bytes and returns where they go. */
  #room(bytes: number): number {
    const needed = this.#length + bytes;
    if (needed > this.#buffer.length) {
      const grown = Buffer.alloc(Math.max(needed, 2 * this.#buffer.length));
      grown.set(this.#buffer);
      this.#buffer = grown;
      this.#run = byteRun(grown);
    }
    return this.#length;
  }
}

const HEX = Buffer.from('0123456789abcdef');

/** The attributes an attribute stands for. */
export function* leaves(name: string, value: OtlpValue): Generator<readonly [string, OtlpValue], void> {
  if (!isMap(value)) yield [name, value];
  else for (const [key, inner] of value.entries) yield* leaves(`${name}_${key}`, inner);
}
