import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HAS_NATS, NatsServer } from '../../../test/support/nats.js';
import { NodeClock, NodeRandom } from '../runtime/clock-node.js';
import { LocalRouter } from '../runtime/router-local.js';
import { NatsRouter } from '../runtime/router-nats.js';
import { Membership } from './actor.js';
import { DEFAULT_MEMBERSHIP_SETTINGS } from './settings.js';

const FAST = {
  ...DEFAULT_MEMBERSHIP_SETTINGS,
  probeIntervalMs: 50,
  probeTimeoutMs: 20,
  gossipIntervalMs: 20,
  syncIntervalMs: 300,
};

describe.skipIf(!HAS_NATS)('members over NATS', () => {
  let server: NatsServer;
  const connections = new Map<string, NatsConnection>();

  beforeAll(async () => {
    server = await NatsServer.start();
  });

  afterAll(async () => {
    await Promise.all([...connections.values()].map((connection) => connection.close()));
    await server.stop();
  });

  async function member(name: string): Promise<Membership> {
    const connection = await connect({ servers: server.url });
    connections.set(name, connection);
    const clock = new NodeClock();
    const router = new NatsRouter(connection, new LocalRouter({ clock }), { cluster: 'm', process: name, clock });
    const details = { roles: ['ingester'], zone: '', address: '', state: 'ACTIVE' as const, registeredMs: 1 };
    const parts = { router, clock, random: new NodeRandom(), onChange: () => {} };
    const membership = new Membership(name, details, parts, FAST);
    await connection.flush();
    membership.join(['*']);
    return membership;
  }

  const view = (of: Membership): string[] =>
    of
      .members()
      .map(({ name, status }) => `${name} ${status}`)
      .sort();

  it('find each other by asking everyone, and see who leaves and who dies', async () => {
    const members = await Promise.all(['a', 'b', 'c', 'd'].map(member));
    const [a, b] = members as [Membership, Membership, Membership, Membership];
    for (const each of members) {
      await expect.poll(() => view(each), { timeout: 10_000 }).toEqual(['a alive', 'b alive', 'c alive', 'd alive']);
    }
    b.leave();
    b.close();
    await connections.get('c')!.close(); // as if its process had been killed
    members[2]!.close();
    await expect.poll(() => view(a), { timeout: 20_000 }).toEqual(['a alive', 'b left', 'c dead', 'd alive']);
    for (const each of members) each.close();
  });
});
