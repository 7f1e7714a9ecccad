import { pino } from 'pino';
import { type LokiOptions, pinoLoki } from 'pino-loki';
import { expect, it } from 'vitest';
import { type Server, startServer } from '../../support/server.js';

const LINES = 250;

/** Logs through pino-loki in this process, and waits until it has handed everything over. */
async function logged(
  server: Server,
  options: Partial<LokiOptions>,
  log: (logger: pino.Logger) => void,
): Promise<void> {
  const transport = pinoLoki({ host: server.url, labels: { app: 'shop' }, ...options });
  const ended = new Promise((resolve, reject) => transport.once('close', resolve).once('error', reject));
  log(pino({ level: 'trace' }, transport));
  transport.end();
  await ended;
}

const around = () => ({ start: Date.now() * 1e6 - 600e9, end: Date.now() * 1e6 + 600e9 });

/** The lines as pino-loki sends them: JSON without the level and the time. */
const numbers = (lines: readonly string[]): number[] => lines.map((line) => (JSON.parse(line) as { n: number }).n);
const UP_TO_LINES = Array.from({ length: LINES }, (_, n) => n);

it.each([
  ['in batches', { batching: { interval: 1 } }],
  ['one by one', { batching: false as const }],
])('pino-loki %s: every line is found once, by its labels', async (_, options) => {
  const server = await startServer();
  await logged(server, options, (logger) => {
    for (let n = 0; n < LINES; n++) logger.info({ n }, 'order placed');
  });
  const find = async (): Promise<number[]> => {
    const { entries } = await server.client.range('{app="shop", level="info"}', { ...around(), limit: 5000 });
    return numbers(entries.map(({ line }) => line)).sort((a, b) => a - b); // a millisecond has many
  };
  await expect.poll(find, { timeout: 10_000 }).toEqual(UP_TO_LINES);
  await server.client.flush();
  expect(await find()).toEqual(UP_TO_LINES);
});

it('pino-loki: levels, labels of properties and structured metadata arrive as such', async () => {
  const server = await startServer();
  await logged(server, { propsToLabels: ['region'], structuredMetaKey: 'meta' }, (logger) => {
    logger.error({ region: 'eu', meta: { trace_id: 'abc' } }, 'payment failed');
    logger.warn({ region: 'us' }, 'slow');
  });
  const { entries } = await server.client.range('{app="shop", region="eu"} | trace_id="abc" | json', around());
  expect(entries.map(({ labels }) => labels)).toEqual([
    expect.objectContaining({
      region: 'eu',
      level: 'error',
      detected_level: 'error',
      trace_id: 'abc',
      msg: 'payment failed',
    }),
  ]);
  expect((await server.client.range('{app="shop", level="warning"}', around())).entries).toHaveLength(1);
});

it('pino-loki: credentials that mean nothing here do not stand in the way', async () => {
  const server = await startServer();
  await logged(server, { basicAuth: { username: 'a', password: 'b' } }, (logger) => logger.info('hello'));
  expect((await server.client.range('{app="shop"}', around())).entries).toHaveLength(1);
});
