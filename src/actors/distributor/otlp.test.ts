import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitsOf, memory, NOW } from '../../../test/support/decode-push.js';
import { otlpJson, protobufOf, text } from '../../../test/support/otlp.js';
import { type BatchRow, rowsOf } from '../../../test/support/push.js';
import type { OtlpConfig, TenantLimits } from '../../wire/limits.js';
import { type DecodedPush, decodePush } from './decode-push.js';

const JSON_TYPE = 'application/json';
const PROTOBUF = 'application/x-protobuf';

function otlp(body: Uint8Array, contentType: string, changed: Partial<TenantLimits> = {}): DecodedPush {
  return decodePush({ tenant: 'acme', contentType, body, format: 'otlp' }, limitsOf(changed), NOW, memory);
}

const ofJson = (request: unknown, changed: Partial<TenantLimits> = {}): DecodedPush =>
  otlp(Buffer.from(JSON.stringify(request)), JSON_TYPE, changed);

const rules = (more: Partial<OtlpConfig>): Partial<TenantLimits> => ({
  otlp_config: { ...limitsOf({}).otlp_config, ...more },
});

function rows({ batch, rejected }: DecodedPush): BatchRow[] {
  expect(rejected).toBeNull();
  return rowsOf(batch!);
}

const nanos = (seconds: number): string => String(NOW + BigInt(seconds) * 1_000_000_000n);

describe('an OTLP record', () => {
  it('has resource attributes of the list as labels and everything else as structured metadata', () => {
    const record = {
      timeUnixNano: nanos(1),
      observedTimeUnixNano: nanos(2),
      severityNumber: 17,
      severityText: 'ERROR',
      body: { stringValue: 'it broke' },
      attributes: [text('http.method', 'GET'), { key: 'status', value: { intValue: '503' } }],
      droppedAttributesCount: 2,
      flags: 1,
      traceId: '0102030405060708090a0b0c0d0e0f10',
      spanId: '0102030405060708',
      eventName: 'oops',
    };
    const resource = [text('service.name', 'shop'), text('k8s.pod.name', 'p-1'), text('host.name', 'h')];
    const scope = { name: 'lib', version: '1.2', attributes: [text('x', 'y')], droppedAttributesCount: 3 };
    const [row] = rows(ofJson(otlpJson([record], resource, scope)));
    expect(row!.stream).toBe('{k8s_pod_name="p-1", service_name="shop"}');
    expect([row!.time, row!.line]).toEqual([NOW + 1_000_000_000n, 'it broke']);
    expect(row!.metadata).toEqual({
      ...{ http_method: 'GET', status: '503', observed_timestamp: nanos(2) },
      ...{ severity_number: '17', severity_text: 'ERROR', dropped_attributes_count: '2', flags: '1' },
      ...{ trace_id: '0102030405060708090a0b0c0d0e0f10', span_id: '0102030405060708', event_name: 'oops' },
      ...{ host_name: 'h', x: 'y', scope_name: 'lib', scope_version: '1.2', scope_dropped_attributes_count: '3' },
      ...{ detected_level: 'error' },
    });
  });

  it('takes the time it was observed at, or that of its arrival, where it has none', () => {
    const observed = otlpJson([{ observedTimeUnixNano: nanos(5), body: { stringValue: 'a' } }]);
    expect(rows(ofJson(observed))[0]).toMatchObject({ time: NOW + 5_000_000_000n });
    expect(rows(ofJson(observed))[0]!.metadata).not.toHaveProperty('observed_timestamp');
    expect(rows(ofJson(otlpJson([{ body: { stringValue: 'a' } }])))[0]).toMatchObject({ time: NOW });
  });

  it.each([
    [{ stringValue: 'text' }, 'text'],
    [{ boolValue: true }, 'true'],
    [{ boolValue: false }, 'false'],
    [{ intValue: '-9223372036854775808' }, '-9223372036854775808'],
    [{ intValue: 7 }, '7'],
    [{ doubleValue: 1.5 }, '1.5'],
    [{ doubleValue: 1e21 }, '1e+21'],
    [{ bytesValue: 'AQI=' }, 'AQI='],
    [{ arrayValue: { values: [{ intValue: 1 }, { stringValue: '<a>' }, {}] } }, '[1,"\\u003ca\\u003e",null]'],
    [{ kvlistValue: { values: [text('b', 'x'), { key: 'a', value: { boolValue: true } }] } }, '{"a":true,"b":"x"}'],
    [{}, ''],
    [undefined, ''],
  ])('with the body %j reads %s', (body, line) => {
    expect(rows(ofJson(otlpJson([{ timeUnixNano: nanos(0), body }])))[0]!.line).toBe(line);
  });

  it('has nested attributes by their paths', () => {
    const nested = { key: 'http', value: { kvlistValue: { values: [text('method', 'GET'), text('a.b', 'c')] } } };
    expect(rows(ofJson(otlpJson([{ attributes: [nested] }])))[0]!.metadata).toMatchObject({
      http_method: 'GET',
      http_a_b: 'c',
    });
    const labels = rows(ofJson(otlpJson([{}], [{ ...nested, key: 'service.name' }])))[0]!.stream;
    expect(labels).toBe('{service_name="unknown_service", service_name_a_b="c", service_name_method="GET"}');
  });

  it('without a service has one that is unknown', () => {
    expect(rows(ofJson(otlpJson([{ body: { stringValue: 'a' } }])))[0]!.stream).toBe(
      '{service_name="unknown_service"}',
    );
    expect(rows(ofJson(otlpJson([{}], [text('k8s.container.name', 'web')])))[0]!.stream).toBe(
      '{k8s_container_name="web", service_name="web"}',
    );
  });
});

