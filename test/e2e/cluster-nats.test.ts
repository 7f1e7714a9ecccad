import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BASE, LokiClient } from '../support/client.js';
import { CLUSTER_TIMEOUT_MS, membersOf, TestCluster } from '../support/cluster.js';
import { skald } from '../support/command.js';
import { freePort, HAS_NATS, NatsServer } from '../support/nats.js';
import { credentialsNats, HAS_OPENSSL, nkeyNats, type SecureNats, tlsNats } from '../support/nats-secure.js';
import { Server, startServer, temporaryFolder } from '../support/server.js';

const PASSWORD = 'as-secret-as-can-be';
const ENTRY = { labels: { app: 'x' }, entries: [{ time: BASE, line: 'hello' }] };
/** As few processes as talk to each other. */
const PAIR = { w: 'write', r: 'read,backend' };
const SETTINGS = ['cluster.replication_factor=1'];

describe.skipIf(!HAS_NATS)('clusters of different names on one NATS', { timeout: CLUSTER_TIMEOUT_MS }, () => {
  it('see nothing of each other', async () => {
    const nats = await NatsServer.start();
    const [one, two] = await Promise.all(
      ['one', 'one.more'].map((name) =>
        TestCluster.start({ nats: nats.url, processes: PAIR, settings: [...SETTINGS, `cluster.name=${name}`] }),
      ),
    );
    await one!.server('w').client.push([ENTRY]);
    expect(await one!.server('r').client.count('{app="x"}')).toBe(1);
    expect(await two!.server('r').client.count('{app="x"}')).toBe(0);
    for (const { client } of [...one!.servers, ...two!.servers]) expect(await membersOf(client)).toHaveLength(2);
    await nats.stop();
  });
});

describe.skipIf(!HAS_NATS)('a NATS that lets in whom it knows', { timeout: CLUSTER_TIMEOUT_MS }, () => {
  let folder: string;
  beforeAll(() => {
    folder = temporaryFolder();
  });

  const cases: readonly [string, () => SecureNats][] = [
    ['an NKEY', () => nkeyNats(join(folder, 'nkey'))],
    ['credentials (JWT)', () => credentialsNats(join(folder, 'jwt'))],
    ...(HAS_OPENSSL
      ? [['certificates and a password', () => tlsNats(join(folder, 'tls'), PASSWORD)] as [string, () => SecureNats]]
      : []),
  ];

  it.each(cases)('by %s lets Skald in with it, and says clearly what is wrong without', async (_, make) => {
    const { flags, settings } = make();
    const nats = await NatsServer.start(flags);
    const cluster = await TestCluster.start({
      nats: nats.url,
      processes: PAIR,
      settings: [...SETTINGS, ...settings],
    });
    await cluster.server('w').client.push([ENTRY]);
    expect(await cluster.server('r').client.count('{app="x"}')).toBe(1);
    for (const server of cluster.servers) {
      expect((await server.client.get('/config')).body).not.toContain(PASSWORD);
      expect(server.logTail()).not.toContain(PASSWORD);
    }
    const refused = await skald(['--role=querier', '--nats', nats.url, '--port', '0', '--data', join(folder, 'no')]);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(`cannot connect to NATS at ${nats.url}`);
    await nats.stop();
  });

  it('shows no secret when it is wrong', async () => {
    const nats = await NatsServer.start(['--user', 'skald', '--pass', PASSWORD]);
    const wrong = `not-${PASSWORD}`;
    const { code, err } = await skald(
      ['--role=querier', '--nats', nats.url, '--port', '0', '--set', 'nats.user=skald'],
      { environment: { SKALD_NATS_PASSWORD: wrong } },
    );
    expect(code).toBe(1);
    expect(err).toContain('does not let Skald in');
    expect(err).not.toContain(wrong);
    await nats.stop();
  });
});

