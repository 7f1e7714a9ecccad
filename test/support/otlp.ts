/** OTLP requests for tests, as JSON in camelCase and, by an encoder that knows nothing of the server's, as protobuf. */
import { bytesField, varint, varintField } from './push.js';

export interface OtlpAny {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string | number;
  readonly doubleValue?: number | 'NaN' | 'Infinity' | '-Infinity';
  readonly arrayValue?: { readonly values: readonly OtlpAny[] };
  readonly kvlistValue?: { readonly values: readonly OtlpAttribute[] };
  /** Base64. */
  readonly bytesValue?: string;
}

export interface OtlpAttribute {
  readonly key: string;
  readonly value?: OtlpAny;
}

export interface OtlpRecord {
  readonly timeUnixNano?: string;
  readonly observedTimeUnixNano?: string;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly body?: OtlpAny | undefined;
  readonly attributes?: readonly OtlpAttribute[];
  readonly droppedAttributesCount?: number;
  readonly flags?: number;
  /** Hexadecimal. */
  readonly traceId?: string;
  readonly spanId?: string;
  readonly eventName?: string;
}

export interface OtlpScope {
  readonly name?: string;
  readonly version?: string;
  readonly attributes?: readonly OtlpAttribute[];
  readonly droppedAttributesCount?: number;
}

export interface OtlpRequest {
  readonly resourceLogs: readonly {
    readonly resource?: { readonly attributes?: readonly OtlpAttribute[] };
    readonly scopeLogs: readonly { readonly scope?: OtlpScope; readonly logRecords: readonly OtlpRecord[] }[];
  }[];
}

export const text = (key: string, value: string): OtlpAttribute => ({ key, value: { stringValue: value } });

export function otlpJson(
  records: readonly OtlpRecord[],
  resource: readonly OtlpAttribute[] = [],
  scope: OtlpScope = {},
): OtlpRequest {
  return { resourceLogs: [{ resource: { attributes: resource }, scopeLogs: [{ scope, logRecords: records }] }] };
}

export function protobufOf({ resourceLogs }: OtlpRequest): Uint8Array {
  return Buffer.concat(
    resourceLogs.map(({ resource, scopeLogs }) => {
      const about = resource === undefined ? [] : [bytesField(1, Buffer.concat(attributes(1, resource.attributes)))];
      const scopes = scopeLogs.map(({ scope, logRecords }) => {
        const head = scope === undefined ? [] : [bytesField(1, scopeOf(scope))];
        return bytesField(2, Buffer.concat([...head, ...logRecords.map((record) => bytesField(2, recordOf(record)))]));
      });
      return bytesField(1, Buffer.concat([...about, ...scopes]));
    }),
  );
}

function scopeOf(scope: OtlpScope): Uint8Array {
  return Buffer.concat([
    ...texts(1, scope.name),
    ...texts(2, scope.version),
    ...attributes(3, scope.attributes),
    ...numbers(4, scope.droppedAttributesCount),
  ]);
}

function recordOf(record: OtlpRecord): Uint8Array {
  return Buffer.concat([
    ...fixed64(1, record.timeUnixNano),
    ...numbers(2, record.severityNumber),
    ...texts(3, record.severityText),
    ...(record.body === undefined ? [] : [bytesField(5, anyOf(record.body))]),
    ...attributes(6, record.attributes),
    ...numbers(7, record.droppedAttributesCount),
    ...(record.flags === undefined ? [] : [Buffer.from([(8 << 3) | 5]), fixed(4, BigInt(record.flags))]),
    ...(record.traceId === undefined ? [] : [bytesField(9, Buffer.from(record.traceId, 'hex'))]),
    ...(record.spanId === undefined ? [] : [bytesField(10, Buffer.from(record.spanId, 'hex'))]),
    ...fixed64(11, record.observedTimeUnixNano),
    ...texts(12, record.eventName),
  ]);
}

function anyOf(value: OtlpAny): Uint8Array {
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } = value;
  const parts: Uint8Array[] = texts(1, stringValue);
  if (boolValue !== undefined) parts.push(varintField(2, boolValue ? 1n : 0n));
  if (intValue !== undefined) parts.push(varintField(3, BigInt(intValue)));
  if (doubleValue !== undefined) {
    const bytes = Buffer.alloc(9, (4 << 3) | 1);
    bytes.writeDoubleLE(Number(doubleValue), 1);
    parts.push(bytes);
  }
  if (arrayValue) parts.push(bytesField(5, Buffer.concat(arrayValue.values.map((each) => bytesField(1, anyOf(each))))));
  if (kvlistValue) parts.push(bytesField(6, Buffer.concat(attributes(1, kvlistValue.values))));
  if (bytesValue !== undefined) parts.push(bytesField(7, Buffer.from(bytesValue, 'base64')));
  return Buffer.concat(parts);
}

function attributes(field: number, list: readonly OtlpAttribute[] = []): Uint8Array[] {
  return list.map(({ key, value }) => {
    const inner = value === undefined ? [] : [bytesField(2, anyOf(value))];
    return bytesField(field, Buffer.concat([...texts(1, key), ...inner]));
  });
}

function texts(field: number, value: string | undefined): Uint8Array[] {
  return value === undefined ? [] : [bytesField(field, Buffer.from(value))];
}

function numbers(field: number, value: number | undefined): Uint8Array[] {
  return value === undefined ? [] : [varintField(field, BigInt(value))];
}

function fixed64(field: number, value: string | undefined): Uint8Array[] {
  return value === undefined ? [] : [varint(BigInt((field << 3) | 1)), fixed(8, BigInt(value))];
}

function fixed(bytes: number, value: bigint): Uint8Array {
  const little = Buffer.alloc(8);
  little.writeBigUInt64LE(value);
  return little.subarray(0, bytes);
}
