import { type ByteRun, byteRun } from './byte-copy.js';
import { asString, isMap, type OtlpValue } from './otlp-value.js';
import type { PushSink } from './push-sink.js';

/** Names and values that do not stand in a request as they are wanted: numbers, nested values, what is sent once for many. */
export class OtlpPairs {
  readonly #texts: string[] = [];
  #ends: Int32Array = new Int32Array(0);
  #run: ByteRun | undefined;

  get isEmpty(): boolean {
    return this.#texts.length === 0;
  }

  add(name: string, value: string): void {
    this.#texts.push(name, value);
    this.#run = undefined;
  }

  /** An attribute: maps become a pair for each of their leaves, `a_b`. */
  addAttribute(name: string, value: OtlpValue): void {
    for (const [leaf, inner] of leaves(name, value)) this.add(leaf, asString(inner));
  }

  clear(): void {
    this.#texts.length = 0;
    this.#run = undefined;
  }

  /** Reports them to the sink, which reads from another run meanwhile and goes back to `source`. */
  emit(sink: PushSink, source: ByteRun): void {
    if (this.isEmpty) return;
    this.#run ??= this.#encode();
    sink.open(this.#run);
    const ends = this.#ends;
    for (let i = 0, at = 0; i < ends.length; i += 2) {
      sink.pair(at, ends[i]!, ends[i]!, ends[i + 1]!);
      at = ends[i + 1]!;
    }
    sink.open(source);
  }

  #encode(): ByteRun {
    const parts = this.#texts.map((text) => Buffer.from(text));
    this.#ends = new Int32Array(parts.length);
    let at = 0;
    parts.forEach((part, i) => {
      at += part.length;
      this.#ends[i] = at;
    });
    return byteRun(new Uint8Array(Buffer.concat(parts)));
  }
}

/** The attributes an attribute stands for. */
export function* leaves(name: string, value: OtlpValue): Generator<readonly [string, OtlpValue], void> {
  if (!isMap(value)) yield [name, value];
  else for (const [key, inner] of value.entries) yield* leaves(`${name}_${key}`, inner);
}
