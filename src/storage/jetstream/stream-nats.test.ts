import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket, connect as socketTo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HAS_NATS, NatsServer } from '../../../test/support/nats.js';
import { NatsStream } from './stream-nats.js';
import type { LogRecord } from './types.js';

describe.skipIf(!HAS_NATS)('a partition in JetStream', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skald-jetstream-'));
  let server: NatsServer;
  let nats: NatsConnection;

  beforeAll(async () => {
    server = await NatsServer.start(['-js', '-sd', folder]);
    nats = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  });
  afterAll(async () => {
    await nats.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const open = (partition: string, bytesMax = 0): Promise<NatsStream> =>
    NatsStream.open(nats, { cluster: 'test', partition, replicas: 0, bytesMax });
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const text = (found: Uint8Array): string => new TextDecoder().decode(found);

  async function records(stream: NatsStream, count: number, after = 0): Promise<LogRecord[]> {
    const found: LogRecord[] = [];
    await stream.read(after, (record) => {
      if (found.push(record) === count) void stream.close();
    });
    return found;
  }

  async function read(stream: NatsStream, after: number, count: number): Promise<string[]> {
    const found = await records(stream, count, after);
    return found.map(({ seq, id, bytes: record }) => `${seq} ${id} ${text(record)}`);
  }

  it('is made when it is first opened, by whoever comes first, with as many copies as there can be', async () => {
    const both = await Promise.all([open('made'), open('made')]);
    expect(both.map(({ info }) => info.config)).toMatchObject(
      Array(2).fill({ storage: 'file', num_replicas: 1, discard: 'new', retention: 'limits' }),
    );
    expect(await both[0]!.bounds()).toEqual({ firstSeq: 1, lastSeq: 0 });
  });

  it('gives records back in order, from any number on, to as many readers as there are', async () => {
    const [one, other] = [await open('read'), await open('read')];
    for (const id of ['a', 'b', 'c']) await one.publish(id, bytes(`record ${id}`));
    expect(await read(one, 0, 3)).toEqual(['1 a record a', '2 b record b', '3 c record c']);
    expect(await read(other, 1, 2)).toEqual(['2 b record b', '3 c record c']);
    expect(await read(one, 2, 1)).toEqual(['3 c record c']);
  });

  it('waits for records that do not exist yet', async () => {
    const stream = await open('wait');
    const reading = read(stream, 0, 1);
    await stream.publish('late', bytes('x'));
    expect(await reading).toEqual(['1 late x']);
  });

  it('stores a record once that is sent again', async () => {
    const stream = await open('again');
    for (const id of ['a', 'a', 'b', 'a']) await stream.publish(id, bytes(id));
    expect(await stream.bounds()).toEqual({ firstSeq: 1, lastSeq: 2 });
  });

  it('forgets what it is told to forget, and gives no number twice', async () => {
    const stream = await open('truncate');
    for (const id of ['a', 'b', 'c']) await stream.publish(id, bytes(id));
    await stream.truncate(2);
    expect(await stream.bounds()).toEqual({ firstSeq: 3, lastSeq: 3 });
    await stream.truncate(3);
    expect(await stream.bounds()).toEqual({ firstSeq: 4, lastSeq: 3 });
    await stream.publish('d', bytes('d'));
    expect(await read(stream, 0, 1)).toEqual(['4 d d']);
  });

  it('refuses records when it may not grow, as a disk that is full', async () => {
    const stream = await open('full', 2000);
    const fill = async (): Promise<void> => {
      for (let i = 0; i < 10; i++) await stream.publish(`r${i}`, new Uint8Array(500));
    };
    await expect(fill()).rejects.toMatchObject({ fault: { code: 'storage-full', retryable: true } });
  });

  it('knows whether it is still what was read', async () => {
    const stream = await open('same');
    for (const id of ['a', 'b', 'c']) await stream.publish(id, bytes(id));
    const [, , third] = await records(stream, 3);
    const { id, storedMs } = third!;
    expect(id).toBe('c');
    expect(await stream.isSame({ seq: 3, record: { id, storedMs } })).toBe(true);
    expect(await stream.isSame({ seq: 3, record: { id: 'other', storedMs } })).toBe(false);
    expect(await stream.isSame({ seq: 3, record: { id, storedMs: storedMs - 500 } })).toBe(false);
    expect(await stream.isSame({ seq: 4 })).toBe(false);
    await stream.truncate(3);
    expect(await stream.isSame({ seq: 3, record: { id, storedMs } })).toBe(true);
    const manager = await jetstreamManager(nats);
    await manager.streams.delete(stream.info.config.name);
    await expect(stream.isSame({ seq: 0 })).rejects.toMatchObject({ fault: { code: 'unavailable' } });
    await expect(stream.publish('d', bytes('d'))).rejects.toMatchObject({ fault: { code: 'unavailable' } });
    await open('same');
    expect(await stream.isSame({ seq: 0 })).toBe(false);
  });

  it.each([
    ['later', ['a', 'b', 'c', 'd']],
    ['nothing', ['a', 'b', 'c']],
  ])(
    'gives records again that were sent into a connection that broke, before %s',
    async (what, expected) => {
      const partition = `broken-${what}`;
      const direct = await open(partition);
      const proxy = await leakyProxy(server.port);
      const reader = await connect({ servers: proxy.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
      const stream = await NatsStream.open(reader, { cluster: 'test', partition, replicas: 0, bytesMax: 0 });
      const manager = await jetstreamManager(nats);
      const { name } = stream.info.config;
      const found: string[] = [];
      let last = 0;
      const reading = (async () => {
        while (found.length < expected.length) {
          const take = ({ seq, id }: LogRecord): void => {
            last = seq;
            if (found.push(id) === expected.length) void stream.close();
          };
          await stream.read(last, take).catch(() => undefined);
        }
      })();
      await direct.publish('a', bytes('a'));
      await expect.poll(() => found).toEqual(['a']);
      proxy.isLeaking = true;
      for (const id of ['b', 'c']) await direct.publish(id, bytes(id));
      const sent = async (): Promise<number> =>
        (await manager.consumers.list(name).next()).reduce((most, one) => Math.max(most, one.delivered.stream_seq), 0);
      await expect.poll(sent).toBe(3);
      proxy.breakAll();
      for (const id of expected.slice(3)) await direct.publish(id, bytes(id));
      await reading;
      expect(found).toEqual(expected);
      await reader.close();
      await proxy.close();
    },
    60_000,
  );

  it('goes on when its server has been away', async () => {
    const stream = await open('away');
    await stream.publish('a', bytes('a'));
    const [{ id, storedMs }] = (await records(stream, 1)) as [LogRecord];
    await server.stop('SIGTERM');
    await server.restart();
    await expect.poll(() => stream.bounds().catch(String), { timeout: 20_000 }).toMatchObject({ lastSeq: 1 });
    await stream.publish('b', bytes('b'));
    expect(await stream.isSame({ seq: 1, record: { id, storedMs } })).toBe(true);
    expect(await read(stream, 1, 1)).toEqual(['2 b b']);
  });
});

interface LeakyProxy {
  readonly url: string;
  /** What the server sends is thrown away. */
  isLeaking: boolean;
  /** Ends all connections, and leaks no more. */
  breakAll(): void;
  close(): Promise<void>;
}

/** Stands between a server and its clients. */
async function leakyProxy(port: number): Promise<LeakyProxy> {
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const upstream = socketTo(port, '127.0.0.1');
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined));
    client.pipe(upstream);
    upstream.on('data', (data) => proxy.isLeaking || client.write(data));
  });
  await new Promise<void>((resolve) => void listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const proxy: LeakyProxy = {
    url: `nats://127.0.0.1:${address.port}`,
    isLeaking: false,
    breakAll: () => {
      proxy.isLeaking = false;
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
    close: () => {
      proxy.breakAll();
      return new Promise((resolve) => void listener.close(() => resolve()));
    },
  };
  return proxy;
}
