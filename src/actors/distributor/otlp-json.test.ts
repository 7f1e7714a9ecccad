import { describe, expect, it } from 'vitest';
import { otlpJson, protobufOf } from '../../../test/support/otlp.js';
import type { ByteRun } from '../../wire/byte-copy.js';
import { FaultError } from '../../wire/fault.js';
import { DEFAULT_LIMITS } from '../../wire/limits.js';
import { OtlpReader } from './otlp.js';
import { OtlpJsonReader } from './otlp-json.js';
import { OtlpMemory } from './otlp-memory.js';

/** What a request of one record says of it: its pairs in their order, time and line. */
function told(protobuf: Uint8Array): (string | number)[] {
  const all: (string | number)[] = [];
  let from: ByteRun;
  const text = (start: number, end: number): string => Buffer.from(from.bytes.subarray(start, end)).toString();
  const sink = {
    open: (source: ByteRun) => {
      from = source;
    },
    beginStream: () => {},
    pair: (a: number, b: number, c: number, d: number) => all.push(`${text(a, b)}=${text(c, d)}`),
    entry: (seconds: number, nanos: number, start: number, end: number) => all.push(seconds, nanos, text(start, end)),
    endStream: () => {},
  };
  new OtlpReader(1 << 20).read(protobuf, sink, new OtlpMemory('acme', DEFAULT_LIMITS), 0n);
  return all;
}

const reader = new OtlpJsonReader();
const ofText = (text: string) => told(reader.toProtobuf(Buffer.from(text)));
const ofRecord = (record: string) => ofText(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[${record}]}]}]}`);

describe('the JSON of OTLP', () => {
  it.each([
    ['"1793491200123456789"', 1_793_491_200, 123_456_789],
    ['1793491200123456789', 1_793_491_200, 123_456_789],
    ['1.7934912e18', 0, 0],
    ['18446744073709551615', 18_446_744_073, 709_551_615],
    ['0', 0, 0],
    ['null', 0, 0],
  ])('has the time %s to the nanosecond, or refuses it', (time, seconds, nanos) => {
    const read = () => ofRecord(`{"timeUnixNano":${time}}`);
    if (time.includes('e')) expect(read).toThrow(FaultError);
    else expect(read()).toEqual([seconds, nanos, '']);
  });

  it.each([
    ['9', 'severity_number=9'],
    ['"9"', 'severity_number=9'],
    ['"SEVERITY_NUMBER_TRACE"', 'severity_number=1'],
    ['"SEVERITY_NUMBER_WARN2"', 'severity_number=14'],
    ['"SEVERITY_NUMBER_FATAL4"', 'severity_number=24'],
  ])('takes the severity %s', (severity, pair) => {
    expect(ofRecord(`{"severityNumber":${severity}}`)).toEqual([pair, 0, 0, '']);
  });

  it.each([
    ['{"intValue":"-9223372036854775808"}', '-9223372036854775808'],
    ['{"intValue":-1}', '-1'],
    ['{"intValue":-4294967296}', '-4294967296'],
    ['{"intValue":9007199254740993}', '9007199254740993'],
    ['{"intValue":1e3}', '1000'],
    ['{"doubleValue":"Infinity"}', 'json: unsupported value: +Inf'],
    ['{"doubleValue":"1.5"}', '1.5'],
    ['{"boolValue":true}', 'true'],
    ['{"bytesValue":"_-8="}', '/+8='],
    ['{"stringValue":"\\u00fc\\n\\"\\ud83d\\ude00"}', 'ü\n"😀'],
    ['{"stringValue":null}', ''],
    ['{"unknown":[1,{"a":2}],"string_value":"x"}', 'x'],
  ])('has the value %s', (value, line) => {
    expect(ofRecord(`{"body":${value}}`)).toEqual([0, 0, line]);
  });

  it.each([
    ['', '['],
    ['{"resourceLogs":{}}', '{"resourceLogs":[1]}'],
    ['{} {}', '{"resourceLogs":[]'],
    ['{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"0g"}]}]}]}', '{"resourceLogs":[null]}'],
  ])('is refused where it is something else: %s and %s', (...bodies) => {
    for (const body of bodies) expect(() => reader.toProtobuf(Buffer.from(body))).toThrow(FaultError);
  });

  it.each([
    '{"timeUnixNano":"18446744073709551616"}',
    '{"timeUnixNano":true}',
    '{"timeUnixNano":""}',
    '{"timeUnixNano":"-"}',
    '{"flags":4294967296}',
    '{"severityNumber":"SEVERITY_NUMBER_NICE"}',
    '{"severityText":1}',
    '{"body":{"boolValue":1}}',
    '{"body":{"doubleValue":"x"}}',
    '{"body":"text"}',
  ])('is refused where a field has another type: %s', (record) => {
    expect(() => ofRecord(record)).toThrow(FaultError);
  });

  it('with ids of a wrong length is refused', () => {
    expect(() => ofRecord('{"traceId":"0102"}')).toThrow('invalid length for TraceID, got 2');
    expect(() => ofRecord('{"spanId":"0102"}')).toThrow('invalid length for SpanID, got 2');
    expect(ofRecord('{"traceId":"","spanId":"0000000000000000"}')).toEqual([0, 0, '']);
  });

  it('of one request does not change what another one has become', () => {
    const line = (text: string) => JSON.stringify(otlpJson([{ body: { stringValue: text } }]));
    const long = told(reader.toProtobuf(Buffer.from(line('x'.repeat(100_000)))));
    expect(ofText(line('y'))).toEqual([0, 0, 'y']);
    expect(long.at(-1)).toHaveLength(100_000);
    expect(told(protobufOf(otlpJson([{ body: { stringValue: 'y' } }])))).toEqual([0, 0, 'y']);
  });
});
