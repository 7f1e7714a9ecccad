import { type ByteRun, byteRun } from '../../wire/byte-copy.js';
import { raise } from '../../wire/fault.js';
import type { OtlpAction } from '../../wire/limits.js';
import { OtlpPairs } from './otlp-pairs.js';
import { asString, isMap, type OtlpValue } from './otlp-value.js';
import { OtlpValueReader } from './otlp-value-reader.js';
import type { PushSink } from './push-sink.js';
import { BYTES, FIXED32, FIXED64, VARINT } from './wire-reader.js';

const name = (text: string): ByteRun => byteRun(new Uint8Array(Buffer.from(text)));
const OBSERVED_TIMESTAMP = name('observed_timestamp');
const SEVERITY_NUMBER = name('severity_number');
const SEVERITY_TEXT = name('severity_text');
const DROPPED_ATTRIBUTES_COUNT = name('dropped_attributes_count');
const FLAGS = name('flags');
const TRACE_ID = name('trace_id');
const SPAN_ID = name('span_id');
const EVENT_NAME = name('event_name');

type Action = ((name: string) => OtlpAction) | undefined;

const SMALL = Array.from({ length: 25 }, (_, number) => String(number));

/**
 * Reads a LogRecord (opentelemetry-proto, logs/v1): its attributes and fields go to the sink as pairs, and then its body
 * as an entry. Makes no object for a record whose values are texts and numbers.
 */
export class OtlpRecordReader extends OtlpValueReader {
  readonly #extras = new OtlpPairs();
  readonly #numbers = new OtlpPairs();
  // Of the record that is being read; ranges are empty, places -1 where it does not have the field.
  #timeAt = -1;
  #observedAt = -1;
  #bodyAt = 0;
  #bodyEnd = 0;
  #body: OtlpValue = null;
  #severity = 0;
  #dropped = 0;
  #flags = 0;
  #severityTextAt = 0;
  #severityTextEnd = 0;
  #traceAt = 0;
  #traceEnd = 0;
  #spanAt = 0;
  #spanEnd = 0;
  #eventNameAt = 0;
  #eventNameEnd = 0;
  #seconds = 0;
  #nanos = 0;

  /** Tells the sink all pairs of the record; attributes for which `action` is not structured metadata are left out. */
  protected readRecord(end: number, sink: PushSink, action: Action): void {
    this.#forgetRecord();
    while (this.at < end) this.#field(end, sink, action);
    this.#tellFields(sink);
  }

