import { expect, it } from 'vitest';
import { createLogger, format } from 'winston';
import LokiTransport from 'winston-loki';
import { startServer } from '../../support/server.js';

const LINES = 200;

it.each([
  ['JSON', { json: true }],
  ['snappy protobuf', { json: false }],
  ['JSON, one by one', { json: true, batching: false }],
])('winston-loki with %s: every line is found once, by its labels, before and after a flush', async (_, options) => {
  const server = await startServer();
  const errors: unknown[] = [];
  const transport = new LokiTransport({
    host: server.url,
    labels: { app: 'shop' },
    interval: 1,
    basicAuth: 'user:password',
    format: format.simple(),
    onConnectionError: (error) => errors.push(error),
    ...options,
  });
  const logger = createLogger({ level: 'debug', transports: [transport] });
  for (let n = 0; n < LINES; n++)
    logger.log({ level: n % 10 === 0 ? 'error' : 'info', message: `n=${n}`, labels: { part: String(n % 3) } });
  await transport.flush();
  const found = async (selector = '{app="shop"}'): Promise<string[]> => {
    const now = Date.now() * 1e6;
    const { entries } = await server.client.range(selector, { start: now - 600e9, end: now + 600e9, limit: 5000 });
    return entries.map(({ line }) => /n=\d+/.exec(line)![0]).sort();
  };
  const expected = Array.from({ length: LINES }, (_, n) => `n=${n}`).sort();
  await expect.poll(() => found(), { timeout: 10_000 }).toEqual(expected);
  expect(await found('{app="shop", level="error"}')).toHaveLength(LINES / 10);
  expect(await found('{app="shop", part="2"}')).toHaveLength(Math.floor(LINES / 3));
  await server.client.flush();
  expect(await found()).toEqual(expected);
  expect(errors).toEqual([]);
});
