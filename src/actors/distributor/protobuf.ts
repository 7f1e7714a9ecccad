import { raise } from '../../wire/fault.js';
import type { PlainStreams, PushSink } from './push-sink.js';
import { BYTES, VARINT, WireReader } from './wire-reader.js';

/** Years 1 to 9999, the range google.protobuf.Timestamp allows. */
const MIN_SECONDS = -62135596800;
const MAX_SECONDS = 253402300799;

/**
 * Walks a logproto.PushRequest and reports what it holds to the sink, without making an object or a string:
 *
 *   PushRequest { repeated Stream streams = 1; }
 *   Stream      { string labels = 1; repeated Entry entries = 2; }
 *   Entry       { Timestamp timestamp = 1; string line = 2; repeated LabelPair structuredMetadata = 3; }
 *   LabelPair   { string name = 1; string value = 2; }
 *
 * Unknown fields are skipped; of a singular field that occurs twice the last one counts. Throws a FaultError
 * (`bad-request`) on bytes that are not such a message. Wire format: protobuf.dev/programming-guides/encoding.
 */
export class PushRequestReader extends WireReader {
  #sink!: PushSink & Partial<PlainStreams>;

  read(bytes: Uint8Array, sink: PushSink & Partial<PlainStreams>): void {
    this.reset(bytes);
    this.#sink = sink;
    sink.open(this.source);
    const end = bytes.length;
    while (this.at < end) {
      const tag = this.varint(end);
      if (tag === ((1 << 3) | BYTES)) this.#stream(this.fieldEnd(end));
      else this.unknown(tag, end, 1, 'PushRequest');
    }
  }

  /** Labels may come after entries on the wire, so a stream is first looked over and then read. */
  #stream(end: number): void {
    const start = this.at;
    let labelsStart = 0;
    let labelsEnd = 0;
    const isPlain = this.#sink.isPlain?.(start, end) === true;
    while (this.at < end) {
      const tag = this.varint(end);
      if (tag === ((1 << 3) | BYTES)) {
        labelsEnd = this.fieldEnd(end);
        labelsStart = this.at;
        this.at = labelsEnd;
        if (isPlain) break;
      } else if (tag === ((2 << 3) | BYTES)) this.at = this.fieldEnd(end);
      else this.unknown(tag, end, 2, 'Stream');
    }
    this.#sink.beginStream(this.source, labelsStart, labelsEnd);
    this.at = isPlain ? labelsEnd : start;
    for (;;) {
      if (isPlain) this.at = this.#sink.entries!(this.at, end);
      if (this.at >= end) break;
      const tag = this.varint(end);
      if (tag === ((2 << 3) | BYTES)) this.#entry(this.fieldEnd(end));
      else this.skip(tag & 7, end, 0);
    }
    this.#sink.endStream();
  }

  #entry(end: number): void {
    let lineStart = 0;
    let lineEnd = 0;
    let timeEnd = 0;
    let timeStart = 0;
    while (this.at < end) {
      const tag = this.varint(end);
      switch (tag) {
        case (1 << 3) | BYTES:
          timeEnd = this.fieldEnd(end);
          timeStart = this.at;
          this.at = timeEnd;
          break;
        case (2 << 3) | BYTES:
          lineEnd = this.fieldEnd(end);
          lineStart = this.at;
          this.at = lineEnd;
          break;
        case (3 << 3) | BYTES:
          this.#pair(this.fieldEnd(end));
          break;
        default:
          this.unknown(tag, end, 3, 'Entry');
      }
    }
    this.at = timeStart;
    this.#time(timeEnd, lineStart, lineEnd);
    this.at = end;
  }

  #time(end: number, lineStart: number, lineEnd: number): void {
    let seconds = 0;
    let nanos = 0;
    while (this.at < end) {
      const tag = this.varint(end);
      if (tag === ((1 << 3) | VARINT)) seconds = this.varint(end);
      else if (tag === ((2 << 3) | VARINT)) nanos = this.varint(end);
      else this.unknown(tag, end, 2, 'Timestamp');
    }
    if (!(seconds >= MIN_SECONDS && seconds <= MAX_SECONDS && nanos >= 0 && nanos < 1e9)) {
      raise('bad-request', `timestamp: seconds:${seconds} nanos:${nanos}: out of range`);
    }
    this.#sink.entry(seconds, nanos, lineStart, lineEnd);
  }

  #pair(end: number): void {
    if (this.#shortPair(end)) return;
    let nameStart = 0;
    let nameEnd = 0;
    let valueStart = 0;
    let valueEnd = 0;
    while (this.at < end) {
      const tag = this.varint(end);
      if (tag === ((1 << 3) | BYTES)) {
        nameEnd = this.fieldEnd(end);
        nameStart = this.at;
        this.at = nameEnd;
      } else if (tag === ((2 << 3) | BYTES)) {
        valueEnd = this.fieldEnd(end);
        valueStart = this.at;
        this.at = valueEnd;
      } else this.unknown(tag, end, 2, 'LabelPairAdapter');
    }
    this.#sink.pair(nameStart, nameEnd, valueStart, valueEnd);
  }

  /** Reads a pair as encoders write it, name before value and both under 128 bytes; nearly all are like that. */
  #shortPair(end: number): boolean {
    const view = this.view;
    const at = this.at;
    if (end - at < 4 || view.getUint8(at) !== ((1 << 3) | BYTES)) return false;
    const nameLength = view.getUint8(at + 1);
    const nameEnd = at + 2 + nameLength;
    if (nameLength >= 0x80 || nameEnd + 2 > end || view.getUint8(nameEnd) !== ((2 << 3) | BYTES)) return false;
    const valueLength = view.getUint8(nameEnd + 1);
    if (valueLength >= 0x80 || nameEnd + 2 + valueLength !== end) return false;
    this.#sink.pair(at + 2, nameEnd, nameEnd + 2, end);
    this.at = end;
    return true;
  }
}
