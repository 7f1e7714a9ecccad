/** Clusters whose log is JetStream, as their users run them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { BASE, type LokiClient } from '../support/client.js';
import { TestCluster } from '../support/cluster.js';
import { HAS_NATS, NatsServer } from '../support/nats.js';

const SELECTOR = '{app="jetstream"}';

/** Queries are refused for as long as a partition has no reader; what they then say must be right at once. */
async function answer(client: LokiClient): Promise<number> {
  let count = -1;
  const asked = async (): Promise<boolean> => {
    count = await client.count(SELECTOR).catch(() => -1);
    return count >= 0;
  };
  await expect.poll(asked, { timeout: 40_000, interval: 100 }).toBe(true);
  return count;
}

describe.skipIf(!HAS_NATS)('a cluster with its log in JetStream', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skald-e2e-jetstream-'));
  let nats: NatsServer;
  let cluster: TestCluster;
  let pushed = 0;

  async function push(streams = 20): Promise<void> {
    const at = BASE + BigInt(pushed) * 1_000_000n;
    await cluster.server('d').client.push(
      Array.from({ length: streams }, (_, i) => ({
        labels: { app: 'jetstream', pod: `p${i}` },
        entries: [{ time: at, line: `line ${pushed + i}` }],
      })),
    );
    pushed += streams;
  }

  const q = (): LokiClient => cluster.server('q').client;
  /** What was acknowledged is seen as soon as it has been read, which takes no time worth mentioning. */
  const seesAll = (): Promise<void> =>
    expect.poll(() => answer(q()), { timeout: 20_000, interval: 50 }).toBe(pushed) as Promise<void>;

  beforeAll(async () => {
    nats = await NatsServer.start(['-js', '-sd', folder]);
    cluster = await TestCluster.start({
      nats: nats.url,
      settings: ['ingest.log=jetstream', 'ingest.jetstream.partitions=4', 'cluster.probe_interval=200ms'],
      processes: { i1: 'ingester', i2: 'ingester', d: 'distributor', q: 'querier,scheduler,worker' },
    });
    return async () => {
      await nats.stop();
      rmSync(folder, { recursive: true });
    };
  }, 60_000);

  it('answers with what was pushed, each line once, from memory and from objects', async () => {
    await push();
    await seesAll();
    await q().flush();
    expect(await answer(q())).toBe(pushed);
    await push();
    await seesAll();
    const lines = (await q().all(SELECTOR)).map(({ line }) => line);
    expect([lines.length, new Set(lines).size]).toEqual([pushed, pushed]);
  });

  it('shares partitions between ingesters, and says what NATS does not promise', async () => {
    for (const name of ['i1', 'i2']) {
      const { body } = await cluster.server(name).client.get('/metrics');
      expect(body).toMatch(/loki_ingester_partition_records_total [1-9]/);
      expect(cluster.server(name).logTail()).toMatch(/JetStream: .*sync_interval: always/);
    }
  });

  it('loses nothing and shows nothing twice when an ingester is killed, and when it comes back', async () => {
    await push();
    await cluster.server('i1').kill();
    await push();
    await seesAll();
    await cluster.server('i1').restart();
    await push();
    await seesAll();
  });

  it('hands over what an ingester that ends has read, and takes pushes while nobody reads', async () => {
    await cluster.server('i1').kill('SIGTERM');
    await push();
    await seesAll();
    await cluster.server('i2').kill('SIGTERM');
    await push();
    await cluster.server('i2').restart();
    await seesAll();
    await q().flush();
    expect(await answer(q())).toBe(pushed);
  });
});
