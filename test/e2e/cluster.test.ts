import { beforeAll, describe, expect, it } from 'vitest';
import { BASE, type LokiClient } from '../support/client.js';
import { CLUSTER_TIMEOUT_MS, membersOf, TestCluster } from '../support/cluster.js';
import { HAS_NATS, NatsServer } from '../support/nats.js';

const ASKS_JSON = { headers: { accept: 'application/json' } };

interface RingJson {
  readonly shards: readonly { readonly id: string; readonly state: string; readonly share?: number }[];
}

async function ring(client: LokiClient, path = '/ring'): Promise<RingJson['shards']> {
  return (JSON.parse((await client.get(path, {}, ASKS_JSON)).body) as RingJson).shards;
}

/** Until what is asked says so; restarts and gossip take their time. */
async function eventually(check: () => Promise<void>): Promise<void> {
  await expect.poll(() => check().then(() => 'so', String), { timeout: 100_000, interval: 100 }).toBe('so');
}

describe.skipIf(!HAS_NATS)('a cluster of six processes', { timeout: CLUSTER_TIMEOUT_MS }, () => {
  let nats: NatsServer;
  let cluster: TestCluster;
  let pushed = 0;

  /** Lines of one stream each; returns how many there are now. */
  async function push(client: LokiClient, streams = 20): Promise<number> {
    const at = BASE + BigInt(pushed) * 1_000_000n;
    await client.push(
      Array.from({ length: streams }, (_, i) => ({
        labels: { app: 'cluster', pod: `p${i}` },
        entries: [{ time: at, line: `line ${pushed + i}` }],
      })),
    );
    pushed += streams;
    return pushed;
  }

  const count = (name: string): Promise<number> => cluster.server(name).client.count('{app="cluster"}');

  beforeAll(async () => {
    nats = await NatsServer.start();
    cluster = await TestCluster.start({
      nats: nats.url,
      settings: ['cluster.probe_interval=300ms'],
      processes: {
        ...{ i1: 'ingester', i2: 'ingester', i3: 'ingester' },
        ...{ d: 'distributor', q: 'querier,scheduler', w: 'worker' },
      },
    });
    return async () => nats.stop();
  }, CLUSTER_TIMEOUT_MS);

  it('answers at once with what was pushed to another process, each line once, from memory and from objects', async () => {
    const all = await push(cluster.server('d').client);
    expect(await count('q')).toBe(all);
    await cluster.server('q').client.flush();
    expect(await count('q')).toBe(all);
    await push(cluster.server('d').client);
    expect(await count('q')).toBe(pushed);
    const lines = (await cluster.server('q').client.all('{app="cluster"}')).map(({ line }) => line);
    expect(new Set(lines).size).toBe(pushed);
    expect(lines).toHaveLength(pushed);
  });

  it('takes pushes and queries at every process', async () => {
    for (const server of cluster.servers) await push(server.client, 3);
    for (const server of cluster.servers) expect(await server.client.count('{app="cluster"}')).toBe(pushed);
    expect(await cluster.server('w').client.names('label/app/values')).toEqual(['cluster']);
  });

  it('shows everybody in the ring and in the memberlist, whomever one asks', async () => {
    for (const server of cluster.servers) {
      await eventually(async () => {
        const ingesters = await ring(server.client);
        expect(ingesters.map(({ state }) => state)).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE']);
        expect(ingesters.reduce((sum, { share }) => sum + share!, 0)).toBeCloseTo(1);
        expect(await ring(server.client, '/distributor/ring')).toHaveLength(1);
        expect(await ring(server.client, '/scheduler/ring')).toHaveLength(1);
        const all = await membersOf(server.client);
        expect(all.map(({ status, state }) => `${status} ${state}`)).toEqual(Array(6).fill('alive ACTIVE'));
        expect(all.map(({ address }) => address).sort()).toEqual(cluster.servers.map(({ url }) => url.slice(7)).sort());
        expect(all.flatMap(({ roles }) => roles).sort()).toEqual([
          ...['distributor', 'ingester', 'ingester', 'ingester', 'querier', 'scheduler', 'tailer', 'worker'],
        ]);
      });
    }
    const page = await cluster.server('w').client.get('/ring');
    expect(page.headers.get('content-type')).toContain('text/html');
    for (const { id } of await ring(cluster.server('w').client)) expect(page.body).toContain(`<td>${id}</td>`);
  });

  it('each process lists the services that it has', async () => {
    expect((await cluster.server('q').client.get('/services')).body).toBe(
      'server => Running\nquerier => Running\nscheduler => Running\n',
    );
  });

  it('an ingester that ends leaves the ring at once, and comes back under its name with what it had', async () => {
    const { client } = cluster.server('d');
    const before = await ring(client);
    const i1 = cluster.server('i1');
    await i1.kill('SIGTERM');
    await eventually(async () => expect(await ring(client)).toHaveLength(2));
    expect(await push(client)).toBe(await count('q'));
    await i1.start();
    await cluster.ready();
    await eventually(async () => expect(await ring(client)).toHaveLength(3));
    expect((await ring(client)).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect(await push(client)).toBe(await count('q'));
  });

  /** One process is told, and refuses to forget those that are well; all forget it, and nothing is missed. */
  async function forgetsTheDead(): Promise<void> {
    const shards = await ring(cluster.server('w').client);
    for (const { id, state } of shards) {
      const form = { method: 'POST', body: new URLSearchParams({ forget: id }), redirect: 'manual' } as const;
      const response = await cluster.server('w').client.request('/ring', form);
      if (state === 'UNHEALTHY') expect(response.status).toBe(302);
      else expect(response).toMatchObject({ status: 400, body: expect.stringContaining(`'${id}' is ACTIVE`) });
    }
    await eventually(async () => {
      for (const name of ['i1', 'i3', 'd', 'q', 'w']) {
        expect((await ring(cluster.server(name).client)).map(({ state }) => state)).toEqual(['ACTIVE', 'ACTIVE']);
      }
    });
    expect(await count('q')).toBe(pushed);
  }

  /** With another one silent a majority of what the forgotten one shared in is out of reach. */
  async function answersInPartOnlyWhereAllowed(): Promise<void> {
    const { client } = cluster.server('q');
    await cluster.server('i3').kill('SIGKILL');
    const query = '{app="cluster"}';
    for (const path of ['labels', 'label/pod/values', 'index/stats', 'detected_labels', 'detected_fields']) {
      const refused = await client.get(`/loki/api/v1/${path}`, { query });
      expect(refused).toMatchObject({ status: 503, body: expect.stringContaining('allow_partial=true') });
      const partial = await client.get(`/loki/api/v1/${path}`, { query, allow_partial: 'true' });
      expect(partial.status).toBe(200);
      expect(JSON.parse(partial.body).warnings).toEqual([expect.stringContaining('results are partial: ')]);
    }
    await cluster.server('i3').start();
  }

  it('an ingester that is killed is done without, and what it held is shown', async () => {
    const { client } = cluster.server('d');
    await push(client);
    await cluster.server('i2').kill('SIGKILL');
    await eventually(async () => expect(await count('q')).toBe(pushed));
    await eventually(async () => expect(await push(client, 5)).toBe(await count('q')));
    await eventually(async () => {
      expect((await ring(client)).map(({ state }) => state).sort()).toEqual(['ACTIVE', 'ACTIVE', 'UNHEALTHY']);
    });
    await forgetsTheDead();
    await answersInPartOnlyWhereAllowed();
    await cluster.server('i2').start();
    await cluster.ready();
    await eventually(async () => {
      expect((await ring(client)).map(({ state }) => state)).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE']);
    });
    expect(await count('q')).toBe(pushed);
  });

  it('without NATS refuses at once and says why; with it everything goes on by itself', async () => {
    await nats.stop();
    await eventually(async () => {
      for (const server of cluster.servers) {
        const { status, body } = await server.client.get('/ready');
        expect([status, body]).toEqual([503, expect.stringContaining('NATS')]);
      }
    });
    const refusedPush = await cluster
      .server('d')
      .client.tryPush([{ labels: { app: 'cluster' }, entries: [{ time: BASE, line: 'refused' }] }]);
    expect(refusedPush).toMatchObject({ status: 503, body: expect.stringContaining('NATS') });
    const refusedQuery = await cluster
      .server('q')
      .client.get('/loki/api/v1/query', { query: 'count_over_time({app="cluster"}[1h])' });
    expect(refusedQuery).toMatchObject({ status: 503, body: expect.stringContaining('NATS') });
    await nats.restart();
    await cluster.ready();
    await eventually(async () => expect(await push(cluster.server('d').client)).toBe(await count('q')));
  });
});
