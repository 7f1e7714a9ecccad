import type { ByteRun } from '../../wire/byte-copy.js';
import { raise } from '../../wire/fault.js';
import { labelsOfAttribute, type OtlpMemory, type OtlpResource, streamText } from './otlp-memory.js';
import { OtlpPairs } from './otlp-pairs.js';
import { OtlpRecordReader } from './otlp-record.js';
import type { OtlpValue } from './otlp-value.js';
import type { PushSink } from './push-sink.js';
import { BYTES, VARINT } from './wire-reader.js';

/**
 * Walks an ExportLogsServiceRequest (opentelemetry-proto, logs/v1) and reports it to the sink as Loki does: resource
 * attributes of the index list are stream labels, everything else is structured metadata, attributes of the record
 * before those of the resource and of the scope. Throws a FaultError: `bad-request` on bytes that are no such message,
 * `too-large` where attributes repeated for every record come to more than the bound.
 */
export class OtlpReader extends OtlpRecordReader {
  readonly #maxBytes: number;
  #sink!: PushSink;
  #memory!: OtlpMemory;
  #nowSeconds = 0;
  #nowNanos = 0;
  #repeatedBytes = 0;
  // The stream whose entries are being told, and those that records have made of the resource's.
  #open: ByteRun | null = null;
  readonly #streams = new Map<string, ByteRun>();

  constructor(maxBytes: number) {
    super();
    this.#maxBytes = maxBytes;
  }

  read(bytes: Uint8Array, sink: PushSink, memory: OtlpMemory, nowNs: bigint): void {
    this.reset(bytes);
    this.#sink = sink;
    this.#memory = memory;
    this.#nowSeconds = Number(nowNs / 1_000_000_000n);
    this.#nowNanos = Number(nowNs % 1_000_000_000n);
    this.#repeatedBytes = 0;
    this.#open = null;
    sink.open(this.source);
    this.fields(bytes.length, 'ExportLogsServiceRequest', (field, end) => {
      if (field === 1) this.#resourceLogs(end);
    });
  }

  /** The resource may come after its records, so they are first looked over and then read. */
  #resourceLogs(end: number): void {
    const start = this.at;
    let resourceAt = 0;
    let resourceEnd = 0;
    this.fields(end, 'ResourceLogs', (field, fieldEnd) => {
      if (field !== 1) return;
      resourceAt = this.at;
      resourceEnd = fieldEnd;
    });
    const resource = this.#resource(resourceAt, resourceEnd);
    this.#streams.clear();
    this.at = start;
    this.fields(end, 'ResourceLogs', (field, fieldEnd) => {
      if (field === 2) this.#scopeLogs(fieldEnd, resource);
    });
    if (this.#open !== null) this.#sink.endStream();
    this.#open = null;
  }

  #scopeLogs(end: number, resource: OtlpResource): void {
    const start = this.at;
    let scopeAt = 0;
    let scopeEnd = 0;
    this.fields(end, 'ScopeLogs', (field, fieldEnd) => {
      if (field !== 1) return;
      scopeAt = this.at;
      scopeEnd = fieldEnd;
    });
    const scope = this.#scope(scopeAt, scopeEnd);
    const { recordsHaveLabels } = this.#memory.rules;
    this.at = start;
    this.fields(end, 'ScopeLogs', (field, fieldEnd) => {
      if (field !== 2) return;
      this.#stream(recordsHaveLabels ? this.#streamOfRecord(fieldEnd, resource) : resource.stream);
      this.#record(fieldEnd, resource, scope);
    });
  }

  // --- Resources and scopes ------------------------------------------------------------------------------------------

  #resource(start: number, end: number): OtlpResource {
    const { resources } = this.#memory;
    const known = resources.get(this.view, start, end);
    if (known) return known;
    const attributes: [string, OtlpValue][] = [];
    this.at = start;
    this.fields(end, 'Resource', (field, fieldEnd) => {
      if (field === 1) attributes.push(this.keyValue(fieldEnd));
    });
    const resource = this.#memory.resource(attributes);
    resources.put(this.source, start, end, resource);
    return resource;
  }

  #scope(start: number, end: number): OtlpPairs {
    const { scopes, rules } = this.#memory;
    const known = scopes.get(this.view, start, end);
    if (known) return known;
    const pairs = new OtlpPairs();
    let scopeName = '';
    let version = '';
    let dropped = 0;
    this.at = start;
    while (this.at < end) {
      const tag = this.varint(end);
      if (tag === ((1 << 3) | BYTES)) scopeName = this.text(this.fieldEnd(end));
      else if (tag === ((2 << 3) | BYTES)) version = this.text(this.fieldEnd(end));
      else if (tag === ((3 << 3) | BYTES)) {
        const attribute = this.keyValue(this.fieldEnd(end));
        if (rules.scope?.(attribute[0]) !== 'drop') pairs.attribute(...attribute);
      } else if (tag === ((4 << 3) | VARINT)) dropped = this.varint(end);
      else this.unknown(tag, end, 0, 'InstrumentationScope');
    }
    if (scopeName !== '') pairs.text('scope_name').text(scopeName);
    if (version !== '') pairs.text('scope_version').text(version);
    if (dropped !== 0) pairs.text('scope_dropped_attributes_count').text(String(dropped));
    scopes.put(this.source, start, end, pairs);
    return pairs;
  }

  // --- Streams -------------------------------------------------------------------------------------------------------

  #stream(stream: ByteRun): void {
    if (this.#open === stream) return;
    if (this.#open !== null) this.#sink.endStream();
    this.#open = stream;
    this.#sink.beginStream(stream, 0, stream.bytes.length);
  }

  /** Looks a record over for what the rules make labels of. */
  #streamOfRecord(end: number, resource: OtlpResource): ByteRun {
    const { rules } = this.#memory;
    const start = this.at;
    const added: (readonly [string, string])[] = [];
    this.fields(end, 'LogRecord', (field, fieldEnd) => {
      if (field === 3 && rules.severityTextAsLabel) added.push(['severity_text', this.text(fieldEnd)]);
      else if (field === 6 && rules.log !== undefined) {
        const [key, value] = this.keyValue(fieldEnd);
        if (rules.log(key) === 'index_label') added.push(...labelsOfAttribute(key, value));
      }
    });
    this.at = start;
    if (added.length === 0) return resource.stream;
    const key = JSON.stringify(added);
    const known = this.#streams.get(key);
    if (known !== undefined) return known;
    const stream = streamText(new Map([...resource.labels, ...added]));
    this.#repeat(stream.bytes.length);
    this.#streams.set(key, stream);
    return stream;
  }

  // --- Records -------------------------------------------------------------------------------------------------------

  #record(end: number, resource: OtlpResource, scope: OtlpPairs): void {
    this.readRecord(end, this.#sink, this.#memory.rules.log);
    this.#repeat(resource.pairs.bytes + scope.bytes);
    resource.pairs.emit(this.#sink, this.source);
    scope.emit(this.#sink, this.source);
    this.tellEntry(this.#sink, this.#nowSeconds, this.#nowNanos);
  }

  /** Counts what the body has once and the batch many times. */
  #repeat(bytes: number): void {
    this.#repeatedBytes += bytes;
    if (this.#repeatedBytes > this.#maxBytes) {
      raise('too-large', `request body too large: attributes of more than ${this.#maxBytes} bytes`);
    }
  }
}
