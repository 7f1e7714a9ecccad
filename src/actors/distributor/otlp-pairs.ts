import { type ByteRun, byteRun, copyBytes } from '../../wire/byte-copy.js';
import { raise } from '../../wire/fault.js';
import { normalizeName } from './metadata.js';
import { asString, isMap, type OtlpValue } from './otlp-value.js';
import type { PushSink } from './push-sink.js';

const FIRST_BYTES = 256;
/** What the attributes of one resource, scope or record may add up to: the names of nested ones repeat their path. */
const MAX_BYTES = 16 * 1024 * 1024;
/** UTF-8 takes at most so many bytes for a UTF-16 unit. */
const BYTES_PER_UNIT = 3;
const HEX = Buffer.from('0123456789abcdef');
const ZERO = 0x30;

/**
 * Names and values that do not stand in a request as they are wanted: numbers, nested values, what is sent once for many.
 * Each name is followed by its value.
 */
export class OtlpPairs {
  #buffer = Buffer.alloc(FIRST_BYTES);
  #run: ByteRun = byteRun(this.#buffer);
  /** Where each name and each value ends. */
  readonly #ends: number[] = [];
  #length = 0;

  /** Bytes of all names and values. */
  get bytes(): number {
    return this.#length;
  }

  clear(): void {
    this.#ends.length = 0;
    this.#length = 0;
  }

  text(text: string): this {
    const at = this.#room(text.length * BYTES_PER_UNIT);
    return this.#end(at + this.#buffer.write(text, at));
  }

  range(from: ByteRun, start: number, end: number): this {
    const at = this.#room(end - start);
    copyBytes(from, start, this.#run, at, end - start);
    return this.#end(at + end - start);
  }

  /** In hexadecimal digits. */
  hex(bytes: Uint8Array, start: number, end: number): this {
    let to = this.#room(2 * (end - start));
    for (let i = start; i < end; i++) {
      this.#buffer[to++] = HEX[bytes[i]! >> 4]!;
      this.#buffer[to++] = HEX[bytes[i]! & 15]!;
    }
    return this.#end(to);
  }

  /** Nanoseconds since the epoch. */
  time(seconds: number, nanos: number): this {
    if (seconds === 0) return this.text(String(nanos));
    const at = this.#room(32);
    const afterSeconds = at + this.#buffer.write(String(seconds), at, 'latin1');
    for (let i = 8, rest = nanos; i >= 0; i--) {
      const tenth = Math.floor(rest / 10);
      this.#buffer[afterSeconds + i] = ZERO + rest - 10 * tenth;
      rest = tenth;
    }
    return this.#end(afterSeconds + 9);
  }

  /** An attribute: maps become a pair for each of their leaves, `a_b`. */
  attribute(name: string, value: OtlpValue): void {
    for (const [leaf, inner] of leaves(name, value)) this.text(leaf).text(asString(inner));
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

  #end(at: number): this {
    this.#length = at;
    this.#ends.push(at);
    return this;
  }

  /** Makes room for so many bytes and returns where they go. */
  #room(bytes: number): number {
    const needed = this.#length + bytes;
    if (needed > this.#buffer.length) {
      if (needed > MAX_BYTES) raise('too-large', `request body too large: attributes of more than ${MAX_BYTES} bytes`);
      const grown = Buffer.alloc(Math.max(needed, 2 * this.#buffer.length));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
      this.#run = byteRun(grown);
    }
    return this.#length;
  }
}

/**
 * The attributes an attribute stands for; Loki normalises a path at each of its steps. Throws a FaultError (`too-large`)
 * where paths are long and leaves so many that a small request would become a huge one.
 */
export function* leaves(
  name: string,
  value: OtlpValue,
  paths = new RepeatedPaths(),
): Generator<readonly [string, OtlpValue], void> {
  if (!isMap(value)) {
    yield [name, value];
    return;
  }
  const path = normalizeName(name);
  for (const [key, inner] of value.entries) {
    paths.repeat(path, key);
    yield* leaves(`${path}_${key}`, inner, paths);
  }
}

/** Bounds how often the paths of one attribute are repeated, by how many bytes were sent for what stands behind them. */
class RepeatedPaths {
  static readonly #FREE = 16 * 1024;
  static readonly #PER_SENT = 16;
  /** What a name and a value take on the wire beside their text. */
  static readonly #ENTRY = 8;
  #left = RepeatedPaths.#FREE;

  repeat(path: string, key: string): void {
    this.#left += RepeatedPaths.#PER_SENT * (RepeatedPaths.#ENTRY + key.length) - path.length;
    if (this.#left < 0) raise('too-large', 'request body too large: names of nested attributes');
  }
}
