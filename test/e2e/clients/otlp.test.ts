import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from '@opentelemetry/sdk-logs';
import { expect, it } from 'vitest';
import { type Server, startServer } from '../../support/server.js';

const RECORDS = 300;

/** Logs through OpenTelemetry's own pipeline, and waits until it has handed everything over. */
async function logged(exporter: LogRecordExporter): Promise<void> {
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop', 'host.name': 'h-1' }),
    processors: [new BatchLogRecordProcessor(exporter, { maxExportBatchSize: 100 })],
  });
  const logger = provider.getLogger('orders', '1.2.3');
  for (let n = 0; n < RECORDS; n++) {
    const severityNumber = n % 10 === 0 ? SeverityNumber.ERROR : SeverityNumber.INFO;
    const severityText = n % 10 === 0 ? 'ERROR' : 'INFO';
    logger.emit({ severityNumber, severityText, body: `order ${n}`, attributes: { n, 'http.route': '/orders' } });
  }
  logger.emit({ body: { order: { id: 7, parts: ['a', 'b'] } } });
  await provider.forceFlush();
  await provider.shutdown();
}

async function lines(server: Server, query: string): Promise<string[]> {
  const now = Date.now() * 1e6;
  const { entries } = await server.client.range(query, { start: now - 600e9, end: now + 600e9, limit: 5000 });
  return entries.map(({ line }) => line);
}

it.each([
  ['JSON', (url: string) => new JsonExporter({ url })],
  ['JSON, gzipped', (url: string) => new JsonExporter({ url, compression: 'gzip' as never })],
  ['protobuf, gzipped', (url: string) => new ProtobufExporter({ url, compression: 'gzip' as never })],
  ['protobuf', (url: string) => new ProtobufExporter({ url })],
])("OpenTelemetry's exporter in %s: every record is found once, before and after a flush", async (_, exporter) => {
  const server = await startServer();
  await logged(exporter(`${server.url}/otlp/v1/logs`));
  const expected = Array.from({ length: RECORDS }, (_, n) => `order ${n}`).sort();
  for (const place of ['memory', 'objects']) {
    expect((await lines(server, '{service_name="shop"} |= "order "')).sort(), place).toEqual(expected);
    const errors = '{service_name="shop"} | detected_level="error" | severity_number=17 | http_route="/orders"';
    expect(await lines(server, errors), place).toHaveLength(RECORDS / 10);
    const about = '{service_name="shop"} | scope_name="orders" | scope_version="1.2.3" | host_name="h-1" | n=42';
    expect(await lines(server, about), place).toEqual(['order 42']);
    const nested = '{service_name="shop"} | json | order_id="7"';
    expect(await lines(server, nested), place).toEqual(['{"order":{"id":7,"parts":["a","b"]}}']);
    await server.client.flush();
  }
});

it('a request in zstd is read, one in lz4 refused, and a bomb stopped', async () => {
  const server = await startServer({ settings: ['distributor.max_decompressed_size=1MB'] });
  const { zstd } = await import('../../support/zstd.js');
  const post = (body: Uint8Array, encoding: string): Promise<Response> =>
    fetch(`${server.url}/otlp/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': encoding },
      body: Buffer.from(body),
    });
  const request = JSON.stringify({
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'packed' } }] }] }],
  });
  expect((await post(zstd(Buffer.from(request)), 'zstd')).status).toBe(204);
  expect(await lines(server, '{service_name="unknown_service"}')).toEqual(['packed']);
  expect((await post(Buffer.from('x'), 'lz4')).status).toBe(400);
  expect((await post(zstd(Buffer.alloc(50_000_000)), 'zstd')).status).toBe(413);
  expect((await post(Buffer.from('no frame'), 'zstd')).status).toBe(400);
});
