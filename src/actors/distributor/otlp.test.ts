import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limitsOf, memory, NOW } from '../../../test/support/decode-push.js';
import {
  type OtlpAny,
  type OtlpAttribute,
  type OtlpRecord,
  type OtlpRequest,
  otlpJson,
  protobufOf,
  text,
} from '../../../test/support/otlp.js';
import { type BatchRow, bytesField, rowsOf } from '../../../test/support/push.js';
import type { OtlpConfig, TenantLimits } from '../../wire/limits.js';
import { type DecodedPush, decodePush, PushMemory } from './decode-push.js';

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
    [{ doubleValue: 1e-7 }, '1e-7'],
    [{ doubleValue: -0 }, '0'],
    [{ doubleValue: 'NaN' as const }, 'json: unsupported value: NaN'],
    [{ doubleValue: '-Infinity' as const }, 'json: unsupported value: -Inf'],
    [{ arrayValue: { values: [{ doubleValue: 'Infinity' as const }] } }, ''],
    [{ arrayValue: { values: [{ intValue: 1 }, { stringValue: '<a>&\u2028' }, {}] } }, '[1,"<a>&\\u2028",null]'],
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
    expect(labels).toBe('{service_name_a_b="c", service_name_method="GET"}');
  });

  it('of names that become one has the later value: fields after attributes, the resource after both', () => {
    const attributes = [text('event.name', 'a'), text('x.y', 'record')];
    const record = { attributes, eventName: 'b', body: { stringValue: 'x' } };
    expect(rows(ofJson(otlpJson([record], [text('x_y', 'resource')])))[0]!.metadata).toMatchObject({
      event_name: 'b',
      x_y: 'resource',
    });
  });

  it('has the service that its first attribute of the known ones names', () => {
    const resource = [text('k8s.job.name', 'j'), text('container.name', 'c')];
    expect(rows(ofJson(otlpJson([{}], resource)))[0]!.stream).toBe(
      '{container_name="c", k8s_job_name="j", service_name="j"}',
    );
    expect(rows(ofJson(otlpJson([{}], resource), { discover_service_name: [] }))[0]!.stream).toBe(
      '{container_name="c", k8s_job_name="j"}',
    );
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
    expect(row!.stream).toBe('{team="a"}');
    expect(row!.metadata).toEqual({ kept: 'k', service_name: 'shop', detected_level: 'unknown' });
  });

  it('are asked in their order, and a whole name must match', () => {
    const attributes_config = [
      { action: 'drop' as const, attributes: [], regex: 'a.*' },
      { action: 'index_label' as const, attributes: ['ab', 'b'], regex: '' },
    ];
    const limits = rules({ resource_attributes: { ignore_defaults: true, attributes_config } });
    const [row] = rows(ofJson(otlpJson([{}], [text('ab', '1'), text('b', '2'), text('ba', '3')]), limits));
    expect(row!.stream).toBe('{b="2", service_name="unknown_service"}');
    expect(row!.metadata).toEqual({ ba: '3', detected_level: 'unknown' });
  });

  it('make labels of attributes of records', () => {
    const log_attributes = [{ action: 'index_label' as const, attributes: ['region'], regex: '' }];
    const records = ['eu', 'eu', 'us'].map((region) => ({ attributes: [text('region', region), text('a', 'b')] }));
    const all = rows(ofJson(otlpJson([...records, {}], [text('service.name', 's')]), rules({ log_attributes })));
    expect(all.map(({ stream, metadata }) => [stream, metadata.region, metadata.a])).toEqual([
      ['{region="eu", service_name="s"}', undefined, 'b'],
      ['{region="eu", service_name="s"}', undefined, 'b'],
      ['{region="us", service_name="s"}', undefined, 'b'],
      ['{service_name="s"}', undefined, undefined],
    ]);
  });

  it('make a label of the severity', () => {
    const records = ['INFO', 'WARN', 'INFO', ''].map((severityText) => ({ severityText, body: { stringValue: 'x' } }));
    const all = rows(ofJson(otlpJson(records, [text('service.name', 's')]), rules({ severity_text_as_label: true })));
    expect(all.map(({ stream, metadata }) => [stream, metadata.severity_text])).toEqual([
      ['{service_name="s", severity_text="INFO"}', 'INFO'],
      ['{service_name="s", severity_text="WARN"}', 'WARN'],
      ['{service_name="s", severity_text="INFO"}', 'INFO'],
      ['{service_name="s"}', undefined],
    ]);
  });
});

