import { gzipSync } from 'node:zlib';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from '@opentelemetry/sdk-logs';
import { expect, it } from 'vitest';
import { type Server, startServer } from '../../support/server.js';
import { zstd } from '../../support/zstd.js';

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

it('a request in gzip, zstd or lz4 is read, and a bomb in any of them stopped', async () => {
  const server = await startServer({
    settings: ['distributor.max_decompressed_size=1MB'],
  });
  const post = async (body: Uint8Array, encoding: string): Promise<number> => {
    const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
    const init = { method: 'POST', headers, body: Buffer.from(body) };
    return (await server.client.request('/otlp/v1/logs', init)).status;
  };
  const request = (line: string): Buffer =>
    Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: line } }] }] }] }));
  const encoders = { gzip: gzipSync, zstd, lz4 } as const;
  for (const [encoding, encode] of Object.entries(encoders)) {
    expect(await post(encode(request(encoding)), encoding)).toBe(204);
    expect(await post(encode(Buffer.alloc(3_000_000)), encoding)).toBe(413);
    expect(await post(Buffer.from('no frame'), encoding)).toBe(400);
  }
  expect((await lines(server, '{service_name="unknown_service"}')).sort()).toEqual(['gzip', 'lz4', 'zstd']);
  expect(await post(request('plain'), 'br')).toBe(400);
});

/** One stored block, which is as valid a frame as any. */
function lz4(content: Uint8Array): Buffer {
  const block = Buffer.alloc(4);
  block.writeUInt32LE(content.length + 2 ** 31);
  return Buffer.concat([Buffer.from('04224d18604082', 'hex'), block, content, Buffer.alloc(4)]);
}
