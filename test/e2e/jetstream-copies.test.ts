/** Three nats-servers keep three copies of the log, and one of them may be killed at any moment. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type JetStreamManager, jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { NatsStream } from '../../src/storage/jetstream/stream-nats.js';
import { openEntries } from '../../src/wire/entries.js';
import { BASE, type PushStream } from '../support/client.js';
import { TestCluster } from '../support/cluster.js';
import { HAS_NATS } from '../support/nats.js';
import { NatsCluster } from '../support/nats-cluster.js';

const NAMES = ['n1', 'n2', 'n3'];
const PARTITIONS = ['partition-0', 'partition-1'];
const SELECTOR = '{app="copies"}';
const LINES = 10;
const PATIENCE = { timeout: 60_000, interval: 100 };

function streamsOf(first: number): PushStream[] {
  return Array.from({ length: LINES }, (_, i) => ({
    labels: { app: 'copies', pod: `p${i}` },
    entries: [{ time: BASE + BigInt(first + i) * 1_000_000n, line: `line ${first + i}` }],
  }));
}

describe.skipIf(!HAS_NATS)('a log of which three nats-servers have copies', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'skald-e2e-copies-'));
  let servers: NatsCluster;
  let nats: NatsConnection;
  let manager: JetStreamManager;
  let cluster: TestCluster;
  let acknowledged = 0;
  let isWriting = true;
  let writer: Promise<void>;

  /** Numbered lines, one push after the other, each sent until it is acknowledged, as log shippers do. */
  async function write(): Promise<void> {
    while (isWriting) {
      const { status, body } = await cluster.server('d').client.tryPush(streamsOf(acknowledged));
      if (status === 204) acknowledged += LINES;
      else if (status < 500) throw new Error(`push was answered ${status}: ${body}`);
      await delay(status === 204 ? 20 : 200);
    }
  }

  const goesOn = async (): Promise<void> => {
    const before = acknowledged;
    await expect.poll(() => acknowledged, PATIENCE).toBeGreaterThan(before + 10 * LINES);
  };
  const infoOf = (partition: string): Promise<StreamInfo> => manager.streams.info(`skald_skald_${partition}`);
  const leaders = async (): Promise<string[]> =>
    Promise.all(PARTITIONS.map(async (partition) => (await infoOf(partition)).cluster!.leader!));
  const haveAllCopies = async (): Promise<boolean> => {
    const infos = await Promise.all(PARTITIONS.map(infoOf));
    return infos.every(({ cluster }) => cluster!.replicas!.every(({ current, offline }) => current && !offline));
  };

  /** Lines in the log itself, where queries cannot merge what is there twice. */
  async function logged(partition: string): Promise<number> {
    const stream = await NatsStream.open(nats, { cluster: 'skald', partition, replicas: 3, bytesMax: 0 });
    const { firstSeq, lastSeq } = await stream.bounds();
    let rows = 0;
    await stream.read(firstSeq - 1, ({ seq, bytes }) => {
      const shared = new SharedArrayBuffer(bytes.length);
      new Uint8Array(shared).set(bytes);
      rows += openEntries(shared).rows;
      if (seq === lastSeq) void stream.close();
    });
    return rows;
  }

  beforeAll(async () => {
    servers = await NatsCluster.later(NAMES, folder);
    await Promise.all(['n1', 'n2'].map((name) => servers.server(name).restart()));
    cluster = await TestCluster.start({
      nats: servers.urls,
      settings: ['ingest.log=jetstream', `ingest.jetstream.partitions=${PARTITIONS.length}`],
      processes: { i: 'ingester', d: 'distributor,querier,scheduler,worker' },
    });
    nats = await connect({ servers: servers.urls.split(','), maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    manager = await jetstreamManager(nats);
    return async () => {
      isWriting = false;
      await writer;
      await nats.close();
      await servers.stop();
      rmSync(folder, { recursive: true });
    };
  }, 120_000);

  it('takes nothing while a server is late, rather than keep one copy for ever', async () => {
    const refused = await cluster.server('d').client.tryPush(streamsOf(0));
    expect(refused.status).toBeGreaterThanOrEqual(503);
    expect(refused.body).toContain('JetStream');
    await servers.server('n3').restart();
    writer = write();
    await goesOn();
    for (const partition of PARTITIONS) expect((await infoOf(partition)).config.num_replicas).toBe(3);
  });

  it('goes on when a server is killed that leads nothing, and when the leader is', async () => {
    const led = await leaders();
    const follower = NAMES.find((name) => !led.includes(name))!;
    await servers.server(follower).stop('SIGKILL');
    await goesOn();
    await servers.server(follower).restart();
    await expect.poll(() => haveAllCopies().catch(() => false), PATIENCE).toBe(true);
    const [leader] = await leaders();
    await servers.server(leader!).stop('SIGKILL');
    await goesOn();
    await servers.server(leader!).restart();
    await goesOn();
    isWriting = false;
    await writer;
  });

  it('has lost nothing and has nothing twice, in the log, in memory and in objects', async () => {
    const { client } = cluster.server('d');
    const sees = (): Promise<number> => client.count(SELECTOR).catch(() => -1);
    await expect.poll(sees, PATIENCE).toBe(acknowledged);
    // A server that has just come back may not be heard for a while, and then the log is read anew, as ingesters do.
    const inLog = async (): Promise<number> =>
      (await Promise.all(PARTITIONS.map(logged))).reduce((sum, rows) => sum + rows, 0);
    await expect.poll(() => inLog().catch(() => -1), PATIENCE).toBe(acknowledged);
    await client.flush();
    await expect.poll(sees, PATIENCE).toBe(acknowledged);
    const lines = (await client.all(SELECTOR)).map(({ line }) => line);
    expect(lines).toEqual(Array.from({ length: acknowledged }, (_, i) => `line ${i}`));
  });
});
