/** Partitions over a real NATS: their writers, their readers, and what becomes of both. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { entriesOf } from '../../../test/support/entries.js';
import { A, EVERYTHING, readRows } from '../../../test/support/ingester-steps.js';
import { HAS_NATS, NatsServer } from '../../../test/support/nats.js';
import { LogWriter } from '../../actors/distributor/log-writer.js';
import { IngesterActor } from '../../actors/ingester/actor.js';
import type { Flusher } from '../../actors/ingester/flusher.js';
import { loadFingerprint } from '../../actors/ingester/recent.js';
import { DEFAULT_INGESTER_SETTINGS } from '../../actors/ingester/settings.js';
import type { RingInstance } from '../../actors/ring/instances.js';
import { partitionAddress } from '../../actors/ring/partitions.js';
import { NodeClock, NodeRandom } from '../../actors/runtime/clock-node.js';
import { LocalRouter } from '../../actors/runtime/router-local.js';
import { NatsRouter } from '../../actors/runtime/router-nats.js';
import { NatsStream } from '../../storage/jetstream/stream-nats.js';
import { DEFAULT_LIMITS } from '../../wire/limits.js';
import type { Message, Reply } from '../../wire/message.js';
import type { LiveSnapshot } from '../../wire/messages/live.js';
import { Partitions } from './partitions.js';

const fingerprint = await loadFingerprint();
const random = new NodeRandom();
const PARTITION = 'partition-0';

describe.skipIf(!HAS_NATS)('partitions', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skald-partitions-'));
  let server: NatsServer;
  let worlds: World[] = [];

  beforeAll(async () => {
    server = await NatsServer.start(['-js', '-sd', folder]);
  });
  afterEach(async () => {
    await Promise.all(worlds.map((world) => world.close()));
    worlds = [];
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  async function world(): Promise<World> {
    const made = new World(server.url);
    worlds.push(made);
    await made.process('client');
    return made;
  }

  it('give back what was acknowledged, and forget it when objects have it', async () => {
    const at = await world();
    await at.reader('a');
    at.active('a');
    expect(await at.append('one')).toEqual({ kind: 'ok' });
    await at.sees(['one']);
    expect(await at.append('two')).toEqual({ kind: 'ok' });
    await at.sees(['one', 'two']);
    expect(await at.ask({ kind: 'flush' })).toEqual({ kind: 'ok' });
    await at.sees([]);
    expect(at.objects).toEqual(['one', 'two']);
    await expect.poll(() => at.left()).toBe(0);
  });

  it('take an append once that is sent again, and split what NATS would not take', async () => {
    const at = await world();
    await at.reader('a');
    at.active('a');
    const many = Array.from({ length: 40 }, (_, i) => `${i} ${'x'.repeat(100_000)}`);
    expect([await at.append(...many), await at.append(...many)]).toEqual([{ kind: 'ok' }, { kind: 'ok' }]);
    await at.sees(many);
    expect(await at.left()).toBeGreaterThan(3);
    expect(await at.append('y'.repeat(2 << 20))).toMatchObject({ fault: { code: 'too-large' } });
  });

  it('lose nothing when their reader dies before its object is listed', async () => {
    const at = await world();
    const first = await at.reader('a', { store: () => new Promise(() => undefined) });
    at.active('a');
    await at.put('one');
    await at.sees(['one']);
    void at.ask({ kind: 'flush' });
    await at.put('two');
    await at.sees(['one', 'two']);
    await first.die();
    await at.reader('b');
    at.active('b');
    await at.sees(['one', 'two']);
    expect(at.objects).toEqual([]);
  });

  it('show what they had in memory and in objects, when it dies before it could forget its log', async () => {
    const at = await world();
    at.canTruncate = false;
    const first = await at.reader('a');
    at.active('a');
    await at.put('one');
    await at.sees(['one']);
    await at.ask({ kind: 'flush' });
    await at.put('two');
    await at.sees(['two']);
    await first.die();
    await at.reader('b');
    at.active('b');
    // What is in both is one entry to a query.
    await at.sees(['one', 'two']);
    expect(at.objects).toEqual(['one']);
    at.canTruncate = true;
    await at.ask({ kind: 'flush' });
    expect(new Set(at.objects)).toEqual(new Set(['one', 'two']));
    expect(new Set(at.paths).size).toBe(at.paths.length);
    await expect.poll(() => at.left()).toBe(0);
  });

  it('are never without a reader that has all, while they go from one to the other', async () => {
    const at = await world();
    await at.reader('a');
    at.active('a');
    for (let i = 0; i < 20; i++) await at.put(`line ${i}`);
    const all = Array.from({ length: 20 }, (_, i) => `line ${i}`);
    await at.sees(all);
    await at.reader('b');
    const seen: (readonly string[])[] = [];
    let isOver = false;
    const watching = (async () => {
      while (!isOver) seen.push(await at.rows());
    })();
    at.active('b');
    await expect.poll(() => at.isReadBy('b'), { timeout: 10_000 }).toBe(true);
    await expect.poll(() => at.isReadBy('a'), { timeout: 10_000 }).toBe(false);
    isOver = true;
    await watching;
    expect(seen.length).toBeGreaterThan(2);
    for (const rows of seen) expect(rows).toEqual(all);
    expect(at.objects).toEqual([]);
  });

  it('are put into objects when nobody is left to read them', async () => {
    const at = await world();
    const only = await at.reader('a');
    at.active('a');
    await at.put('one');
    await at.sees(['one']);
    at.active();
    expect(await only.partitions.drain(5000)).toBe(true);
    expect(at.objects).toEqual(['one']);
    expect(await at.left()).toBe(0);
  });

  it('begin anew when JetStream has lost records: what was read goes to objects, and new entries are seen', async () => {
    const at = await world();
    await at.reader('a');
    at.active('a');
    await at.put('read before');
    await at.sees(['read before']);
    await at.loseAll();
    await expect
      .poll(async () => (await at.append('sent afterwards')).kind, { timeout: 20_000, interval: 200 })
      .toBe('ok');
    await at.sees(['sent afterwards'], 20_000);
    await expect.poll(() => at.objects).toEqual(['read before']);
    expect(at.said).toContainEqual(expect.stringContaining('JetStream lost records'));
  });
});

/** Processes that share a NATS, a partition and a store of objects. */
class World {
  readonly cluster = `c${random.ulid()}`;
  readonly objects: string[] = [];
  readonly paths: string[] = [];
  readonly said: string[] = [];
  canTruncate = true;
  readonly #url: string;
  readonly #connections: NatsConnection[] = [];
  readonly #watchers: (() => void)[] = [];
  readonly #readers: Partitions[] = [];
  #instances: readonly RingInstance[] = [];
  #client: NatsRouter | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  async process(name: string): Promise<{ connection: NatsConnection; router: NatsRouter }> {
    const connection = await connect({ servers: this.#url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    this.#connections.push(connection);
    const clock = new NodeClock();
    const router = new NatsRouter(connection, new LocalRouter({ clock }), {
      ...{ cluster: this.cluster, process: `${name}.${random.ulid()}`, clock },
    });
    if (name === 'client') {
      this.#client = router;
      const recordBytesMax = (): number => connection.info!.max_payload - 1024;
      new LogWriter('distributor/writer', { router, open: () => this.#open(connection), recordBytesMax });
    }
    return { connection, router };
  }

  /** A process with an ingester; it reads nothing before it is active. */
  async reader(name: string, flusher: Flusher = this.#flusher()) {
    const { connection, router } = await this.process(name);
    const clock = new NodeClock();
    const partitions = new Partitions({
      ...{ router, clock, process: name, partitions: [PARTITION], newLife: () => random.ulid() },
      log: (level, message) => this.said.push(`${level}: ${message}`),
      openStream: () => this.#open(connection),
      ingester: async (instance, openLog) =>
        new IngesterActor(
          {
            ...{ router, clock, openLog, flusher, fingerprint, life: random.ulid(), limits: () => DEFAULT_LIMITS },
            metastore: { coverage: async () => [], copies: async () => [] },
            log: (level, message) => this.said.push(`${level}: ${message}`),
          },
          { ...DEFAULT_INGESTER_SETTINGS, instance, flushBackoffMinMs: 1 },
        ),
      instances: () => this.#instances,
      watch: (watcher) => this.#watchers.push(watcher),
    });
    this.#readers.push(partitions);
    await partitions.start();
    return { partitions, die: () => connection.close() };
  }

  /** Who takes part from now on, as everybody hears. */
  active(...names: string[]): void {
    this.#instances = names.map((name) => ({ name, zone: '', address: '', state: 'ACTIVE', registeredMs: 0 }));
    for (const watcher of this.#watchers) watcher();
  }

  append(...lines: string[]): Promise<Reply> {
    const batch = entriesOf({ [A]: lines.map((line) => [1, line] as const) }).buffer;
    return this.#client!.ask('client/1', 'distributor/writer', { kind: 'append', batch }, { timeoutMs: 10_000 });
  }

  /** As a client does that is told to try again. */
  async put(...lines: string[]): Promise<void> {
    await expect.poll(() => this.append(...lines), { timeout: 20_000, interval: 200 }).toEqual({ kind: 'ok' });
  }

  ask(message: Message, to = partitionAddress(PARTITION)): Promise<Reply> {
    return this.#client!.ask('client/1', to, message, { timeoutMs: 10_000 });
  }

  /** Lines in memory. Throws when nobody answers. */
  async rows(): Promise<readonly string[]> {
    const message = { kind: 'live.resolve', tenant: 'tenant', range: EVERYTHING, matchers: [], query: 'q' } as const;
    const reply = await this.ask(message);
    if (reply.kind !== 'live') throw new Error(JSON.stringify(reply));
    const { ingester, memtables }: LiveSnapshot = reply.snapshot;
    const rows: string[] = [];
    for (const { snapshot, streams } of memtables) {
      const wanted = { kind: 'live.read', snapshot, streams: Int32Array.from(streams, ({ id }) => id) } as const;
      rows.push(...readRows(await this.ask(wanted, `ingester/${ingester}`)));
    }
    return rows.map((row) => row.replace(/^1 (.*) {}$/, '$1'));
  }

  async sees(lines: readonly string[], timeout = 10_000): Promise<void> {
    await expect.poll(() => this.rows().catch(String), { timeout }).toEqual(lines);
  }

  async isReadBy(process: string): Promise<boolean> {
    const reply = await this.ask({ kind: 'live.release', query: '' }, `ingester/${PARTITION}@${process}`);
    return reply.kind === 'ok';
  }

  /** Records in the log. */
  async left(): Promise<number> {
    const { firstSeq, lastSeq } = await (await this.#open(this.#connections[0]!)).bounds();
    return lastSeq - firstSeq + 1;
  }

  async loseAll(): Promise<void> {
    const manager = await jetstreamManager(this.#connections[0]!);
    await manager.streams.delete(`skald_${this.cluster}_${PARTITION}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.#readers.map((reader) => reader.drain(0)));
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }

  async #open(connection: NatsConnection): Promise<NatsStream> {
    const stream = await NatsStream.open(connection, {
      ...{ cluster: this.cluster, partition: PARTITION, replicas: 0, bytesMax: 0 },
    });
    const truncate = stream.truncate.bind(stream);
    stream.truncate = async (seq) => {
      if (!this.canTruncate) throw new Error('the process died');
      await truncate(seq);
    };
    return stream;
  }

  #flusher(): Flusher {
    return {
      store: async ({ batches, source }) => {
        for (const { messages, messageOffsets, rows } of batches) {
          for (let row = 0; row < rows; row++) {
            const line = messages.subarray(messageOffsets[row]!, messageOffsets[row + 1]!);
            this.objects.push(Buffer.from(line).toString());
          }
        }
        this.paths.push(`${source.writer}-${source.fromSeq}-${source.toSeq}`);
        return { bytes: 1 };
      },
    };
  }
}
