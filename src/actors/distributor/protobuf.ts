import { raise } from '../../wire/fault.js';
import { type ByteRun, byteRun } from './byte-copy.js';
import type { PushSink } from './push-sink.js';

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const START_GROUP = 3;
const END_GROUP = 4;
const FIXED32 = 5;
const MAX_GROUP_DEPTH = 32;

const TWO_28 = 2 ** 28;
const TWO_35 = 2 ** 35;
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
export class PushRequestReader {
  #source: ByteRun = byteRun(new Uint8Array(0));
  #view: DataView = this.#source.view;
  #at = 0;
  #sink!: PushSink;

  read(bytes: Uint8Array, sink: PushSink): void {
    this.#source = byteRun(bytes);
    this.#view = this.#source.view;
    this.#at = 0;
    this.#sink = sink;
    sink.open(this.#source);
    const end = bytes.length;
    while (this.#at < end) {
      const tag = this.#varint(end);
      if (tag === ((1 << 3) | BYTES)) this.#stream(this.#length(end));
      else this.#unknown(tag, end, 1, 'PushRequest');
    }
  }

  /** Labels may come after entries on the wire, so a stream is first looked over and then read. */
  #stream(end: number): void {
    const start = this.#at;
    let labelsStart = 0;
    let labelsEnd = 0;
    while (this.#at < end) {
      const tag = this.#varint(end);
      if (tag === ((1 << 3) | BYTES)) {
        labelsEnd = this.#length(end);
        labelsStart = this.#at;
        this.#at = labelsEnd;
      } else if (tag === ((2 << 3) | BYTES)) this.#at = this.#length(end);
      else this.#unknown(tag, end, 2, 'Stream');
    }
    this.#sink.beginStream(this.#source, labelsStart, labelsEnd);
    this.#at = start;
    while (this.#at < end) {
      const tag = this.#varint(end);
      if (tag === ((2 << 3) | BYTES)) this.#entry(this.#length(end));
      else this.#skip(tag & 7, end, 0);
    }
    this.#sink.endStream();
  }

