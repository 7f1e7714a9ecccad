import { beforeAll, describe, expect, it } from 'vitest';
import { BASE, jsonOf, type LokiClient, numbered } from '../support/client.js';
import { startServer } from '../support/server.js';

describe('with authentication', () => {
  let anonymous: LokiClient;
  let red: LokiClient;
  let blue: LokiClient;

  beforeAll(async () => {
    const server = await startServer({ settings: ['auth_enabled=true'] });
    anonymous = server.client;
    red = anonymous.as('red');
    blue = anonymous.as('blue');
    await red.push([{ labels: { app: 'shared', only: 'red' }, entries: numbered(10, (i) => `red ${i}`) }]);
    await blue.push([{ labels: { app: 'shared', only: 'blue' }, entries: numbered(20, (i) => `blue ${i}`) }]);
  });

  it('a request without a tenant is answered 401', async () => {
    for (const path of ['query_range?query={app="shared"}', 'labels', 'series', 'label/app/values']) {
      expect(await anonymous.request(`/loki/api/v1/${path}`), path).toMatchObject({ status: 401 });
    }
    const push = await anonymous.tryPush([{ labels: { app: 'shared' }, entries: numbered(1) }]);
    expect(push).toMatchObject({ status: 401, body: 'no org id\n' });
    expect(await anonymous.get('/ready')).toMatchObject({ status: 200 });
  });

  it('a name that is none is refused', async () => {
    for (const name of ['..', 'a/b', 'x'.repeat(151), 'red|blue']) {
      const { status } = await anonymous.as(name).get('/loki/api/v1/labels');
      expect(status, name).toBe(400);
    }
  });

  it.each(['in memory', 'in objects'])('nobody sees the data of others %s', async (place) => {
    if (place === 'in objects') await anonymous.flush();
    expect(await red.count('{app="shared"}')).toBe(10);
    expect(await blue.count('{app="shared"}')).toBe(20);
    expect(await red.count('{only="blue"}')).toBe(0);
    expect((await red.range('{app=~".+"}')).entries.every(({ line }) => line.startsWith('red '))).toBe(true);
    expect(await red.names('label/only/values')).toEqual(['red']);
    expect(await blue.names('series', { 'match[]': '{only=~"red|blue"}' })).toHaveLength(1);
    const stats = await red.get('/loki/api/v1/index/stats', {
      query: '{app="shared"}',
      start: BASE - 1n,
      end: BASE + 10n ** 12n,
    });
    expect(jsonOf(stats)).toMatchObject({ streams: 1, entries: 10 });
    expect(await anonymous.as('green').names('labels')).toEqual([]);
  });
});

it('without authentication all data is of one tenant, whatever the header says', async () => {
  const { client } = await startServer();
  await client.as('red').push([{ labels: { app: 'open' }, entries: numbered(3) }]);
  expect(await client.as('blue').count('{app="open"}')).toBe(3);
});
