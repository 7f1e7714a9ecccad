import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HAS_NATS, NatsServer } from '../../../test/support/nats.js';
import { requestOf } from '../../../test/support/query-system.js';
import { split } from '../../wire/chunks.js';
import { encode } from '../../wire/codec.js';
import type { Envelope } from '../../wire/envelope.js';
import type { Message, Reply } from '../../wire/message.js';
import { NodeClock } from './clock-node.js';
import { LocalRouter } from './router-local.js';
import { NatsRouter } from './router-nats.js';
import { inboxOf, subjectOf } from './subject.js';

const READY: Message = { kind: 'worker.ready', slots: 3 };

describe.skipIf(!HAS_NATS)('the router over NATS', () => {
  let server: NatsServer;
  const connections: NatsConnection[] = [];

  beforeAll(async () => {
    server = await NatsServer.start();
  });

  afterAll(async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    await server?.stop();
  });

  async function process(name: string, cluster = 'test'): Promise<NatsRouter> {
    const connection = await connect({ servers: server.url, reconnectTimeWait: 50, maxReconnectAttempts: -1 });
    connections.push(connection);
    const clock = new NodeClock();
    return new NatsRouter(connection, new LocalRouter({ clock }), { cluster, process: name, clock });
  }

  /** Registrations reach the server before anything sent afterwards over the same connection. */
  const flushed = (): Promise<unknown> => Promise.all(connections.map((connection) => connection.flush()));

  it('an actor of another process gets what it is told, in the order of one sender', async () => {
    const [a, b] = [await process('a1'), await process('b1')];
    const got: Envelope[] = [];
    const unregister = b.register('worker/1', (envelope) => got.push(envelope));
    await flushed();
    for (let i = 0; i < 500; i++) a.tell('scheduler/0', 'worker/1', { kind: 'worker.ready', slots: i });
    await expect.poll(() => got.length).toBe(500);
    expect(got.map(({ message }) => message.kind === 'worker.ready' && message.slots)).toEqual(
      Array.from({ length: 500 }, (_, i) => i),
    );
    expect(got[0]!.from).toBe('scheduler/0');
    unregister();
  });

  it('an ask is answered, in parts when message and reply are larger than NATS takes', async () => {
    const [a, b] = [await process('a2'), await process('b2')];
    b.register('ingester/2', ({ message, ask }) => {
      if (message.kind !== 'append') return;
      const bytes = new Uint8Array(message.batch);
      const text = `${bytes.length} ${bytes[0]} ${bytes.at(-1)} ${'x'.repeat(3 << 20)}`;
      ask!.reply({ kind: 'names', names: [text] });
    });
    await flushed();
    const batch = new SharedArrayBuffer(5 << 20);
    new Uint8Array(batch).fill(7);
    const reply = await a.ask('distributor/0', 'ingester/2', { kind: 'append', batch }, { timeoutMs: 20_000 });
    expect(reply.kind === 'names' && reply.names[0]!.slice(0, 12)).toBe('5242880 7 7 ');
  });

  it('nobody at an address is known at once', async () => {
    const a = await process('a3');
    const reply = await a.ask('x/0', 'ingester/none', READY, { timeoutMs: 60_000 });
    expect(reply).toMatchObject({ kind: 'fault', fault: { code: 'unavailable', retryable: true } });
  });

  it('an ask without an answer times out, and one whose caller left is cancelled', async () => {
    const [a, b] = [await process('a4'), await process('b4')];
    b.register('worker/silent', () => {});
    await flushed();
    const late = await a.ask('x/0', 'worker/silent', READY, { timeoutMs: 20 });
    expect(late).toMatchObject({ kind: 'fault', fault: { code: 'timeout' } });
    const abort = new AbortController();
    const left = a.ask('x/0', 'worker/silent', READY, { timeoutMs: 60_000, signal: abort.signal });
    abort.abort();
    expect(await left).toMatchObject({ kind: 'fault', fault: { code: 'cancelled' } });
  });

  it('a query whose caller leaves, or has waited long enough, is aborted where it runs', async () => {
    const [a, b] = [await process('a8'), await process('b8')];
    const aborted: string[] = [];
    b.register('querier/8', ({ message, ask }) => {
      if (message.kind !== 'query') return;
      const { query } = message.request;
      message.signal?.addEventListener('abort', () => aborted.push(query));
      if (query === 'answered') ask?.reply({ kind: 'ok' });
    });
    await flushed();
    const query = (text: string, signal: AbortSignal, timeoutMs: number) => {
      const message = { kind: 'query', request: requestOf(text), signal } as const;
      return a.ask('api/0', 'querier/8', message, { timeoutMs, signal });
    };
    const abort = new AbortController();
    expect(await query('answered', abort.signal, 60_000)).toEqual({ kind: 'ok' });
    const left = query('left', abort.signal, 60_000);
    await query('late', new AbortController().signal, 100);
    await expect.poll(() => aborted).toEqual(['late']);
    abort.abort();
    expect(await left).toMatchObject({ kind: 'fault', fault: { code: 'cancelled' } });
    await expect.poll(() => aborted).toEqual(['late', 'left']);
  });

  it('clusters on one NATS do not see each other', async () => {
    const [a, b] = [await process('a5', 'one'), await process('b5', 'two')];
    b.register('worker/5', ({ ask }) => ask?.reply({ kind: 'ok' }));
    await flushed();
    expect(await a.ask('x/0', 'worker/5', READY, { timeoutMs: 5_000 })).toMatchObject({ kind: 'fault' });
  });

  it('what is no message is dropped and counted, and nobody behind it is harmed', async () => {
    const [a, b] = [await process('a7'), await process('b7')];
    const got: Message[] = [];
    b.register('worker/7', ({ message }) => got.push(message));
    const subject = subjectOf('test', 'worker/7');
    const packet = (value: object): Uint8Array => [...split(1n, encode(value), 1 << 20)][0]!;
    const told = { from: 'x/0', to: 'worker/7' };
    const hostile = [
      new Uint8Array(0),
      new Uint8Array(100).fill(0xff),
      packet({}).subarray(0, 17),
      packet([]),
      packet({ ...told }),
      packet({ ...told, message: { kind: 'no.such.kind' } }),
      packet({ ...told, message: { kind: 'toString' } }),
      packet({ ...told, message: { kind: 'worker.ready', slots: 'many' } }),
      packet({ ...told, message: { kind: 'worker.ready', slots: -1 } }),
      packet({ ...told, to: 7, message: READY }),
      packet({ ...told, message: READY, ask: '1', inbox: 'somebody.else' }),
      packet({ ...told, message: READY, ask: '*', inbox: inboxOf('test', 'a7') }),
    ];
    await flushed();
    for (const bytes of hostile) connections[0]!.publish(subject, bytes);
    connections[0]!.publish(`${inboxOf('test', 'b7')}.0`, packet({ ask: '0', reply: { kind: 'names', names: [1] } }));
    await flushed();
    a.tell('scheduler/0', 'worker/7', READY);
    await expect.poll(() => b.dropped).toBe(hostile.length + 1);
    await expect.poll(() => got).toEqual([READY]);
  });

  it('who waits for an instance that has died learns so, and others wait on', async () => {
    const [a, b] = [await process('a8'), await process('b8')];
    const replies: ((reply: Reply) => void)[] = [];
    for (const at of ['ingester/x-1', 'ingester/x-2', 'worker/x-1'])
      b.register(at, ({ ask }) => void replies.push(ask!.reply));
    await flushed();
    const ask = (to: string): Promise<Reply> => a.ask('querier/0', to, READY, { timeoutMs: 60_000 });
    const [dead, other, same] = [ask('ingester/x-1'), ask('ingester/x-2'), ask('worker/x-1')];
    await expect.poll(() => replies.length).toBe(3);
    a.giveUp('x-1');
    for (const asked of [dead, same])
      expect(await asked).toMatchObject({ fault: { code: 'unavailable', message: expect.stringContaining('died') } });
    for (const reply of replies) reply({ kind: 'ok' });
    expect(await other).toEqual({ kind: 'ok' });
  });

  it('while NATS is away asks fail at once, and afterwards all goes on by itself', async () => {
    const own = await NatsServer.start();
    const clock = new NodeClock();
    const open = async (name: string): Promise<NatsRouter> => {
      const connection = await connect({ servers: own.url, reconnectTimeWait: 50, maxReconnectAttempts: -1 });
      connections.push(connection);
      return new NatsRouter(connection, new LocalRouter({ clock }), { cluster: 'c', process: name, clock });
    };
    const [a, b] = [await open('a6'), await open('b6')];
    b.register('worker/6', ({ message, ask }) => {
      if (message.kind === 'worker.hello') ask?.reply({ kind: 'ok' });
    });
    await flushed();
    const hello: Message = { kind: 'worker.hello', incarnation: 1, scanSlots: 1, running: [] };
    expect(await a.ask('x/0', 'worker/6', hello, { timeoutMs: 5_000 })).toEqual({ kind: 'ok' });
    const waiting = a.ask('x/0', 'worker/6', READY, { timeoutMs: 60_000 });
    await own.stop();
    expect(await waiting).toMatchObject({ kind: 'fault', fault: { code: 'unavailable' } });
    expect(await a.ask('x/0', 'worker/6', hello, { timeoutMs: 60_000 })).toMatchObject({
      kind: 'fault',
      fault: { code: 'unavailable' },
    });
    await own.restart();
    await expect
      .poll(() => a.ask('x/0', 'worker/6', hello, { timeoutMs: 500 }), { timeout: 10_000 })
      .toEqual({ kind: 'ok' });
    await own.stop();
  });
});