// --- Requests --------------------------------------------------------------------------------------------------------

const { any, attributes } = fc.letrec<{ any: OtlpAny; attributes: OtlpAttribute[] }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'grapheme' }).map((stringValue) => ({ stringValue })),
    fc.boolean().map((boolValue) => ({ boolValue })),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => ({ intValue: String(value) })),
    fc.integer().map((intValue) => ({ intValue })),
    fc
      .double()
      .map((value) => value || 0)
      .map((doubleValue) => ({ doubleValue: Number.isFinite(doubleValue) ? doubleValue : ('NaN' as const) })),
    fc.uint8Array().map((bytes) => ({ bytesValue: Buffer.from(bytes).toString('base64') })),
    fc.constant({}),
    fc.array(tie('any'), { maxLength: 3 }).map((values) => ({ arrayValue: { values } })),
    tie('attributes').map((values) => ({ kvlistValue: { values } })),
  ),
  attributes: fc.array(
    fc.record({ key: fc.constantFrom('a', 'b.c', 'b_c', '9', 'service.name', 'e__f'), value: tie('any') }),
    { maxLength: 3 },
  ),
}));
const time = fc.bigInt({ min: 0n, max: 600n }).map((s) => (s === 0n ? '0' : String(NOW - s * 1_000_000_007n)));
const hex = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((b) => Buffer.from(b).toString('hex'));
const record: fc.Arbitrary<OtlpRecord> = fc.record(
  {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber: fc.integer({ min: 0, max: 30 }),
    severityText: fc.constantFrom('', 'INFO', 'weird'),
    body: any,
    attributes,
    droppedAttributesCount: fc.nat(),
    flags: fc.nat(),
    traceId: hex(16),
    spanId: hex(8),
    eventName: fc.string(),
  },
  { requiredKeys: [] },
);
const request: fc.Arbitrary<OtlpRequest> = fc.record({
  resourceLogs: fc.array(
    fc.record({
      resource: fc.record({ attributes }),
      scopeLogs: fc.array(
        fc.record({
          scope: fc.record({ name: fc.string(), attributes, droppedAttributesCount: fc.nat() }),
          logRecords: fc.array(record, { maxLength: 4 }),
        }),
        { maxLength: 2 },
      ),
    }),
    { maxLength: 3 },
  ),
});

/** All names in the other case of the protobuf's JSON form. */
function inSnakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inSnakeCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      inSnakeCase(inner),
    ]),
  );
}

const outcome = ({ batch, rejected }: DecodedPush) => ({ rejected, rows: batch && rowsOf(batch) });

