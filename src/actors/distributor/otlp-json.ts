import { byteRun } from '../../wire/byte-copy.js';
import { unreachable } from '../../wire/exhaustive.js';
import { SCRATCH } from './json-request.js';
import { CLOSE_BRACE, CLOSE_BRACKET, JsonScanner, OPEN_BRACE, OPEN_BRACKET } from './json-scanner.js';
import { exportLogsServiceRequest, type Field, type Message, type Scalar } from './otlp-schema.js';
import { ProtobufWriter } from './otlp-writer.js';

/** Messages in messages; an attribute value in a list in a value takes two. */
const MAX_DEPTH = 150;
const QUOTE = 0x22;
const TWO_32 = 2 ** 32;
const SEVERITIES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const HEX = /^(?:[0-9a-fA-F]{2})*$/;

/**
 * Turns the JSON form of OTLP (protojson, but ids are hexadecimal: opentelemetry.io/docs/specs/otlp) into its protobuf, so
 * that there is one reading of both. Field names may be in camelCase or snake_case, 64-bit integers numbers or texts,
 * enums numbers or names; null is the same as nothing, and what is unknown is passed over.
 */
export class OtlpJsonReader {
  readonly #writer = new ProtobufWriter();
  #json!: JsonScanner;
  // The integer read last, as two unsigned halves.
  #high = 0;
  #low = 0;

  /** Valid until the next call. Throws a FaultError (`bad-request`) on what is no such JSON. */
  toProtobuf(body: Uint8Array): Uint8Array {
    const json = new JsonScanner(body, SCRATCH);
    this.#json = json;
    this.#writer.reset();
    if (!json.isNull()) this.#message(exportLogsServiceRequest, 0);
    if (json.peek() !== 0) json.fail('expected the end');
    return this.#writer.bytes;
  }

  #message({ fields }: Message, depth: number): void {
    const json = this.#json;
    if (depth > MAX_DEPTH) json.fail('exceeded max depth');
    json.expect(OPEN_BRACE);
    for (let first = true; json.more(CLOSE_BRACE, first); first = false) {
      json.key();
      const field = this.#field(fields);
      if (field === undefined) json.skip();
      else if (json.isNull()) continue;
      else if (!field.repeated) this.#value(field, depth);
      else {
        json.expect(OPEN_BRACKET);
        for (let one = true; json.more(CLOSE_BRACKET, one); one = false) this.#value(field, depth);
      }
    }
  }

  /** The one with the name read last. */
  #field(fields: readonly Field[]): Field | undefined {
    const json = this.#json;
    for (let i = 0; i < fields.length; i++) {
      const { names } = fields[i]!;
      for (let j = 0; j < names.length; j++) if (json.is(names[j]!)) return fields[i];
    }
    return undefined;
  }

  #value({ number, kind }: Field, depth: number): void {
    if (typeof kind === 'string') {
      this.#scalar(number, kind);
      return;
    }
    const start = this.#writer.begin(number);
    this.#message(kind, depth + 1);
    this.#writer.end(start);
  }

  #scalar(field: number, kind: Scalar): void {
    const json = this.#json;
    const writer = this.#writer;
    switch (kind) {
      case 'string':
        json.string();
        return writer.range(field, json.source, json.start, json.end);
      case 'hex': {
        json.string();
        const text = json.text();
        if (!HEX.test(text)) json.fail('an id is not hexadecimal');
        return this.#bytes(field, Buffer.from(text, 'hex'));
      }
      case 'base64':
        json.string();
        return this.#bytes(field, Buffer.from(json.text(), 'base64'));
      case 'bool':
        return writer.varint(field, 0, this.#bool());
      case 'double':
        return writer.double(field, this.#double());
      case 'int64':
        this.#integer();
        return writer.varint(field, this.#high, this.#low);
      case 'fixed64':
        this.#integer();
        return writer.fixed64(field, this.#high, this.#low);
      case 'severity':
        return writer.varint(field, 0, this.#severity());
      case 'uint32':
        return writer.varint(field, 0, this.#uint32());
      case 'fixed32':
        return writer.fixed32(field, this.#uint32());
      default:
        unreachable(kind);
    }
  }

  #bytes(field: number, bytes: Uint8Array): void {
    this.#writer.range(field, byteRun(bytes), 0, bytes.length);
  }

  #bool(): 0 | 1 {
    const json = this.#json;
    const first = json.peek();
    if (first !== 0x74 && first !== 0x66) json.fail('expected true or false');
    json.skip();
    return first === 0x74 ? 1 : 0;
  }

  /** Reads a number or a text; it becomes the string read last. */
  #numeral(): void {
    const json = this.#json;
    if (json.peek() === QUOTE) {
      json.string();
      return;
    }
    json.start = json.at;
    json.skip();
    json.end = json.at;
  }

  #integer(): void {
    const json = this.#json;
    this.#numeral();
    const { bytes } = json.source;
    const isNegative = bytes[json.start] === 0x2d;
    const first = isNegative ? json.start + 1 : json.start;
    let high = 0;
    let low = 0;
    for (let at = first; at < json.end; at++) {
      const digit = bytes[at]! - 0x30;
      if (digit < 0 || digit > 9) return this.#wholeNumber();
      low = low * 10 + digit;
      const carry = Math.floor(low / TWO_32);
      low -= carry * TWO_32;
      high = high * 10 + carry;
      if (high >= TWO_32) json.fail('integer overflow');
    }
    if (first === json.end) json.fail('expected an integer');
    // Two's complement.
    this.#low = isNegative ? -low >>> 0 : low;
    this.#high = isNegative ? (~high + (low === 0 ? 1 : 0)) >>> 0 : high;
  }

  /** An integer with a point or an exponent, 1.0 or 1e3. */
  #wholeNumber(): void {
    const value = Number(this.#json.text());
    if (!Number.isSafeInteger(value)) this.#json.fail('expected an integer');
    this.#low = value >>> 0;
    this.#high = Math.floor(value / TWO_32) >>> 0;
  }

  #uint32(): number {
    this.#integer();
    return this.#high === 0 ? this.#low : this.#json.fail('integer overflow');
  }

  #double(): number {
    this.#numeral();
    const text = this.#json.text();
    const value = text.trim() === '' ? Number.NaN : Number(text);
    return Number.isNaN(value) && text !== 'NaN' ? this.#json.fail('expected a number') : value;
  }

  /** SEVERITY_NUMBER_INFO2 is 10. */
  #severity(): number {
    const json = this.#json;
    const before = json.at;
    this.#numeral();
    const name = json.end - json.start > 3 ? /^SEVERITY_NUMBER_([A-Z]+)([2-4]?)$/.exec(json.text()) : null;
    if (name === null) {
      json.at = before;
      return this.#uint32();
    }
    if (name[1] === 'UNSPECIFIED') return 0;
    const place = SEVERITIES.indexOf(name[1]!);
    return place === -1 ? json.fail('unknown severity') : 4 * place + Number(name[2] || 1);
  }
}
