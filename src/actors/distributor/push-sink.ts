import type { ByteRun } from '../../wire/byte-copy.js';

/**
 * What a decoder tells about a push request while it walks it. Ranges are bytes of the source that was opened last and
 * need not outlive the call. Order: open, then per stream beginStream, (pair* entry)*, endStream.
 */
export interface PushSink {
  open(source: ByteRun): void;
  /** Labels as text, `{app="x", env="prod"}`, wherever they are. Throws a FaultError where they cannot be parsed. */
  beginStream(labels: ByteRun, start: number, end: number): void;
  /** Structured metadata of the entry that follows. */
  pair(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void;
  /** Time in seconds and nanoseconds since the epoch, 0 <= nanos < 1e9. */
  entry(seconds: number, nanos: number, lineStart: number, lineEnd: number): void;
  endStream(): void;
}

/** What a sink may read by itself of the source that was opened last, where that is as encoders write it. */
export interface PlainStreams {
  /** Whether a stream is its labels and then entries. */
  isPlain(start: number, end: number): boolean;
  /** Takes the entries that come first, of a stream that has begun; where the rest begins, of which the first is to be read and told. */
  entries(start: number, end: number): number;
}
