/**
 * The JSON form of OTLP (protojson with hexadecimal ids, opentelemetry.io/docs/specs/otlp), turned into its protobuf, so
 * that there is one reading of both. Field names may be camelCase or snake_case, and what is unknown is ignored.
 */
import { raise } from '../../wire/fault.js';
import { BYTES, FIXED32, FIXED64, VARINT } from './wire-reader.js';

const MAX_DEPTH = 100;

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Throws a FaultError (`bad-request`) on what is no such JSON. */
export function otlpJsonToProtobuf(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  let parsed: Json;
  try {
    parsed = JSON.parse(text) as Json;
  } catch (error) {
    return raise('bad-request', error instanceof Error ? error.message : String(error));
  }
  const writer = new Writer();
  writer.message(1, list(member(object(parsed), 'resourceLogs')), resourceLogs);
  return writer.bytes();
}

type Write = (writer: Writer, value: Json) => void;

const resourceLogs: Write = (writer, value) => {
  const resource = member(object(value), 'resource');
  if (resource !== undefined && resource !== null) writer.message(1, [resource], attributesAndDropped(1, 2));
  writer.message(2, list(member(object(value), 'scopeLogs')), scopeLogs);
};

const scopeLogs: Write = (writer, value) => {
  const scope = member(object(value), 'scope');
  if (scope !== undefined && scope !== null) {
    writer.message(1, [scope], (inner, each) => {
      inner.text(1, member(object(each), 'name'));
      inner.text(2, member(object(each), 'version'));
      attributesAndDropped(3, 4)(inner, each);
    });
  }
  writer.message(2, list(member(object(value), 'logRecords')), logRecord);
};

function attributesAndDropped(attributes: number, dropped: number): Write {
  return (writer, value) => {
    writer.message(attributes, list(member(object(value), 'attributes')), keyValue(0));
    writer.varint(dropped, integer(member(object(value), 'droppedAttributesCount')));
  };
}

const logRecord: Write = (writer, value) => {
  const record = object(value);
  writer.fixed64(1, integer(member(record, 'timeUnixNano')));
  writer.fixed64(11, integer(member(record, 'observedTimeUnixNano')));
  writer.varint(2, severityNumber(member(record, 'severityNumber')));
  writer.text(3, member(record, 'severityText'));
  const body = member(record, 'body');
  if (body !== undefined && body !== null) writer.message(5, [body], anyValue(0));
  writer.message(6, list(member(record, 'attributes')), keyValue(0));
  writer.varint(7, integer(member(record, 'droppedAttributesCount')));
  writer.fixed32(8, Number(integer(member(record, 'flags'))));
  writer.raw(9, id(member(record, 'traceId')));
  writer.raw(10, id(member(record, 'spanId')));
  writer.text(12, member(record, 'eventName'));
};

function keyValue(depth: number): Write {
  return (writer, value) => {
    writer.text(1, member(object(value), 'key'));
    const inner = member(object(value), 'value');
    if (inner !== undefined && inner !== null) writer.message(2, [inner], anyValue(depth));
  };
}

function anyValue(depth: number): Write {
  if (depth > MAX_DEPTH) raise('bad-request', 'attribute values nested too deeply');
  return (writer, value) => {
    const any = object(value);
    for (const [name, inner] of Object.entries(any)) {
      switch (camel(name)) {
        case 'stringValue':
          writer.raw(1, Buffer.from(string(inner)));
          break;
        case 'boolValue':
          if (typeof inner !== 'boolean') raise('bad-request', 'boolValue is not a boolean');
          writer.varint(2, inner ? 1n : 0n, true);
          break;
        case 'intValue':
          writer.varint(3, integer(inner), true);
          break;
        case 'doubleValue':
          writer.double(4, double(inner));
          break;
        case 'arrayValue':
          writer.message(5, [inner], (array, each) =>
            array.message(1, list(member(object(each), 'values')), anyValue(depth + 1)),
          );
          break;
        case 'kvlistValue':
          writer.message(6, [inner], (map, each) =>
            map.message(1, list(member(object(each), 'values')), keyValue(depth + 1)),
          );
          break;
        case 'bytesValue':
          writer.raw(7, Buffer.from(string(inner), 'base64'));
          break;
        default: // unknown
      }
    }
  };
}