describe('a part of a cluster', () => {
  it('without NATS is told what to do', async () => {
    const { code, err } = await skald(['--role=ingester']);
    expect(code).toBe(2);
    expect(err).toContain('--nats nats://127.0.0.1:4222');
  });

  it('that cannot reach NATS in time ends and says where it looked', async () => {
    const impatient = ['--set', 'nats.start_timeout=700ms'];
    const { code, err } = await skald(['--role=worker', '--nats', 'nats://127.0.0.1:1', '--port', '0', ...impatient]);
    expect(code).toBe(1);
    expect(err.match(/waiting for it/g)).toHaveLength(1);
    expect(err).toContain('cannot connect to NATS at nats://127.0.0.1:1');
    expect(err).toContain('is nats-server running there?');
  });

  it('masks secrets wherever settings are shown', async () => {
    const { out } = await skald(['--print-config', '--set', `nats.token=${PASSWORD}`], {
      environment: { SKALD_STORAGE_S3_SECRET_ACCESS_KEY: PASSWORD },
    });
    expect(out).not.toContain(PASSWORD);
    expect(out).toContain('token: "********"');
  });
});

describe.skipIf(!HAS_NATS)('a part of a cluster that starts before NATS', { timeout: CLUSTER_TIMEOUT_MS }, () => {
  let nats: NatsServer;
  let port: number;
  const client = new LokiClient(() => `http://127.0.0.1:${port}`);
  const options = () => ({ port, flags: ['--role=all', '--nats', nats.url], settings: SETTINGS });
  const seesItWait = (): Promise<void> =>
    expect
      .poll(() => client.get('/ready').then(({ status, body }) => `${status} ${body}`, String), { timeout: 60_000 })
      .toMatch(`503 Skald is starting: it waits for NATS at ${nats.url} until 20`) as Promise<void>;

  beforeEach(async () => {
    [nats, port] = [await NatsServer.later(), await freePort()];
    return () => nats.stop();
  });

  it('waits for it, says so and until when, and goes on once it is there', async () => {
    const starting = startServer(options());
    await seesItWait();
    expect((await client.tryPush([ENTRY])).status).toBe(503);
    await nats.restart();
    const server = await starting;
    await expect.poll(async () => (await client.get('/ready')).status, { timeout: 60_000 }).toBe(200);
    await client.push([ENTRY]);
    expect(await client.count('{app="x"}')).toBe(1);
    const said = server.logRecords().filter(({ msg }) => msg.includes('NATS is'));
    expect(said.map(({ msg }) => msg)).toEqual([
      'NATS is not there: waiting for it (nats.start_timeout)',
      'NATS is there',
    ]);
    expect(said[0]).toMatchObject({ servers: nats.url, until: expect.any(String) });
  });

  it('ends when it is told to while it waits', async () => {
    const server = new Server(options());
    const starting = server.start().catch(String);
    await seesItWait();
    expect(await server.kill('SIGTERM')).toEqual({ code: 1, signal: null });
    expect(await starting).toContain('before it was ready');
    await expect.poll(() => server.logTail()).toContain(`stopped while it waited for NATS at ${nats.url}`);
  });
});

describe.skipIf(!HAS_NATS)('a part of a cluster that cannot start', { timeout: CLUSTER_TIMEOUT_MS }, () => {
  it('ends, and says why', async () => {
    const nats = await NatsServer.start();
    const data = temporaryFolder();
    const broken = ['--role=ingester', '--nats', nats.url, '--port', '0', '--data', data];
    const { code, err } = await skald([...broken, '--bucket', 's3://?nonsense=1']);
    expect(code).toBe(1);
    expect(err).toContain('s3://BUCKET/PREFIX');
    writeFileSync(join(data, 'wal'), 'no folder');
    const noLog = await skald([...broken, '--bucket', join(data, 'bucket')]);
    expect(noLog.code).toBe(1);
    expect(noLog.err).toContain(`cannot work in the data folder ${data}`);
    await nats.stop();
  });
});