  #forgetRecord(): void {
    this.#timeAt = -1;
    this.#observedAt = -1;
    this.#body = null;
    this.#bodyAt = 0;
    this.#bodyEnd = 0;
    this.#severity = 0;
    this.#dropped = 0;
    this.#flags = 0;
    this.#severityTextEnd = this.#severityTextAt;
    this.#traceEnd = this.#traceAt;
    this.#spanEnd = this.#spanAt;
    this.#eventNameEnd = this.#eventNameAt;
  }

  #field(end: number, sink: PushSink, action: Action): void {
    const tag = this.varint(end);
    switch (tag) {
      case (1 << 3) | FIXED64:
        this.#timeAt = this.at;
        this.advance(8, end);
        break;
      case (11 << 3) | FIXED64:
        this.#observedAt = this.at;
        this.advance(8, end);
        break;
      case (2 << 3) | VARINT:
        this.#severity = this.varint(end);
        break;
      case (3 << 3) | BYTES:
        this.#severityTextEnd = this.fieldEnd(end);
        this.#severityTextAt = this.at;
        this.at = this.#severityTextEnd;
        break;
      case (5 << 3) | BYTES:
        this.#readBody(this.fieldEnd(end));
        break;
      case (6 << 3) | BYTES:
        this.#attribute(this.fieldEnd(end), sink, action);
        break;
      case (7 << 3) | VARINT:
        this.#dropped = this.varint(end);
        break;
      case (8 << 3) | FIXED32:
        this.advance(4, end);
        this.#flags = this.view.getUint32(this.at - 4, true);
        break;
      case (9 << 3) | BYTES:
        this.#traceEnd = this.#id(end, 16, 'TraceID');
        this.#traceAt = this.at;
        this.at = this.#traceEnd;
        break;
      case (10 << 3) | BYTES:
        this.#spanEnd = this.#id(end, 8, 'SpanID');
        this.#spanAt = this.at;
        this.at = this.#spanEnd;
        break;
      case (12 << 3) | BYTES:
        this.#eventNameEnd = this.fieldEnd(end);
        this.#eventNameAt = this.at;
        this.at = this.#eventNameEnd;
        break;
      default:
        this.unknown(tag, end, 0, 'LogRecord');
    }
  }

  #id(end: number, length: number, what: string): number {
    const fieldEnd = this.fieldEnd(end);
    const given = fieldEnd - this.at;
    if (given !== 0 && given !== length) raise('bad-request', `invalid length for ${what}, got ${given}`);
    return fieldEnd;
  }

  #readBody(end: number): void {
    this.#bodyEnd = this.stringValue(end);
    this.#bodyAt = this.at;
    this.#body = this.#bodyEnd === -1 ? this.value(end) : null;
    this.at = end;
  }

  #tellFields(sink: PushSink): void {
    const extras = this.#extras;
    const { source } = this;
    extras.clear();
    if (this.#isTime(this.#timeAt) && this.#isTime(this.#observedAt)) {
      this.#readTime(this.#observedAt);
      named(extras, OBSERVED_TIMESTAMP).time(this.#seconds, this.#nanos);
    }
    const severity = this.#severity;
    if (severity !== 0) named(extras, SEVERITY_NUMBER).text(SMALL[severity] ?? String(severity));
    if (this.#severityTextEnd > this.#severityTextAt) {
      named(extras, SEVERITY_TEXT).range(source, this.#severityTextAt, this.#severityTextEnd);
    }
    if (this.#dropped !== 0) named(extras, DROPPED_ATTRIBUTES_COUNT).text(String(this.#dropped));
    if (this.#flags !== 0) named(extras, FLAGS).text(SMALL[this.#flags] ?? String(this.#flags));
    if (this.#isSet(this.#traceAt, this.#traceEnd)) {
      named(extras, TRACE_ID).hex(source.bytes, this.#traceAt, this.#traceEnd);
    }
    if (this.#isSet(this.#spanAt, this.#spanEnd)) {
      named(extras, SPAN_ID).hex(source.bytes, this.#spanAt, this.#spanEnd);
    }
    if (this.#eventNameEnd > this.#eventNameAt) {
      named(extras, EVENT_NAME).range(source, this.#eventNameAt, this.#eventNameEnd);
    }
    extras.emit(sink, source);
  }

  /** A record without any time is of now. */
  protected tellEntry(sink: PushSink, nowSeconds: number, nowNanos: number): void {
    if (this.#isTime(this.#timeAt)) this.#readTime(this.#timeAt);
    else if (this.#isTime(this.#observedAt)) this.#readTime(this.#observedAt);
    else {
      this.#seconds = nowSeconds;
      this.#nanos = nowNanos;
    }
    if (this.#body === null) {
      sink.entry(this.#seconds, this.#nanos, this.#bodyAt, Math.max(this.#bodyAt, this.#bodyEnd));
      return;
    }
    const text = byteRun(new Uint8Array(Buffer.from(asString(this.#body))));
    sink.open(text);
    sink.entry(this.#seconds, this.#nanos, 0, text.bytes.length);
    sink.open(this.source);
  }

  /** 2^48 ns is 281474 s and 976710656 ns, 2^32 is 4 s and 294967296 ns: in parts, so that no product is rounded. */
  #readTime(at: number): void {
    const high = this.view.getUint32(at + 4, true);
    const rest = (high >>> 16) * 976_710_656 + (high & 0xffff) * 294_967_296 + this.view.getUint32(at, true);
    const carry = Math.floor(rest / 1e9);
    this.#seconds = (high >>> 16) * 281_474 + (high & 0xffff) * 4 + carry;
    this.#nanos = rest - carry * 1e9;
  }

  /** Texts, as nearly all are, go to the sink from where they stand. */
  #attribute(end: number, sink: PushSink, action: Action): void {
    let keyAt = 0;
    let keyEnd = 0;
    let textAt = 0;
    let textEnd = -1;
    let value: OtlpValue = null;
    while (this.at < end) {
      const tag = this.varint(end);
      if ((tag & 7) !== BYTES) {
        this.unknown(tag, end, 0, 'KeyValue');
        continue;
      }
      const fieldEnd = this.fieldEnd(end);
      if (tag >> 3 === 1) {
        keyAt = this.at;
        keyEnd = fieldEnd;
      } else if (tag >> 3 === 2) {
        textEnd = this.stringValue(fieldEnd);
        textAt = this.at;
        if (textEnd === -1) value = this.value(fieldEnd);
      }
      this.at = fieldEnd;
    }
    if (action !== undefined && action(this.textAt(keyAt, keyEnd)) !== 'structured_metadata') return;
    if (textEnd !== -1) {
      sink.pair(keyAt, keyEnd, textAt, textEnd);
      return;
    }
    const numbers = this.#numbers;
    numbers.clear();
    if (isMap(value)) numbers.attribute(this.textAt(keyAt, keyEnd), value);
    else numbers.range(this.source, keyAt, keyEnd).text(asString(value));
    numbers.emit(sink, this.source);
  }

  /** Ids of only zeros are none. */
  #isSet(start: number, end: number): boolean {
    for (let at = start; at < end; at++) if (this.source.bytes[at] !== 0) return true;
    return false;
  }

  #isTime(at: number): boolean {
    return at !== -1 && (this.view.getUint32(at, true) !== 0 || this.view.getUint32(at + 4, true) !== 0);
  }
}

function named(pairs: OtlpPairs, name: ByteRun): OtlpPairs {
  return pairs.range(name, 0, name.bytes.length);
}