// --- JSON ------------------------------------------------------------------------------------------------------------

function object(value: Json): { readonly [key: string]: Json } {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return raise('bad-request', 'expected an object');
  return value as { readonly [key: string]: Json };
}

function member(of: { readonly [key: string]: Json }, name: string): Json | undefined {
  if (Object.hasOwn(of, name)) return of[name];
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.hasOwn(of, snake) ? of[snake] : undefined;
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function list(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly Json[]) : raise('bad-request', 'expected a list');
}

function string(value: Json): string {
  return typeof value === 'string' ? value : raise('bad-request', 'expected a string');
}

/** 64-bit integers may be written as texts. */
function integer(value: Json | undefined): bigint {
  if (value === undefined || value === null || value === '') return 0n;
  const isNumber = typeof value === 'number' && Number.isSafeInteger(value);
  if (isNumber || (typeof value === 'string' && /^-?\d{1,20}$/.test(value))) return BigInt(value as number | string);
  return raise('bad-request', `not an integer: ${JSON.stringify(value).slice(0, 100)}`);
}

function double(value: Json): number {
  if (typeof value === 'number') return value;
  const number = typeof value === 'string' ? Number(value) : Number.NaN;
  if (typeof value === 'string' && (value === 'NaN' || !Number.isNaN(number))) return number;
  return raise('bad-request', 'doubleValue is not a number');
}

/** A number, or its name: SEVERITY_NUMBER_INFO2 is 10. */
function severityNumber(value: Json | undefined): bigint {
  if (typeof value !== 'string' || !value.startsWith('SEVERITY_NUMBER_')) return integer(value);
  const [, name = '', place = '1'] = /^SEVERITY_NUMBER_([A-Z]+)([1-4]?)$/.exec(value) ?? [];
  const first = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].indexOf(name) * 4;
  return first < 0 ? 0n : BigInt(first + Number(place || 1));
}

function id(value: Json | undefined): Uint8Array {
  if (value === undefined || value === null) return Buffer.alloc(0);
  const text = string(value);
  return /^(?:[0-9a-fA-F]{2})*$/.test(text)
    ? Buffer.from(text, 'hex')
    : raise('bad-request', 'an id is not hexadecimal');
}

// --- Protobuf --------------------------------------------------------------------------------------------------------

class Writer {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  bytes(): Uint8Array {
    return Buffer.concat(this.#parts, this.#length);
  }

  message(field: number, values: readonly Json[], write: Write): void {
    for (const value of values) {
      const inner = new Writer();
      write(inner, value);
      this.raw(field, inner.bytes(), true);
    }
  }

  text(field: number, value: Json | undefined): void {
    if (value !== undefined && value !== null) this.raw(field, Buffer.from(string(value)));
  }

  /** Empty ones are left out, unless they say something by being there. */
  raw(field: number, value: Uint8Array, always = field === 1): void {
    if (value.length === 0 && !always) return;
    this.#varint(BigInt((field << 3) | BYTES));
    this.#varint(BigInt(value.length));
    this.#push(value);
  }

  varint(field: number, value: bigint, always = false): void {
    if (value === 0n && !always) return;
    this.#varint(BigInt((field << 3) | VARINT));
    this.#varint(BigInt.asUintN(64, value));
  }

  fixed64(field: number, value: bigint): void {
    if (value === 0n) return;
    this.#varint(BigInt((field << 3) | FIXED64));
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
    this.#push(bytes);
  }

  fixed32(field: number, value: number): void {
    if (value === 0) return;
    this.#varint(BigInt((field << 3) | FIXED32));
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value >>> 0);
    this.#push(bytes);
  }

  double(field: number, value: number): void {
    this.#varint(BigInt((field << 3) | FIXED64));
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    this.#push(bytes);
  }

  #varint(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
    this.#push(Uint8Array.from(bytes));
  }

  #push(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }
}