  #entry(end: number): void {
    let lineStart = 0;
    let lineEnd = 0;
    let timeEnd = 0;
    let timeStart = 0;
    while (this.#at < end) {
      const tag = this.#varint(end);
      switch (tag) {
        case (1 << 3) | BYTES:
          timeEnd = this.#length(end);
          timeStart = this.#at;
          this.#at = timeEnd;
          break;
        case (2 << 3) | BYTES:
          lineEnd = this.#length(end);
          lineStart = this.#at;
          this.#at = lineEnd;
          break;
        case (3 << 3) | BYTES:
          this.#pair(this.#length(end));
          break;
        default:
          this.#unknown(tag, end, 3, 'Entry');
      }
    }
    this.#at = timeStart;
    this.#time(timeEnd, lineStart, lineEnd);
    this.#at = end;
  }

  #time(end: number, lineStart: number, lineEnd: number): void {
    let seconds = 0;
    let nanos = 0;
    while (this.#at < end) {
      const tag = this.#varint(end);
      if (tag === ((1 << 3) | VARINT)) seconds = this.#varint(end);
      else if (tag === ((2 << 3) | VARINT)) nanos = this.#varint(end);
      else this.#unknown(tag, end, 2, 'Timestamp');
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
    while (this.#at < end) {
      const tag = this.#varint(end);
      if (tag === ((1 << 3) | BYTES)) {
        nameEnd = this.#length(end);
        nameStart = this.#at;
        this.#at = nameEnd;
      } else if (tag === ((2 << 3) | BYTES)) {
        valueEnd = this.#length(end);
        valueStart = this.#at;
        this.#at = valueEnd;
      } else this.#unknown(tag, end, 2, 'LabelPairAdapter');
    }
    this.#sink.pair(nameStart, nameEnd, valueStart, valueEnd);
  }

  /** Reads a pair as encoders write it, name before value and both under 128 bytes; nearly all are like that. */
  #shortPair(end: number): boolean {
    const view = this.#view;
    const at = this.#at;
    if (end - at < 4 || view.getUint8(at) !== ((1 << 3) | BYTES)) return false;
    const nameLength = view.getUint8(at + 1);
    const nameEnd = at + 2 + nameLength;
    if (nameLength >= 0x80 || nameEnd + 2 > end || view.getUint8(nameEnd) !== ((2 << 3) | BYTES)) return false;
    const valueLength = view.getUint8(nameEnd + 1);
    if (valueLength >= 0x80 || nameEnd + 2 + valueLength !== end) return false;
    this.#sink.pair(at + 2, nameEnd, nameEnd + 2, end);
    this.#at = end;
    return true;
  }

  /** Reads a length prefix and returns where the field ends. */
  #length(end: number): number {
    const length = this.#varint(end);
    const fieldEnd = this.#at + length;
    if (length < 0) return raise('bad-request', 'proto: negative length found during unmarshaling');
    if (fieldEnd > end) return raise('bad-request', 'unexpected EOF');
    return fieldEnd;
  }

  /** A varint as a signed number; rounded above 2^53, which no length, tag or valid time reaches. */
  #varint(end: number): number {
    const at = this.#at;
    if (at + 1 < end) {
      const first = this.#view.getUint8(at);
      if (first < 0x80) {
        this.#at = at + 1;
        return first;
      }
      const second = this.#view.getUint8(at + 1);
      if (second < 0x80) {
        this.#at = at + 2;
        return (second << 7) | (first & 0x7f);
      }
    }
    return this.#longVarint(end);
  }

  #longVarint(end: number): number {
    let at = this.#at;
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      if (at >= end) return raise('bad-request', 'unexpected EOF');
      const byte = this.#view.getUint8(at++);
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.#at = at;
        return low;
      }
    }
    let high = 0;
    for (let shift = 0; shift < 42; shift += 7) {
      if (at >= end) return raise('bad-request', 'unexpected EOF');
      const byte = this.#view.getUint8(at++);
      // 36 bits above the low 28: the tenth byte has one that counts.
      high += (byte & (shift === 35 ? 1 : 0x7f)) * 2 ** shift;
      if (byte < 0x80) {
        this.#at = at;
        return high >= TWO_35 ? (high - 2 * TWO_35) * TWO_28 + low : high * TWO_28 + low;
      }
    }
    return raise('bad-request', 'proto: integer overflow');
  }

  /** Skips a field above the `known` ones; a known one got here because of its wire type. */
  #unknown(tag: number, end: number, known: number, message: string): void {
    const field = Math.floor(tag / 8);
    const wire = tag & 7;
    if (field <= 0 || field > 0x1fffffff)
      raise('bad-request', `proto: ${message}: illegal tag ${field} (wire type ${wire})`);
    if (field <= known) raise('bad-request', `proto: wrong wireType = ${wire} for field ${field} of ${message}`);
    this.#skip(wire, end, 0);
  }

  #skip(wire: number, end: number, depth: number): void {
    switch (wire) {
      case VARINT:
        this.#varint(end);
        return;
      case FIXED64:
        this.#advance(8, end);
        return;
      case BYTES:
        this.#at = this.#length(end);
        return;
      case FIXED32:
        this.#advance(4, end);
        return;
      case START_GROUP:
        this.#skipGroup(end, depth + 1);
        return;
      case END_GROUP:
        raise('bad-request', 'proto: unexpected end of group');
        break;
      default:
        raise('bad-request', `proto: illegal wireType ${wire}`);
    }
  }

  #skipGroup(end: number, depth: number): void {
    if (depth > MAX_GROUP_DEPTH) raise('bad-request', 'proto: groups nested too deeply');
    for (;;) {
      const wire = this.#varint(end) & 7;
      if (wire === END_GROUP) return;
      this.#skip(wire, end, depth);
    }
  }

  #advance(bytes: number, end: number): void {
    if (this.#at + bytes > end) raise('bad-request', 'unexpected EOF');
    this.#at += bytes;
  }
}
