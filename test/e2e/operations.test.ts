import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { BASE, HOUR, jsonOf, numbered, waitFor } from '../support/client.js';
import { startServer, temporaryFolder } from '../support/server.js';

describe('shutting down by request', () => {
  it('flushes, answers, and ends the process', async () => {
    const server = await startServer();
    await server.client.push([{ labels: { app: 'x' }, entries: numbered(5) }]);
    expect(await server.client.request('/ingester/shutdown', { method: 'POST' })).toMatchObject({ status: 204 });
    expect(await server.exit).toEqual({ code: 0, signal: null });
    expect(server.objects()).toHaveLength(1);
    await server.start();
    expect(await server.client.count('{app="x"}')).toBe(5);
  });

  it('without a flush leaves memory to the log, which loses nothing', async () => {
    const server = await startServer();
    await server.client.push([{ labels: { app: 'x' }, entries: numbered(5) }]);
    await server.client.request('/ingester/shutdown?flush=false', { method: 'POST' });
    expect(await server.exit).toEqual({ code: 0, signal: null });
    await server.start();
    expect(await server.client.count('{app="x"}')).toBe(5);
  });

  it('of the ingester alone refuses pushes and goes on answering', async () => {
    const { client } = await startServer();
    await client.push([{ labels: { app: 'x' }, entries: numbered(5) }]);
    const path = '/ingester/shutdown?terminate=false';
    expect(await client.request(path, { method: 'POST' })).toMatchObject({ status: 204 });
    expect(await client.tryPush([{ labels: { app: 'x' }, entries: numbered(1) }])).toMatchObject({ status: 503 });
    expect(await client.get('/ready')).toMatchObject({ status: 503 });
    expect(await client.count('{app="x"}')).toBe(5);
    expect((await client.get('/services')).body).toContain('ingester => Terminated\n');
  });
});

describe('what a server says of itself', () => {
  it('is true', async () => {
    const server = await startServer({ settings: ['limits.max_query_series=7', 'log.level=info'] });
    const { client } = server;
    expect((await client.get('/services')).body).toContain('querier => Running\n');
    const config = parse((await client.get('/config')).body);
    expect(config).toMatchObject({ storage: { directory: server.data }, limits: { max_query_series: 7 } });
    expect(parse((await client.get('/config?mode=diff')).body).limits).toMatchObject({ max_query_series: 7 });
    expect(parse((await client.get('/config?mode=defaults')).body)).toMatchObject({
      limits: { max_query_series: 500 },
    });
    expect(parse((await client.get('/config/tenant/v1/limits')).body)).toMatchObject({
      ...{ max_query_series: 7, max_query_length: '30d1h', max_line_size: '256KB' },
    });
    const ring = jsonOf(await client.get('/ring', {}, { headers: { accept: 'application/json' } }));
    expect(ring).toMatchObject({ shards: [{ state: 'ACTIVE', address: server.url.slice('http://'.length) }] });
    expect((await client.get('/ring')).body).toContain('<td>ACTIVE</td>');
  });

  it('includes more when the level of the log is lowered', async () => {
    const server = await startServer();
    const debugRecords = () => server.logRecords().filter(({ level }) => level === 20);
    await server.client.get('/loki/api/v1/labels');
    expect(debugRecords()).toEqual([]);
    await server.client.request('/log_level?log_level=debug', { method: 'POST' });
    expect((await server.client.get('/log_level')).body).toContain('debug');
    await server.client.get('/loki/api/v1/labels');
    await waitFor('a debug record', async () => debugRecords()[0]);
  });
});

it('limits of single tenants change while the server runs, and what is wrong changes nothing', async () => {
  const file = join(temporaryFolder(), 'runtime.yaml');
  // As editors and Kubernetes do: a reader sees the old file or the new one.
  const write = (text: string): void => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  write('overrides: {red: {max_entries_limit_per_query: 3}}');
  const server = await startServer({
    settings: ['auth_enabled=true', `runtime_config.file=${file}`, 'runtime_config.period=50ms'],
  });
  const limitOf = async (tenant: string): Promise<number> => {
    const limits = (await server.client.as(tenant).get('/config/tenant/v1/limits')).body;
    return (parse(limits) as { max_entries_limit_per_query: number }).max_entries_limit_per_query;
  };
  const ask = (tenant: string) =>
    server.client
      .as(tenant)
      .get('/loki/api/v1/query_range', { query: '{app="x"}', start: BASE - HOUR, end: BASE, limit: 4 });
  expect(await ask('red')).toMatchObject({
    status: 400,
    body: 'max entries limit per query exceeded, limit > max_entries_limit_per_query (4 > 3)',
  });
  expect((await ask('blue')).status).toBe(200);

  write("overrides: {blue: {max_entries_limit_per_query: 2, block_ingestion_until: '2999-01-01T00:00:00Z'}}");
  await waitFor('the new limits', async () => ((await limitOf('blue')) === 2 ? true : undefined));
  expect((await ask('red')).status).toBe(200);
  const push = await server.client.as('blue').tryPush([{ labels: { app: 'x' }, entries: numbered(1) }]);
  expect(push).toMatchObject({ status: 260 });
  expect(push.body).toContain("ingestion blocked for user 'blue' until '2999-01-01T00:00:00Z'");

  write('overrides: {blue: {max_entries_limit_per_query: none}}');
  await waitFor('a word about it', async () => server.logRecords().find(({ msg }) => msg.includes('stays in force')));
  expect(await limitOf('blue')).toBe(2);
});
