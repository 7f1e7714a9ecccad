import { raise } from '../../wire/fault.js';
import { formatLabels, labelsOf } from '../../wire/labels.js';
import { ByteCache } from './byte-cache.js';
import { type ByteRun, byteRun } from './byte-copy.js';
import { normalizeName } from './metadata.js';
import { leaves, OtlpPairs } from './otlp-pairs.js';
import type { OtlpRules } from './otlp-rules.js';
import { asString, type OtlpValue } from './otlp-value.js';
import type { PushSink } from './push-sink.js';
import { BYTES, FIXED32, FIXED64, VARINT, WireReader } from './wire-reader.js';

const CACHED = 1024;
const CACHED_BYTES = 4 * 1024 * 1024;
const MAX_VALUE_DEPTH = 64;

/** What a resource says of all its records. */
interface Resource {
  /** Its stream labels, as pairs; severity_text may join them. */
  readonly labels: readonly (readonly [string, string])[];
  readonly stream: ByteRun;
  readonly pairs: OtlpPairs;
}

/** What is remembered of a tenant's resources and scopes, which come with every request. */
export class OtlpMemory {
  readonly rules: OtlpRules;
  readonly resources = new ByteCache<Resource>(CACHED, CACHED_BYTES);
  readonly scopes = new ByteCache<OtlpPairs>(CACHED, CACHED_BYTES);

  constructor(rules: OtlpRules) {
    this.rules = rules;
  }
}

/**
 * Walks an ExportLogsServiceRequest (opentelemetry-proto, logs/v1) and reports it to the sink as Loki does: resource
 * attributes of the index list are stream labels, everything else is structured metadata, attributes of the record
 * before those of the resource and of the scope. Throws a FaultError (`bad-request`) on bytes that are no such message.
 */
export class OtlpReader extends WireReader {
  #sink!: PushSink;
  #memory!: OtlpMemory;
  #nowSeconds = 0;
  #nowNanos = 0;
  readonly #extras = new OtlpPairs();

