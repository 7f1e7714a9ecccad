import { beforeAll, describe, expect, it } from 'vitest';
import { BASE } from '../support/client.js';
import { CLUSTER_TIMEOUT_MS, TestCluster } from '../support/cluster.js';
import { HAS_NATS, NatsServer } from '../support/nats.js';
import { type S3Server, startS3 } from '../support/s3.js';

const PROCESSES = { i1: 'ingester', i2: 'ingester', d: 'distributor', q: 'querier,scheduler', w: 'worker' };
const STREAMS = 8;

describe.skipIf(!HAS_NATS)('a cluster over a bucket in S3', { timeout: CLUSTER_TIMEOUT_MS }, () => {
  let nats: NatsServer;
  let s3: S3Server;

  beforeAll(async () => {
    [nats, s3] = await Promise.all([NatsServer.start(), startS3()]);
    return async () => {
      await Promise.all([nats.stop(), s3.stop()]);
    };
  }, CLUSTER_TIMEOUT_MS);

  it('stores there what all ingesters flush at the same time, and reads it on the threads of workers', async () => {
    const { bucket, endpoint, credentials } = s3.settings;
    const cluster = await TestCluster.start({
      nats: nats.url,
      bucket: `s3://${bucket}/in/a/folder?endpoint=${endpoint}&path_style=true`,
      processes: PROCESSES,
      settings: ['cluster.replication_factor=1', `storage.s3.access_key_id=${credentials!.accessKeyId}`],
      environment: { SKALD_STORAGE_S3_SECRET_ACCESS_KEY: credentials!.secretAccessKey },
    });
    const { client } = cluster.server('d');
    for (let round = 0; round < 3; round++) {
      await client.push(
        Array.from({ length: STREAMS }, (_, i) => ({
          labels: { app: 's3', pod: `p${i}` },
          entries: [{ time: BASE + BigInt(round), line: `line ${round} of ${i}` }],
        })),
      );
      await cluster.server('q').client.flush();
      expect(await cluster.server('q').client.count('{app="s3"} |= "line"')).toBe((round + 1) * STREAMS);
    }
    for (const name of ['i1', 'i2']) await cluster.server(name).kill('SIGKILL');
    for (const name of ['i1', 'i2']) expect(cluster.server(name).objects()).toEqual([]);
    for (const name of ['i1', 'i2']) await cluster.server(name).start();
    await cluster.ready();
    expect(await cluster.server('q').client.count('{app="s3"} |= "line"')).toBe(3 * STREAMS);
    for (const { client } of cluster.servers) {
      expect((await client.get('/config')).body).toContain('secret_access_key: "********"');
    }
  });
});
