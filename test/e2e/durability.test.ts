import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { BASE, type LokiClient, numbered, type PushStream, SECOND } from '../support/client.js';
import { SeededRandom } from '../support/random.js';
import { type Server, startServer } from '../support/server.js';

const BATCH_LINES = 20;

/** Pushes numbered lines, one batch at a time; a batch without an acknowledgement is pushed again until it has one. */
class Writer {
  readonly name: string;
  readonly #client: LokiClient;
  /** Batches acknowledged, and batches of which at least one request was begun. */
  acknowledged = 0;
  begun = 0;
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(name: string, client: LokiClient) {
    this.name = name;
    this.#client = client;
  }

  start(): void {
    this.#stopped = false;
    this.#loop = this.#run();
  }

  /** Waits for the request under way to end, one way or the other. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
  }

  /** Lines that must be there, and lines that may be. */
  get certain(): number {
    return this.acknowledged * BATCH_LINES;
  }

  get possible(): number {
    return this.begun * BATCH_LINES;
  }

  /** Pushes what is still without an acknowledgement. */
  async settle(): Promise<void> {
    while (this.acknowledged < this.begun) if (await this.#push(this.acknowledged)) this.acknowledged++;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.begun = Math.max(this.begun, this.acknowledged + 1);
      if (await this.#push(this.acknowledged)) this.acknowledged++;
      else await delay(5);
    }
  }

  async #push(batch: number): Promise<boolean> {
    try {
      return (await this.#client.tryPush([batchOf(this.name, batch)], batch % 2 ? 'json' : 'protobuf')).status === 204;
    } catch {
      return false;
    }
  }
}

function batchOf(writer: string, batch: number): PushStream {
  const entries = Array.from({ length: BATCH_LINES }, (_, i) => {
    const n = batch * BATCH_LINES + i;
    // No time twice, so that pages of a query may be cut anywhere.
    return {
      time: BASE + BigInt(n) * 1_000_000n + BigInt(writer.charCodeAt(0)),
      line: `${writer} ${n}`,
      metadata: [['n', String(n % 7)]] as const,
    };
  });
  return { labels: { app: 'load', writer }, entries };
}

/** Every line that was acknowledged is there once, and nothing that was never sent. */
async function checkLines({ client }: Server, writers: readonly Writer[]): Promise<void> {
  const entries = await client.all('{app="load"}');
  const { series } = await client.instant('sum by (writer) (count_over_time({app="load"}[24h]))');
  for (const { name, certain, possible } of writers) {
    const own = entries.filter(({ labels }) => labels.writer === name);
    const numbers = own.map(({ line }) => Number(line.split(' ')[1])).sort((a, b) => a - b);
    expect(
      numbers.slice(0, certain).findIndex((n, i) => n !== i),
      `${name} lost or doubled a line`,
    ).toBe(-1);
    expect(new Set(numbers).size, 'distinct lines').toBe(numbers.length);
    expect(numbers.length).toBeGreaterThanOrEqual(certain);
    expect(numbers.length).toBeLessThanOrEqual(possible);
    const counted = series.find(({ metric }) => metric.writer === name);
    expect(Number(counted?.points[0]?.[1] ?? 0)).toBe(numbers.length);
  }
}

describe('kill -9 under load', () => {
  it('loses nothing that was acknowledged and doubles nothing, over twelve rounds with flushes in between', async () => {
    const random = new SeededRandom(20251);
    const server = await startServer({
      settings: ['ingester.flush_bytes=100KB', 'ingester.flush_check_period=50ms', 'ingester.wal.segment_size=256KB'],
    });
    const writers = ['a', 'b', 'c'].map((name) => new Writer(name, server.client));
    for (let round = 0; round < 12; round++) {
      for (const writer of writers) writer.start();
      await delay(100 + random.below(300));
      // In every other round the end comes at some moment of a flush.
      const flush = round % 2 ? server.client.flush().catch(() => undefined) : undefined;
      if (flush) await delay(random.below(40));
      await server.kill('SIGKILL');
      await Promise.all([...writers.map((writer) => writer.stop()), flush]);
      await server.start();
      await checkLines(server, writers);
    }
    await Promise.all(writers.map((writer) => writer.settle()));
    await server.client.flush();
    for (const writer of writers) {
      expect(writer.acknowledged).toBeGreaterThan(12);
      expect(writer.certain).toBe(writer.possible);
    }
    await checkLines(server, writers);
    expect(await server.client.metric('loki_ingester_memory_chunks')).toBe(0);
  }, 120_000);
});

describe('stopping and starting', () => {
  const streams = [
    { labels: { app: 'stop', env: 'dev' }, entries: numbered(500) },
    { labels: { app: 'stop', env: 'prod' }, entries: numbered(300, (i) => `other ${i}`) },
  ];

  it('SIGTERM stores everything in objects, leaves the log empty, and the next start serves it', async () => {
    const server = await startServer();
    await server.client.push(streams);
    expect(server.objects()).toEqual([]);
    expect(server.walBytes()).toBeGreaterThan(5000);
    expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(server.objects()).not.toEqual([]);
    expect(server.walBytes()).toBe(0);
    await server.start();
    expect(await server.client.count('{app="stop"}')).toBe(800);
    expect(await server.client.metric('loki_ingester_wal_recovered_entries_total')).toBe(0);
  });

  it('SIGINT does the same', async () => {
    const server = await startServer();
    await server.client.push(streams);
    expect(await server.kill('SIGINT')).toEqual({ code: 0, signal: null });
    expect(server.walBytes()).toBe(0);
  });

  it('a push under way at SIGTERM is answered, and what was acknowledged is there', async () => {
    const server = await startServer();
    const writer = new Writer('term', server.client);
    writer.start();
    await delay(200);
    const ended = server.kill('SIGTERM');
    await delay(50);
    await writer.stop();
    expect(await ended).toEqual({ code: 0, signal: null });
    await server.start();
    expect(writer.acknowledged).toBeGreaterThan(0);
    await checkLines(server, [writer]);
  });

  it('after a kill -9 the log is read again, into the same labels, metadata and order', async () => {
    const server = await startServer();
    const entries = numbered(50).map((entry, i) => ({
      ...entry,
      time: BASE + BigInt(i % 2) * SECOND,
      metadata: [['k', `v${i % 3}`]] as const,
    }));
    await server.client.push([...streams, { labels: { app: 'same' }, entries }]);
    const before = await server.client.range('{app="same"}');
    await server.restart('SIGKILL');
    expect(server.objects()).toEqual([]);
    expect(await server.client.range('{app="same"}')).toEqual(before);
    expect(await server.client.count('{app="stop"}')).toBe(800);
    expect(await server.client.names('label/env/values')).toEqual(['dev', 'prod']);
    expect(server.logRecords()).toContainEqual(expect.objectContaining({ msg: 'replayed the write-ahead log' }));
  });

  it('what is too much for memory after a kill -9 stays in the log, is found there, and stored from there', async () => {
    const settings = ['ingester.flush_bytes=50MB', 'ingester.wal.segment_size=64KB'];
    const server = await startServer({ settings });
    const writers = ['a', 'b'].map((name) => new Writer(name, server.client));
    for (const writer of writers) writer.start();
    while (server.walBytes() < 1_000_000) await delay(20);
    await server.kill('SIGKILL');
    await Promise.all(writers.map((writer) => writer.stop()));
    // So small that most of the log has digests from the first start on.
    settings.splice(0, 1, 'ingester.flush_bytes=40KB', 'ingester.backlog_bytes_max=200KB');
    // Sooner or later in the midst of storing it.
    for (const pauseMs of [0, 100, 300]) {
      await server.start();
      expect(await server.client.metric('loki_ingester_wal_recovered_entries_total')).toBeGreaterThan(0);
      await checkLines(server, writers);
      await delay(pauseMs);
      await server.kill('SIGKILL');
    }
    await server.start();
    await Promise.all(writers.map((writer) => writer.settle()));
    await server.client.flush();
    await checkLines(server, writers);
    expect(await server.client.metric('loki_ingester_memory_chunks')).toBe(0);
    expect(server.walBytes()).toBe(0);
  }, 120_000);

  it('a log that is replayed twice is still there, and gone once it has been stored', async () => {
    const server = await startServer();
    await server.client.push(streams);
    await server.restart('SIGKILL');
    await server.restart('SIGKILL');
    expect(await server.client.count('{app="stop"}')).toBe(800);
    await server.client.flush();
    await server.restart('SIGKILL');
    expect(await server.client.count('{app="stop"}')).toBe(800);
    expect(await server.client.metric('loki_ingester_memory_chunks')).toBe(0);
  });

  it('streams that nobody writes to are stored after their idle time', async () => {
    const settings = ['ingester.chunk_idle_period=200ms', 'ingester.flush_check_period=50ms'];
    const server = await startServer({ settings });
    await server.client.push(streams);
    while (server.objects().length === 0) await delay(20);
    while ((await server.client.metric('loki_ingester_memory_chunks')) !== 0) await delay(20);
    expect(await server.client.count('{app="stop"}')).toBe(800);
  });

  it('a second process on the same folder ends at once and names the first', async () => {
    const server = await startServer();
    await expect(startServer({ data: server.data })).rejects.toThrow(
      new RegExp(`ended with 1 before it was ready[^]*in use by process ${server.process!.pid}:`),
    );
    await server.client.push(streams);
    expect(await server.client.count('{app="stop"}')).toBe(800);
  });
});