describe('an OTLP request', () => {
  it('says the same in JSON, in either case of its names, and in protobuf', () => {
    fc.assert(
      fc.property(request, (each) => {
        const expected = outcome(otlp(protobufOf(each), PROTOBUF));
        expect(outcome(ofJson(each))).toEqual(expected);
        expect(outcome(ofJson(inSnakeCase(each)))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('that comes again is read from what is remembered, with the same outcome', () => {
    const body = protobufOf(
      otlpJson([{ timeUnixNano: nanos(1) }], [text('service.name', 's'), text('a', 'b')], { name: 'n' }),
    );
    expect(rows(otlp(body, PROTOBUF))).toEqual(rows(otlp(body, PROTOBUF)));
  });

  it('may tell its resource and scope after their records', () => {
    const whole = protobufOf(otlpJson([{ body: { stringValue: 'x' } }], [text('service.name', 's')], { name: 'n' }));
    const [resource, scopeLogs] = fieldsOf(fieldsOf(whole)[0]!.content);
    const [scope, logRecord] = fieldsOf(scopeLogs!.content);
    const turned = bytesField(2, Buffer.concat([logRecord!.whole, scope!.whole]));
    const body = bytesField(1, Buffer.concat([turned, resource!.whole]));
    expect(rows(otlp(body, PROTOBUF))).toEqual(rows(otlp(whole, PROTOBUF)));
  });

  it('of another content type is refused, one without records is empty, parameters do not matter', () => {
    expect(otlp(Buffer.from('{}'), 'text/plain').rejected).toMatchObject({
      code: 'bad-request',
      message: 'content type: text/plain is not supported',
    });
    for (const nothing of [{}, otlpJson([]), { resourceLogs: [] }]) {
      expect(ofJson(nothing).rejected).toMatchObject({ code: 'empty' });
    }
    const one = Buffer.from(JSON.stringify(otlpJson([{ body: { stringValue: 'x' } }])));
    expect(rows(otlp(one, 'application/json; charset=utf-8'))).toHaveLength(1);
  });

  it('stores what is valid and says what is not', () => {
    const records = [
      { timeUnixNano: '1', body: { stringValue: 'old' } },
      { timeUnixNano: nanos(0), body: { stringValue: 'new' } },
    ];
    const { batch, rejected } = ofJson(otlpJson(records, [text('service.name', 's')]));
    expect(rowsOf(batch!).map(({ line }) => line)).toEqual(['new']);
    expect(rejected).toMatchObject({ code: 'bad-request' });
    expect(rejected!.message).toContain(`entry for stream '{service_name="s"}' has timestamp too old`);
  });

  it('with an attribute that has no name is refused for good', () => {
    for (const key of ['', '___']) {
      expect(ofJson(otlpJson([{ attributes: [text(key, 'x')] }])).rejected).toMatchObject({ code: 'bad-request' });
    }
  });

  it('cut off anywhere is a batch or a bad request, never anything else', () => {
    const each = {
      timeUnixNano: nanos(1),
      body: { kvlistValue: { values: [text('a', 'b')] } },
      attributes: [text('c', 'd')],
    };
    const whole = protobufOf(otlpJson([each, each], [text('service.name', 's')], { name: 'n' }));
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
    let value: OtlpAny = { intValue: 1 };
    for (let i = 0; i < 500; i++) value = { arrayValue: { values: [value] } };
    const nested = otlpJson([{ body: value }]);
    expect(ofJson(nested).rejected).toMatchObject({ code: 'bad-request' });
    expect(otlp(protobufOf(nested), PROTOBUF).rejected).toMatchObject({ code: 'bad-request' });
  });

  it('whose attributes become much more than was sent is refused', () => {
    const leaf = Array.from({ length: 5000 }, (_, i) => text(String(i), 'x'));
    const deep = { key: 'k'.repeat(100_000), value: { kvlistValue: { values: leaf } } };
    expect(ofJson(otlpJson([{ attributes: [deep] }])).rejected).toMatchObject({ code: 'too-large' });
    const small = new PushMemory(1 << 20);
    const body = protobufOf(otlpJson(Array(1000).fill({}), [text('big', 'x'.repeat(10_000))]));
    const push = { tenant: 'acme', contentType: PROTOBUF, body, format: 'otlp' as const };
    expect(decodePush(push, limitsOf({}), NOW, small).rejected).toMatchObject({ code: 'too-large' });
    const severities = Array.from({ length: 1000 }, (_, i) => ({ severityText: `S${i}` }));
    const labels = protobufOf(otlpJson(severities, [text('service.name', 'x'.repeat(10_000))]));
    const limits = limitsOf(rules({ severity_text_as_label: true }));
    expect(decodePush({ ...push, body: labels }, limits, NOW, small).rejected).toMatchObject({ code: 'too-large' });
  });
});

/** The fields of a message, all of which must be length-prefixed and shorter than 128 bytes. */
function fieldsOf(message: Uint8Array): { whole: Uint8Array; content: Uint8Array }[] {
  const fields: { whole: Uint8Array; content: Uint8Array }[] = [];
  for (let at = 0; at < message.length; ) {
    const end = at + 2 + message[at + 1]!;
    fields.push({ whole: message.subarray(at, end), content: message.subarray(at + 2, end) });
    at = end;
  }
  return fields;
}
