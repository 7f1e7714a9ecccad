import { raise } from '../../wire/fault.js';
import type { OtlpValue } from './otlp-value.js';
import { BYTES, FIXED64, VARINT, WireReader } from './wire-reader.js';

const MAX_VALUE_DEPTH = 64;

/** Reads opentelemetry.proto.common.v1: KeyValue and AnyValue. Throws a FaultError (`bad-request`) where bytes are neither. */
export class OtlpValueReader extends WireReader {
  /** Calls back for each field that is a message, string or bytes, and continues behind it; others are skipped. */
  protected fields(end: number, message: string, take: (field: number, fieldEnd: number) => void): void {
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

  protected keyValue(end: number, depth = 0): [key: string, value: OtlpValue] {
    let key = '';
    let value: OtlpValue = null;
    this.fields(end, 'KeyValue', (field, fieldEnd) => {
      if (field === 1) key = this.text(fieldEnd);
      else if (field === 2) value = this.value(fieldEnd, depth);
    });
    return [key, value];
  }

  /** Where an AnyValue is one text and nothing else: moves to its beginning and returns its end; else -1. */
  protected stringValue(end: number): number {
    const start = this.at;
    if (this.at < end && this.varint(end) === ((1 << 3) | BYTES)) {
      const textEnd = this.fieldEnd(end);
      if (textEnd === end) return end;
    }
    this.at = start;
    return -1;
  }

  protected value(end: number, depth = 0): OtlpValue {
    if (depth > MAX_VALUE_DEPTH) raise('bad-request', 'proto: attribute values nested too deeply');
    let value: OtlpValue = null;
    while (this.at < end) {
      const tag = this.varint(end);
      switch (tag) {
        case (1 << 3) | BYTES:
          value = this.text(this.fieldEnd(end));
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
          value = this.source.bytes.subarray(this.at, fieldEnd);
          this.at = fieldEnd;
          break;
        }
        default:
          this.unknown(tag, end, 0, 'AnyValue');
      }
    }
    return value;
  }

  /** Moves behind the text. */
  protected text(end: number): string {
    const text = this.textAt(this.at, end);
    this.at = end;
    return text;
  }

  protected textAt(start: number, end: number): string {
    const { bytes } = this.source;
    return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
  }

  #list(end: number, depth: number): OtlpValue {
    const values: OtlpValue[] = [];
    this.fields(end, 'ArrayValue', (field, fieldEnd) => {
      if (field === 1) values.push(this.value(fieldEnd, depth));
    });
    return values;
  }

  #map(end: number, depth: number): OtlpValue {
    const entries = new Map<string, OtlpValue>();
    this.fields(end, 'KeyValueList', (field, fieldEnd) => {
      if (field === 1) entries.set(...this.keyValue(fieldEnd, depth));
    });
    return { entries };
  }

  /** Integers that a number cannot hold come as bigint; as texts the two are alike. */
  #int64(end: number): number | bigint {
    const start = this.at;
    const rounded = this.varint(end);
    if (Number.isSafeInteger(rounded)) return rounded;
    let value = 0n;
    for (let at = start, shift = 0n; at < this.at; at++, shift += 7n) {
      value |= BigInt(this.view.getUint8(at) & 0x7f) << shift;
    }
    return BigInt.asIntN(64, value);
  }
}
