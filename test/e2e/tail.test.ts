import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SampleEntry } from '../support/push.js';
import { type Server, startServer } from '../support/server.js';
import { TailClient } from '../support/tail.js';

const MS = 1_000_000n;

function now(): bigint {
  return BigInt(Date.now()) * MS;
}

function entry(line: string, time = now(), metadata?: Record<string, string>): SampleEntry {
  return { time, line, ...(metadata && { metadata: Object.entries(metadata) }) };
}

describe('a live tail', () => {
  let server: Server;
  let apps = 0;
  /** A stream of its own for every test. */
  let app: string;

  beforeAll(async () => {
    server = await startServer();
  });

  const named = (): string => {
    app = `app${apps++}`;
    return `{app="${app}"}`;
  };
  const push = (...entries: SampleEntry[]) => server.client.push([{ labels: { app }, entries }]);

  it('begins with the past, oldest first, and goes on with what is pushed', async () => {
    const query = named();
    await push(entry('one', now() - 30n * MS), entry('two', now() - 20n * MS), entry('three', now() - 10n * MS));
    const tail = await TailClient.open(server, query);
    await tail.count(3);
    await push(entry('four'));
    await push(entry('five'));
    await tail.count(5);
    expect(tail.lines).toEqual(['one', 'two', 'three', 'four', 'five']);
    expect(tail.streams[0]).toMatchObject({
      stream: { app, service_name: app },
      values: [[expect.any(String), 'one']],
    });
    await tail.until(() => tail.pings > 0);
    await tail.close();
  });

  it('reads the past from objects too', async () => {
    const query = named();
    await push(entry('old', now() - 60_000n * MS));
    await server.client.flush();
    const tail = await TailClient.open(server, query);
    await push(entry('new'));
    await tail.count(2);
    expect(tail.lines).toEqual(['old', 'new']);
    await tail.close();
  });

  it('limits the past to its newest entries, and to those from the start on', async () => {
    const query = named();
    const base = now() - 60_000n * MS;
    await push(...Array.from({ length: 250 }, (_, i) => entry(String(i), base + BigInt(i) * MS)));
    const newest = await TailClient.open(server, query);
    await newest.count(100);
    expect(newest.lines).toEqual(Array.from({ length: 100 }, (_, i) => String(150 + i)));
    const two = await TailClient.open(server, query, { limit: '2' });
    await two.count(2);
    const late = await TailClient.open(server, query, { start: String(base + 245n * MS), limit: '1000' });
    await late.count(5);
    const all = await TailClient.open(server, query, { limit: '1000' });
    await all.count(250);
    expect(all.messages.every(({ streams }) => streams.length <= 100)).toBe(true);
    expect(all.streams.every(({ values }) => values.length === 1)).toBe(true);
    await push(entry('end'));
    for (const tail of [two, late]) await tail.until(() => tail.lines.includes('end'));
    expect(two.lines).toEqual(['248', '249', 'end']);
    expect(late.lines).toEqual(['245', '246', '247', '248', '249', 'end']);
    for (const tail of [newest, two, late, all]) await tail.close();
  });

  it('runs the whole query', async () => {
    const query = named();
    const tail = await TailClient.open(server, `${query} |= "n=" | logfmt | n > 1 | line_format "{{.n}}!"`);
    await push(entry('n=1'), entry('n=2', now(), { trace: 't' }), entry('other'), entry('n=3'));
    await tail.count(2);
    expect(tail.lines.sort()).toEqual(['2!', '3!']);
    expect(tail.streams.find(({ values }) => values[0]![1] === '2!')!.stream).toMatchObject({
      app,
      n: '2',
      trace: 't',
    });
    await tail.close();
  });

  it('shows structured metadata as labels only where the query does more than select', async () => {
    const query = named();
    await push(entry('old', now() - 10n * MS, { trace: 'x' }));
    const plain = await TailClient.open(server, query);
    const filtered = await TailClient.open(server, `${query} |= ""`);
    const categorized = await TailClient.open(
      server,
      query,
      {},
      { 'x-loki-response-encoding-flags': 'categorize-labels' },
    );
    await push(entry('new', now(), { trace: 'y' }));
    for (const tail of [plain, filtered, categorized]) await tail.count(2);
    expect(plain.streams.map(({ stream }) => stream.trace)).toEqual([undefined, undefined]);
    expect(filtered.streams.map(({ stream }) => stream.trace)).toEqual(['x', 'y']);
    expect(categorized.streams.map(({ stream }) => stream.trace)).toEqual([undefined, undefined]);
    expect(categorized.streams[1]!.values[0]![2]).toMatchObject({ structuredMetadata: { trace: 'y' } });
    expect(categorized.messages[0]!.encodingFlags).toEqual(['categorize-labels']);
    for (const tail of [plain, filtered, categorized]) await tail.close();
  });

  it('brings every line exactly once, whenever it connects', async () => {
    const query = named();
    let isOver = false;
    let pushed = 0;
    const write = async (): Promise<void> => {
      while (!isOver) await push(entry(`line ${pushed++} a`), entry(`line ${pushed++} b`));
    };
    const writers = [write(), write(), write(), write()];
    const flusher = (async () => {
      while (!isOver) {
        await server.client.flush();
        await delay(20);
      }
    })();
    const tails: TailClient[] = [];
    for (let i = 0; i < 8; i++) {
      await delay(30);
      tails.push(await TailClient.open(server, `${query} | line_format "{{ __line__ }}"`, { limit: '5000' }));
    }
    await delay(200);
    isOver = true;
    await Promise.all([...writers, flusher]);
    const expected = Array.from({ length: pushed }, (_, i) => `line ${i} ${i % 2 === 0 ? 'a' : 'b'}`).sort();
    for (const tail of tails) {
      await tail.count(pushed);
      expect(tail.lines.sort()).toEqual(expected);
      await tail.close();
    }
  });

  it('holds entries back so that late ones precede them', async () => {
    const query = named();
    const delayed = await TailClient.open(server, query, { delay_for: '1' });
    const direct = await TailClient.open(server, query);
    const base = now();
    await push(entry('later', base + 2n * MS));
    await direct.count(1);
    await push(entry('sooner', base + 1n * MS));
    await Promise.all([delayed.count(2), direct.count(2)]);
    expect(direct.lines).toEqual(['later', 'sooner']);
    expect(delayed.lines).toEqual(['sooner', 'later']);
    await direct.close();
    await delayed.close();
  });

  it('of the older name has the older shape', async () => {
    const query = named();
    await push(entry('old', now() - 10n * MS));
    const tail = await TailClient.open(server, query, {}, {}, '/api/prom/tail');
    await tail.until(() => tail.messages.length > 0);
    const [message] = tail.messages as unknown as {
      streams: { labels: string; entries: { ts: string; line: string }[] }[];
    }[];
    expect(message!.streams[0]).toEqual({
      labels: `{app="${app}", service_name="${app}"}`,
      entries: [{ ts: expect.stringMatching(/^20.*Z$/), line: 'old' }],
    });
    await tail.close();
  });

  it('of a query that is none, or none of lines, is refused before the connection is taken over', async () => {
    const refused = (query: string, parameters = {}) => TailClient.open(server, query, parameters);
    await expect(refused('{app="a"} |')).rejects.toMatchObject({
      status: 400,
      body: expect.stringMatching(/^parse error/),
    });
    await expect(refused('rate({app="a"}[1m])')).rejects.toMatchObject({ status: 400 });
    await expect(refused('{app="a"}', { delay_for: '6' })).rejects.toMatchObject({
      ...{ status: 400, body: "delay_for can't be greater than 5" },
    });
    await expect(refused('{app="a"}', { limit: 'x' })).rejects.toMatchObject({ status: 400 });
    await expect(TailClient.open(server, '{app="a"}', {}, {}, '/loki/api/v2alpha/tail')).rejects.toMatchObject({
      ...{ status: 404 },
    });
    expect(await server.client.get('/loki/api/v1/tail', { query: '{app="a"}' })).toMatchObject({ status: 400 });
  });

  it('that nobody reads loses entries and says which, while pushes go on', async () => {
    const query = named();
    const tail = await TailClient.open(server, query);
    tail.socket.pause();
    const line = 'x'.repeat(100_000);
    const before = now();
    for (let i = 0; i < 60; i++)
      await push(...Array.from({ length: 10 }, (_, k) => entry(`${i * 10 + k} ${line}`, before + BigInt(i * 10 + k))));
    tail.socket.resume();
    await tail.until(() => tail.dropped.length > 0);
    await push(entry('the end'));
    await tail.until(() => tail.lines.includes('the end'));
    expect(tail.lines.length - 1 + tail.dropped.length).toBe(600);
    expect(tail.dropped[0]).toMatchObject({ timestamp: expect.stringMatching(/^\d{19}$/), labels: { app } });
    await tail.close();
    const { body } = await server.client.get('/metrics');
    expect(body).toContain(`loki_ingester_tail_dropped_entries_total ${tail.dropped.length}`);
  });
});

