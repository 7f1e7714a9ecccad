import type { PushSink } from '../../src/actors/distributor/push-sink.js';
import type { ByteRun } from '../../src/wire/byte-copy.js';

export interface RecordedEntry {
  readonly seconds: number;
  readonly nanos: number;
  readonly line: string;
  readonly metadata: readonly (readonly [string, string])[];
}

/** Keeps what a decoder reports, as strings. */
export class RecordingSink implements PushSink {
  readonly streams: { readonly labels: string; readonly entries: RecordedEntry[] }[] = [];
  ended = 0;
  #source: Uint8Array = new Uint8Array(0);
  #pairs: [string, string][] = [];

  open(source: ByteRun): void {
    this.#source = source.bytes;
  }

  beginStream(labels: ByteRun, start: number, end: number): void {
    this.streams.push({ labels: text(labels.bytes, start, end), entries: [] });
  }

  pair(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    this.#pairs.push([text(this.#source, nameStart, nameEnd), text(this.#source, valueStart, valueEnd)]);
  }

  entry(seconds: number, nanos: number, lineStart: number, lineEnd: number): void {
    const line = text(this.#source, lineStart, lineEnd);
    this.streams.at(-1)?.entries.push({ seconds, nanos, line, metadata: this.#pairs });
    this.#pairs = [];
  }

  endStream(): void {
    this.ended++;
  }
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.subarray(start, end)).toString('utf8');
}