  read(bytes: Uint8Array, sink: PushSink, memory: OtlpMemory, nowNs: bigint): void {
    this.reset(bytes);
    this.#sink = sink;
    this.#memory = memory;
    this.#nowSeconds = Number(nowNs / 1_000_000_000n);
    this.#nowNanos = Number(nowNs % 1_000_000_000n);
    sink.open(this.source);
    this.#fields(bytes.length, 'ExportLogsServiceRequest', (field, end) => {
      if (field === 1) this.#resourceLogs(end);
    });
  }

  /** Calls back for each field that is a message, string or bytes, and continues behind it; others are skipped. */
  #fields(end: number, message: string, take: (field: number, fieldEnd: number) => void): void {
    while (this.at < end) {
      const tag = this.varint(end);
      if ((tag & 7) !== BYTES) {
        this.unknown(tag, end, 0, message);
        continue;
      }
      const fieldEnd = this.fieldEnd(end);
      take(Math.floor(tag / 8), fieldEnd);
      this.at = fieldEnd;
    }
  }

  #resourceLogs(end: number): void {
    const start = this.at;
    let resourceAt = 0;
    let resourceEnd = 0;
    let hasRecords = false;
    this.#fields(end, 'ResourceLogs', (field, fieldEnd) => {
      if (field === 2) hasRecords = true;
      if (field !== 1) return;
      resourceAt = this.at;
      resourceEnd = fieldEnd;
    });
    if (!hasRecords) return;
    const resource = this.#resource(resourceAt, resourceEnd);
    const { severityTextAsLabel } = this.#memory.rules;
    if (!severityTextAsLabel) this.#sink.beginStream(resource.stream, 0, resource.stream.bytes.length);
    this.at = start;
    this.#fields(end, 'ResourceLogs', (field, fieldEnd) => {
      if (field === 2) this.#scopeLogs(fieldEnd, resource);
    });
    if (!severityTextAsLabel) this.#sink.endStream();
  }

  #scopeLogs(end: number, resource: Resource): void {
    const start = this.at;
    let scopeAt = 0;
    let scopeEnd = 0;
    this.#fields(end, 'ScopeLogs', (field, fieldEnd) => {
      if (field !== 1) return;
      scopeAt = this.at;
      scopeEnd = fieldEnd;
    });
    const scope = this.#scope(scopeAt, scopeEnd);
    this.at = start;
    this.#fields(end, 'ScopeLogs', (field, fieldEnd) => {
      if (field !== 2) return;
      if (this.#memory.rules.severityTextAsLabel) this.#recordOfItsOwn(fieldEnd, resource, scope);
      else this.#record(fieldEnd, resource, scope);
    });
  }

  // --- Resources and scopes ------------------------------------------------------------------------------------------

  #resource(start: number, end: number): Resource {
    const { resources, rules } = this.#memory;
    const known = resources.get(this.view, start, end);
    if (known) return known;
    const labels: [string, string][] = [];
    const pairs = new OtlpPairs();
    this.at = start;
    this.#fields(end, 'Resource', (field, fieldEnd) => {
      if (field !== 1) return;
      const [name, value] = this.#keyValue(fieldEnd, 0);
      const action = rules.resource(name);
      if (action === 'structured_metadata') pairs.addAttribute(name, value);
      else if (action === 'index_label') {
        for (const [leaf, inner] of leaves(name, value)) labels.push([normalizeName(leaf), asString(inner)]);
      }
    });
    const resource = { labels, stream: streamText(labels), pairs };
    resources.put(this.source, start, end, resource);
    return resource;
  }

  #scope(start: number, end: number): OtlpPairs {
    const { scopes, rules } = this.#memory;
    const known = scopes.get(this.view, start, end);
    if (known) return known;
    const pairs = new OtlpPairs();
    const about: [string, string][] = [];
    this.at = start;
    while (this.at < end) {
      const tag = this.varint(end);
      if (tag === ((4 << 3) | VARINT)) about.push(['scope_dropped_attributes_count', String(this.varint(end))]);
      else if ((tag & 7) !== BYTES) this.unknown(tag, end, 0, 'InstrumentationScope');
      else {
        const fieldEnd = this.fieldEnd(end);
        if (tag >> 3 === 1) about.push(['scope_name', this.#text(fieldEnd)]);
        else if (tag >> 3 === 2) about.push(['scope_version', this.#text(fieldEnd)]);
        else if (tag >> 3 === 3) {
          const [name, value] = this.#keyValue(fieldEnd, 0);
          if (rules.scope?.(name) !== 'drop') pairs.addAttribute(name, value);
        }
        this.at = fieldEnd;
      }
    }
    for (const [name, value] of about) if (value !== '' && value !== '0') pairs.add(name, value);
    scopes.put(this.source, start, end, pairs);
    return pairs;
  }

  // --- Records -------------------------------------------------------------------------------------------------------

  /** A record whose severity text is one of its stream's labels. */
  #recordOfItsOwn(end: number, resource: Resource, scope: OtlpPairs): void {
    const start = this.at;
    let severity = '';
    while (this.at < end) {
      const tag = this.varint(end);
      if (tag === ((3 << 3) | BYTES)) severity = this.#text(this.fieldEnd(end));
      else this.skip(tag & 7, end, 0);
    }
    this.at = start;
    const stream = severity === '' ? resource.stream : streamText([...resource.labels, ['severity_text', severity]]);
    this.#sink.beginStream(stream, 0, stream.bytes.length);
    this.#record(end, resource, scope);
    this.#sink.endStream();
  }

  #record(end: number, resource: Resource, scope: OtlpPairs): void {
    const extras = this.#extras;
    extras.clear();
    let timeAt = -1;
    let observedAt = -1;
    let body: OtlpValue = null;
    let bodyAt = 0;
    let bodyEnd = 0;
    let severity = 0;
    let dropped = 0;
    let flags = 0;
    let severityText = '';
    let traceEnd = 0;
    let traceAt = 0;
    let spanEnd = 0;
    let spanAt = 0;
    let eventName = '';
    while (this.at < end) {
      const tag = this.varint(end);
      switch (tag) {
        case (1 << 3) | FIXED64:
          timeAt = this.at;
          this.advance(8, end);
          break;
        case (11 << 3) | FIXED64:
          observedAt = this.at;
          this.advance(8, end);
          break;
        case (2 << 3) | VARINT:
          severity = this.varint(end);
          break;
        case (7 << 3) | VARINT:
          dropped = this.varint(end);
          break;
        case (8 << 3) | FIXED32:
          this.advance(4, end);
          flags = this.view.getUint32(this.at - 4, true);
          break;
        case (3 << 3) | BYTES:
          severityText = this.#text(this.fieldEnd(end));
          break;
        case (5 << 3) | BYTES: {
          const fieldEnd = this.fieldEnd(end);
          bodyEnd = this.#stringValue(fieldEnd);
          bodyAt = this.at;
          body = bodyEnd === -1 ? this.#value(fieldEnd, 0) : null;
          this.at = fieldEnd;
          break;
        }
        case (6 << 3) | BYTES:
          this.#attribute(this.fieldEnd(end));
          break;
        case (9 << 3) | BYTES:
          traceEnd = this.fieldEnd(end);
          traceAt = this.at;
          this.at = traceEnd;
          break;
        case (10 << 3) | BYTES:
          spanEnd = this.fieldEnd(end);
          spanAt = this.at;
          this.at = spanEnd;
          break;
        case (12 << 3) | BYTES:
          eventName = this.#text(this.fieldEnd(end));
          break;
        default:
          this.unknown(tag, end, 0, 'LogRecord');
      }
    }
    const hasTime = timeAt !== -1 && !this.#isZero(timeAt);
    const hasObserved = observedAt !== -1 && !this.#isZero(observedAt);
    if (hasTime && hasObserved) extras.add('observed_timestamp', String(this.view.getBigUint64(observedAt, true)));
    if (severity !== 0) extras.add('severity_number', String(severity));
    if (severityText !== '') extras.add('severity_text', severityText);
    if (dropped !== 0) extras.add('dropped_attributes_count', String(dropped));
    if (flags !== 0) extras.add('flags', String(flags));
    if (this.#isSet(traceAt, traceEnd)) extras.addHex('trace_id', this.source.bytes, traceAt, traceEnd);
    if (this.#isSet(spanAt, spanEnd)) extras.addHex('span_id', this.source.bytes, spanAt, spanEnd);
    if (eventName !== '') extras.add('event_name', eventName);
    const sink = this.#sink;
    extras.emit(sink, this.source);
    resource.pairs.emit(sink, this.source);
    scope.emit(sink, this.source);
    this.#entry(hasTime ? timeAt : hasObserved ? observedAt : -1, body, bodyAt, bodyEnd);
  }

  #entry(timeAt: number, body: OtlpValue, bodyAt: number, bodyEnd: number): void {
    const sink = this.#sink;
    let seconds = this.#nowSeconds;
    let nanos = this.#nowNanos;
    if (timeAt !== -1) {
      // 2^48 is 281474 s and 976710656 ns, 2^32 is 4 s and 294967296 ns: in parts, so that no product is rounded.
      const high = this.view.getUint32(timeAt + 4, true);
      const rest = (high >>> 16) * 976_710_656 + (high & 0xffff) * 294_967_296 + this.view.getUint32(timeAt, true);
      const carry = Math.floor(rest / 1e9);
      seconds = (high >>> 16) * 281_474 + (high & 0xffff) * 4 + carry;
      nanos = rest - carry * 1e9;
    }
    if (body === null) return sink.entry(seconds, nanos, bodyAt, Math.max(bodyAt, bodyEnd));
    const text = byteRun(new Uint8Array(Buffer.from(asString(body))));
    sink.open(text);
    sink.entry(seconds, nanos, 0, text.bytes.length);
    sink.open(this.source);
  }

  /** Texts, as nearly all are, go to the sink from where they stand. */
  #attribute(end: number): void {
    const { log } = this.#memory.rules;
    const start = this.at;
    let keyAt = 0;
    let keyEnd = 0;
    let valueAt = 0;
    let valueEnd = -1;
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
        valueEnd = this.#stringValue(fieldEnd);
        valueAt = this.at;
      }
      this.at = fieldEnd;
    }
    if (log?.(this.#range(keyAt, keyEnd)) === 'drop') return;
    if (valueEnd !== -1) return this.#sink.pair(keyAt, keyEnd, valueAt, valueEnd);
    this.at = start;
    const pairs = new OtlpPairs();
    pairs.addAttribute(...this.#keyValue(end, 0));
    this.at = end;
    pairs.emit(this.#sink, this.source);
  }

  // --- Values --------------------------------------------------------------------------------------------------------

  /** Where an AnyValue is one text and nothing else: moves to its beginning and returns its end; else -1. */
  #stringValue(end: number): number {
    const start = this.at;
    if (this.at < end && this.varint(end) === ((1 << 3) | BYTES)) {
      const textEnd = this.fieldEnd(end);
      if (textEnd === end) return end;
    }
    this.at = start;
    return -1;
  }

  #keyValue(end: number, depth: number): [string, OtlpValue] {
    let key = '';
    let value: OtlpValue = null;
    this.#fields(end, 'KeyValue', (field, fieldEnd) => {
      if (field === 1) key = this.#text(fieldEnd);
      else if (field === 2) value = this.#value(fieldEnd, depth);
    });
    return [key, value];
  }

  #value(end: number, depth: number): OtlpValue {
    if (depth > MAX_VALUE_DEPTH) raise('bad-request', 'proto: attribute values nested too deeply');
    let value: OtlpValue = null;
    while (this.at < end) {
      const tag = this.varint(end);
      switch (tag) {
        case (1 << 3) | BYTES:
          value = this.#text(this.fieldEnd(end));
          break;
        case (2 << 3) | VARINT:
          value = this.varint(end) !== 0;
          break;
        case (3 << 3) | VARINT:
          value = this.#int64(end);
          break;
        case (4 << 3) | FIXED64:
          this.advance(8, end);
          value = this.view.getFloat64(this.at - 8, true);
          break;
        case (5 << 3) | BYTES:
          value = this.#list(this.fieldEnd(end), depth + 1);
          break;
        case (6 << 3) | BYTES:
          value = this.#map(this.fieldEnd(end), depth + 1);
          break;
        case (7 << 3) | BYTES: {
          const fieldEnd = this.fieldEnd(end);
          value = this.source.bytes.slice(this.at, fieldEnd);
          this.at = fieldEnd;
          break;
        }
        default:
          this.unknown(tag, end, 0, 'AnyValue');
      }
    }
    return value;
  }

  #list(end: number, depth: number): OtlpValue {
    const values: OtlpValue[] = [];
    this.#fields(end, 'ArrayValue', (field, fieldEnd) => {
      if (field === 1) values.push(this.#value(fieldEnd, depth));
    });
    return values;
  }

  #map(end: number, depth: number): OtlpValue {
    const entries = new Map<string, OtlpValue>();
    this.#fields(end, 'KeyValueList', (field, fieldEnd) => {
      if (field === 1) entries.set(...this.#keyValue(fieldEnd, depth));
    });
    return { entries };
  }

  #int64(end: number): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (this.at >= end) raise('bad-request', 'unexpected EOF');
      const byte = this.view.getUint8(this.at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    return raise('bad-request', 'proto: integer overflow');
  }

  #text(end: number): string {
    const text = this.#range(this.at, end);
    this.at = end;
    return text;
  }

  #range(start: number, end: number): string {
    const { bytes } = this.source;
    return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
  }

  /** Ids of only zeros are none. */
  #isSet(start: number, end: number): boolean {
    for (let at = start; at < end; at++) if (this.source.bytes[at] !== 0) return true;
    return false;
  }

  #isZero(at: number): boolean {
    return this.view.getUint32(at, true) === 0 && this.view.getUint32(at + 4, true) === 0;
  }
}

function streamText(labels: readonly (readonly [string, string])[]): ByteRun {
  return byteRun(new Uint8Array(Buffer.from(formatLabels(labelsOf(labels)))));
}