describe('tails of tenants', () => {
  it('see only what is theirs, and are counted by tenant', async () => {
    const server = await startServer({
      settings: [
        'auth_enabled=true',
        'querier.multi_tenant_queries_enabled=true',
        'limits.max_concurrent_tail_requests=2',
      ],
    });
    const query = '{app="shared"}';
    const as = (tenant: string) => TailClient.open(server, query, {}, { 'x-scope-orgid': tenant });
    await expect(TailClient.open(server, query)).rejects.toMatchObject({ status: 401, body: 'no org id' });
    await expect(as('red|blue')).rejects.toMatchObject({ status: 400, body: 'multiple org IDs present' });
    const [red, blue] = [await as('red'), await as('blue')];
    await server.client.as('red').push([{ labels: { app: 'shared' }, entries: [entry('of red')] }]);
    await server.client.as('blue').push([{ labels: { app: 'shared' }, entries: [entry('of blue')] }]);
    await Promise.all([red.count(1), blue.count(1)]);
    expect([red.lines, blue.lines]).toEqual([['of red'], ['of blue']]);

    const second = await as('red');
    const third = await as('red');
    expect(await third.closed).toEqual({
      ...{ code: 1011, reason: 'max concurrent tail requests limit exceeded, count > limit (3 > 2)' },
    });
    expect((await server.client.get('/metrics')).body).toContain('loki_querier_tail_active 3');
    await second.close();
    const again = await as('red');
    await again.count(1);
    for (const tail of [red, blue, again]) await tail.close();
    while (!(await server.client.get('/metrics')).body.includes('loki_querier_tail_active 0')) await delay(10);
    expect((await server.client.get('/metrics')).body).toContain('loki_ingester_tails 0');
  });
});

describe('the end of a tail', () => {
  it('comes after the longest time that it may take', async () => {
    const server = await startServer({ settings: ['querier.tail_max_duration=500ms'] });
    const tail = await TailClient.open(server, '{app="a"}');
    expect(await tail.closed).toEqual({ code: 1011, reason: 'reached tail max duration limit' });
  });

  it('comes when the server stops, which does not wait for it', async () => {
    const server = await startServer();
    const tail = await TailClient.open(server, '{app="a"}');
    const silent = await TailClient.open(server, '{app="a"}');
    silent.socket.pause();
    const exit = server.kill('SIGTERM');
    expect((await tail.closed).code).toBe(1001);
    expect((await exit).code).toBe(0);
  });
});