describe('rules for attributes', () => {
  it('make labels of some, drop some, and forget the defaults', () => {
    const limits = rules({
      resource_attributes: {
        ignore_defaults: true,
        attributes_config: [
          { action: 'index_label', attributes: ['team'], regex: '' },
          { action: 'drop', attributes: [], regex: 'secret\\..*' },
        ],
      },
      log_attributes: [{ action: 'drop', attributes: ['noise'], regex: '' }],
      scope_attributes: [{ action: 'drop', attributes: [], regex: '.*' }],
    });
    const resource = [text('team', 'a'), text('service.name', 'shop'), text('secret.key', 's')];
    const record = { attributes: [text('noise', 'n'), text('kept', 'k')], body: { stringValue: 'x' } };
    const [row] = rows(ofJson(otlpJson([record], resource, { attributes: [text('gone', 'g')] }), limits));
    expect(row!.stream).toBe('{service_name="unknown_service", team="a"}');
    expect(row!.metadata).toEqual({
      kept: 'k',
      service_name_extracted: undefined,
      service_name: 'shop',
      detected_level: 'unknown',
    });
  });

  it('make a label of the severity', () => {
    const records = ['INFO', 'WARN', 'INFO', ''].map((severityText) => ({ severityText, body: { stringValue: 'x' } }));
    const all = rows(ofJson(otlpJson(records, [text('service.name', 's')]), rules({ severity_text_as_label: true })));
    expect(all.map(({ stream }) => stream).sort()).toEqual([
      '{service_name="s", severity_text="INFO"}',
      '{service_name="s", severity_text="INFO"}',
      '{service_name="s", severity_text="WARN"}',
      '{service_name="s"}',
    ]);
  });
});

describe('an OTLP request', () => {
  it('says the same in JSON and in protobuf, with names in either case', () => {
    const record = { time_unix_nano: nanos(1), severity_number: 'SEVERITY_NUMBER_WARN2', body: { string_value: 'x' } };
    const request = {
      resource_logs: [
        { resource: { attributes: [text('service.name', 's')] }, scope_logs: [{ log_records: [record] }] },
      ],
    };
    const expected = rows(ofJson(request));
    expect(expected[0]!.metadata).toMatchObject({ severity_number: '14' });
    expect(rows(otlp(protobufOf(request), PROTOBUF))).toEqual(expected);
  });

  it('that comes again is read from what is remembered, with the same outcome', () => {
    const body = protobufOf(
      otlpJson([{ timeUnixNano: nanos(1) }], [text('service.name', 's'), text('a', 'b')], { name: 'n' }),
    );
    expect(rows(otlp(body, PROTOBUF))).toEqual(rows(otlp(body, PROTOBUF)));
  });

  it('of another content type is refused, and one without records is empty', () => {
    expect(otlp(Buffer.from('{}'), 'text/plain').rejected).toMatchObject({
      code: 'bad-request',
      message: 'content type: text/plain is not supported',
    });
    expect(ofJson({}).rejected).toMatchObject({ code: 'empty' });
    expect(ofJson(otlpJson([]))).toMatchObject({ rejected: null, batch: null });
  });

  it('cut off anywhere is a batch or a bad request, never anything else', () => {
    const record = {
      timeUnixNano: nanos(1),
      body: { kvlistValue: { values: [text('a', 'b')] } },
      attributes: [text('c', 'd')],
    };
    const whole = protobufOf(otlpJson([record, record], [text('service.name', 's')], { name: 'n' }));
    for (let length = 0; length < whole.length; length++) {
      const { rejected } = otlp(whole.subarray(0, length), PROTOBUF);
      expect(['bad-request', 'empty', undefined]).toContain(rejected?.code);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(JSON_TYPE, PROTOBUF), (bytes, type) => {
        expect(['bad-request', 'empty', undefined]).toContain(otlp(bytes, type).rejected?.code);
      }),
    );
  });

  it('nested without end is refused', () => {
    let value: object = { intValue: 1 };
    for (let i = 0; i < 500; i++) value = { arrayValue: { values: [value] } };
    expect(ofJson(otlpJson([{ body: value }])).rejected).toMatchObject({ code: 'bad-request' });
  });
});
