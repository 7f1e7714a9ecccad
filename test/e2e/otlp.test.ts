import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { jsonOf } from '../support/client.js';
import { type Server, startServer } from '../support/server.js';

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const NOW = BigInt(Date.now()) * 1_000_000n;
const at = (seconds: number): string => String(NOW + BigInt(seconds) * 1_000_000_000n);
const TRACE = '0102030405060708090a0b0c0d0e0f10';

async function push(server: Server, request: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(request) };
  expect(await server.client.request('/otlp/v1/logs', init)).toMatchObject({ status: 204, body: '' });
}

/** Streams as clients see them that tell labels from structured metadata, oldest entry first. */
async function streams(server: Server, query: string): Promise<unknown> {
  const search = new URLSearchParams({ query, start: at(-600), end: at(600), direction: 'forward' });
  const headers = { 'x-loki-response-encoding-flags': 'categorize-labels' };
  const answer = await server.client.request(`/loki/api/v1/query_range?${search}`, { headers });
  return (jsonOf(answer) as { data: { result: unknown } }).data.result;
}

/** In memory, and again from an object. */
async function expectStreams(server: Server, query: string, expected: readonly object[]): Promise<void> {
  expect(await streams(server, query)).toEqual(expected);
  await server.client.flush();
  expect(await streams(server, query)).toEqual(expected);
}

describe("OpenTelemetry's records", () => {
  it('are found with the labels and the structured metadata they have in Loki, in order', async () => {
    const server = await startServer();
    const bare = { timeUnixNano: at(1), body: { stringValue: 'level=warn slow' } };
    const rich = {
      ...{ timeUnixNano: at(2), observedTimeUnixNano: at(3), severityNumber: 17, severityText: 'ERROR' },
      ...{ body: { kvlistValue: { values: [text('path', '/a'), { key: 'code', value: { intValue: '500' } }] } } },
      ...{ attributes: [text('http.method', 'GET'), { key: 'retry', value: { boolValue: true } }] },
      ...{ traceId: TRACE, spanId: '0102030405060708', flags: 1, droppedAttributesCount: 2 },
    };
    const resource = {
      attributes: [text('service.name', 'shop'), text('k8s.pod.name', 'p-1'), text('host.name', 'h')],
    };
    const scope = { name: 'lib', version: '1.2', attributes: [text('team', 'a')] };
    await push(server, { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [rich, bare] }] }] });

    const shared = { host_name: 'h', team: 'a', scope_name: 'lib', scope_version: '1.2' };
    const structuredMetadata = {
      ...{
        http_method: 'GET',
        retry: 'true',
        observed_timestamp: at(3),
        severity_number: '17',
        severity_text: 'ERROR',
      },
      ...{ dropped_attributes_count: '2', flags: '1', trace_id: TRACE, span_id: '0102030405060708', ...shared },
      detected_level: 'error',
    };
    const stream = { k8s_pod_name: 'p-1', service_name: 'shop' };
    const first = [at(1), 'level=warn slow', { structuredMetadata: { ...shared, detected_level: 'warn' } }];
    const second = [at(2), '{"code":500,"path":"/a"}', { structuredMetadata }];
    await expectStreams(server, '{service_name="shop"}', [{ stream, values: [first, second] }]);
    await expectStreams(server, '{k8s_pod_name="p-1"} | http_method="GET" | json | code > 499', [
      { stream, values: [[...second.slice(0, 2), { structuredMetadata, parsed: { code: '500', path: '/a' } }]] },
    ]);
  });

  it('have the labels the tenant asks for', async () => {
    const rules = `{resource_attributes: {attributes_config: [{action: index_label, attributes: [team]},
      {action: drop, regex: 'secret.*'}]}, severity_text_as_label: true}`;
    const server = await startServer({ settings: [`limits.otlp_config=${rules}`] });
    const resource = { attributes: [text('team', 'a'), text('service.name', 'shop'), text('secret.key', 'x')] };
    const logRecords = ['INFO', 'WARN'].map((severityText, i) => {
      return { timeUnixNano: at(i), severityText, body: { stringValue: severityText } };
    });
    await push(server, { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] });
    await expectStreams(server, '{team="a", severity_text="WARN"}', [
      {
        stream: { service_name: 'shop', severity_text: 'WARN', team: 'a' },
        values: [[at(1), 'WARN', { structuredMetadata: { severity_text_extracted: 'WARN', detected_level: 'warn' } }]],
      },
    ]);
    const published = parse((await server.client.request('/config/tenant/v1/limits')).body) as object;
    expect(published).toMatchObject({
      otlp_config: {
        severity_text_as_label: true,
        resource_attributes: {
          attributes_config: [{ action: 'index_label', attributes: ['team'] }, { action: 'drop' }],
        },
      },
    });
  });
});
