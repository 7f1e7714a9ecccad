import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { numbered } from '../support/client.js';
import { type Server, startServer, temporaryFolder } from '../support/server.js';

const SETTINGS = ['query_engine.rehearsal=true', 'query_engine.worker_threads=1', 'log.level=debug'];

/** With a folder of its own for what is temporary. */
async function rehearsing(): Promise<{ server: Server; temporary: string }> {
  const temporary = temporaryFolder();
  return { server: await startServer({ settings: SETTINGS, environment: { TMPDIR: temporary } }), temporary };
}

const logged = (server: Server, message: string) => server.logRecords().find(({ msg }) => msg.startsWith(message));

async function over(server: Server): Promise<void> {
  while ((await server.client.metric('skald_rehearsal_running')) !== 0) await delay(200);
}

it('a process rehearses once it has started, and nothing of it is left', async () => {
  const { server, temporary } = await rehearsing();
  expect(await server.client.metric('skald_rehearsal_running')).toBe(1);
  await over(server);
  expect(logged(server, 'rehearsed')).toMatchObject({ steps: expect.any(Number) });
  expect(logged(server, 'not rehearsed')).toBeUndefined();
  expect(readdirSync(temporary)).toEqual([]);
  expect(await server.client.metric('loki_distributor_lines_received_total')).toBeUndefined();
  const { body } = await server.client.get('/loki/api/v1/labels', { since: '2h' });
  expect(JSON.parse(body)).toEqual({ status: 'success' });
});

it('a process that is ended meanwhile ends in order and leaves nothing', async () => {
  const { server, temporary } = await rehearsing();
  while (readdirSync(temporary).length === 0) await delay(20);
  expect(await server.kill('SIGTERM')).toMatchObject({ code: 0 });
  expect(readdirSync(temporary)).toEqual([]);
  expect(logged(server, 'rehearsed')).toBeUndefined();
});

it('what a process that was killed has left is removed an hour later', async () => {
  const temporary = temporaryFolder();
  const [young, old] = ['skald-rehearsal-young', 'skald-rehearsal-old'].map((name) => join(temporary, name));
  for (const folder of [young!, old!]) mkdirSync(join(folder, 'wal'), { recursive: true });
  utimesSync(old!, new Date(0), new Date(0));
  const server = await startServer({ settings: SETTINGS, environment: { TMPDIR: temporary } });
  await over(server);
  expect(readdirSync(temporary)).toEqual(['skald-rehearsal-young']);
});

it('a process without a temporary folder serves all the same, and says so', async () => {
  const nowhere = join(temporaryFolder(), 'file');
  writeFileSync(nowhere, '');
  const server = await startServer({ settings: SETTINGS, environment: { TMPDIR: nowhere } });
  await over(server);
  expect(logged(server, 'not rehearsed')).toMatchObject({ level: 40 });
  await server.client.push([{ labels: { app: 'real' }, entries: numbered(10) }]);
  expect(await server.client.count('{app="real"}')).toBe(10);
});
