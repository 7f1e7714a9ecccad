/** Clients that try again lose nothing while the server is away, and nothing is there twice. */
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from '@opentelemetry/sdk-logs';
import { expect, it } from 'vitest';
import { createLogger, format } from 'winston';
import LokiTransport from 'winston-loki';
import { type Front, startFront } from '../../support/front.js';
import { type Server, startServer } from '../../support/server.js';

const LINES = 60;
const LONG = 60_000;

interface Outage {
  readonly server: Server;
  readonly front: Front;
  /** The server dies; it comes back once somebody has been told that it is away. */
  readonly begin: () => Promise<void>;
  readonly ended: () => Promise<void>;
}

async function outage(): Promise<Outage> {
  const server = await startServer();
  let isUp = true;
  let back = Promise.resolve();
  const front = await startFront(() => (isUp ? server.url : null));
  const comeBack = async (): Promise<void> => {
    await expect.poll(() => front.refused, { timeout: LONG }).toBeGreaterThan(0);
    await server.start();
    isUp = true;
  };
  const begin = async (): Promise<void> => {
    isUp = false;
    await server.kill('SIGKILL');
    back = comeBack();
  };
  return { server, front, begin, ended: () => back };
}

async function lines(server: Server, query: string): Promise<string[]> {
  const now = Date.now() * 1e6;
  const range = { start: now - 600e9, end: now + 600e9, limit: 5000, direction: 'forward' };
  return (await server.client.range(query, range)).entries.map(({ line }) => line);
}

const named = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `line ${from + i}`);

it.each<[string, (url: string) => LogRecordExporter]>([
  ['JSON', (url) => new JsonExporter({ url, timeoutMillis: LONG })],
  ['protobuf, gzipped', (url) => new ProtobufExporter({ url, timeoutMillis: LONG, compression: 'gzip' as never })],
])(
  "OpenTelemetry's exporter in %s delivers what it logged while the server was away, in order",
  async (_, exporter) => {
    const { server, front, begin, ended } = await outage();
    const processor = new BatchLogRecordProcessor(exporter(`${front.url}/otlp/v1/logs`), {
      maxExportBatchSize: 20,
      exportTimeoutMillis: LONG,
    });
    const resource = resourceFromAttributes({ 'service.name': 'shop' });
    const provider = new LoggerProvider({ resource, processors: [processor] });
    const logger = provider.getLogger('test');
    const first = Date.now() - LINES;
    const emit = (from: number, to: number): void => {
      for (let n = from; n < to; n++) logger.emit({ timestamp: first + n, body: `line ${n}` });
    };
    emit(0, LINES / 2);
    await provider.forceFlush();
    await begin();
    emit(LINES / 2, LINES);
    await provider.forceFlush();
    await ended();
    await provider.shutdown();
    expect(await lines(server, '{service_name="shop"}')).toEqual(named(0, LINES));
    await server.client.flush();
    expect(await lines(server, '{service_name="shop"}')).toEqual(named(0, LINES));
  },
  LONG,
);

it.each([
  ['JSON', { json: true }],
  ['snappy protobuf', { json: false }],
])(
  'winston-loki with %s keeps what it could not deliver, and delivers it later',
  async (_, options) => {
    const { server, front, begin, ended } = await outage();
    const transport = new LokiTransport({
      host: front.url,
      labels: { app: 'shop' },
      interval: 1,
      format: format.printf(({ message }) => String(message)),
      onConnectionError: () => undefined,
      ...options,
    });
    const logger = createLogger({ transports: [transport] });
    const found = async (): Promise<string[]> => (await lines(server, '{app="shop"}')).sort();
    for (const line of named(0, LINES / 2)) logger.info(line);
    await expect.poll(found, { timeout: LONG }).toEqual(named(0, LINES / 2).sort());
    await begin();
    for (const line of named(LINES / 2, LINES)) logger.info(line);
    await ended();
    logger.close(); // after a failure it waits a minute, but not with its last words
    await expect.poll(found, { timeout: LONG }).toEqual(named(0, LINES).sort());
    await server.client.flush();
    expect(await found()).toEqual(named(0, LINES).sort());
  },
  LONG,
);
