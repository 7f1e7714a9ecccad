import { beforeAll, describe, expect, it } from 'vitest';
import { BASE, type LokiClient, numbered, type PushStream, SECOND } from '../support/client.js';
import type { SampleEntry } from '../support/push.js';
import { type Server, startServer } from '../support/server.js';

let server: Server;
let client: LokiClient;

beforeAll(async () => {
  server = await startServer();
  client = server.client;
});

const stream = (app: string, entries: readonly SampleEntry[]): PushStream => ({ labels: { app }, entries });

/** Counted and shown, forward and backward: all must agree. */
async function seen(selector: string): Promise<number> {
  const count = await client.count(selector);
  for (const direction of ['forward', 'backward']) {
    expect((await client.range(selector, { direction })).entries, direction).toHaveLength(count);
  }
  return count;
}

describe('identical entries of a stream are kept once', () => {
  const entries = numbered(40, (i) => `line ${i}`).map((entry) => ({ ...entry, metadata: [['k', 'v']] as const }));

  it('within one push', async () => {
    await client.push([stream('one-push', [...entries, ...entries]), stream('one-push', entries)]);
    expect(await seen('{app="one-push"}')).toBe(40);
  });

  it('in a later push, of another encoding', async () => {
    await client.push([stream('later', entries)]);
    await client.push([stream('later', [...entries].reverse())], 'protobuf');
    expect(await seen('{app="later"}')).toBe(40);
  });

  it('in a push after a flush, and after a second flush', async () => {
    await client.push([stream('flushed', entries)]);
    await client.flush();
    await client.push([stream('flushed', entries)]);
    expect(await seen('{app="flushed"}')).toBe(40);
    await client.flush();
    expect(await seen('{app="flushed"}')).toBe(40);
    expect(await client.count('{app="flushed"} |= "line 7"')).toBe(1);
    const { series } = await client.instant('sum(bytes_over_time({app="flushed"}[24h]))');
    expect(series[0]!.points[0]![1]).toBe(String(entries.reduce((sum, { line }) => sum + line.length, 0)));
  });

  it('of which some are in memory, some in objects and some new', async () => {
    await client.push([stream('mixed', entries.slice(0, 20))]);
    await client.flush();
    await client.push([stream('mixed', entries.slice(10, 30))]);
    await client.push([stream('mixed', entries)]);
    expect(await seen('{app="mixed"}')).toBe(40);
    await client.flush();
    expect(await seen('{app="mixed"}')).toBe(40);
  });

  it('in a push that is repeated at the same moment', async () => {
    await Promise.all(Array.from({ length: 10 }, () => client.push([stream('together', entries)])));
    expect(await seen('{app="together"}')).toBe(40);
  });

  it('after a restart, from the log and from objects', async () => {
    await client.push([stream('restarted', entries.slice(0, 20))]);
    await client.flush();
    await client.push([stream('restarted', entries.slice(20))]);
    await server.restart('SIGKILL');
    await client.push([stream('restarted', entries)]);
    expect(await seen('{app="restarted"}')).toBe(40);
    await server.restart('SIGTERM');
    await client.push([stream('restarted', entries)]);
    expect(await seen('{app="restarted"}')).toBe(40);
  });
});

describe('entries that differ in anything are all kept', () => {
  const different: readonly SampleEntry[] = [
    { time: BASE, line: 'a' },
    { time: BASE, line: 'b' },
    { time: BASE, line: 'a', metadata: [['k', 'v']] },
    { time: BASE, line: 'a', metadata: [['k', 'w']] },
    { time: BASE, line: 'a', metadata: [['l', 'v']] },
    { time: BASE + 1n, line: 'a' },
    { time: BASE + SECOND, line: 'a' },
  ];

  it.each(['in memory', 'in objects', 'in both'])('%s', async (place) => {
    const app = `different-${place.replace(' ', '-')}`;
    if (place === 'in both') {
      await client.push([stream(app, different.slice(0, 3))]);
      await client.flush();
      await client.push([stream(app, different.slice(3))]);
    } else {
      await client.push([stream(app, different)]);
      if (place === 'in objects') await client.flush();
    }
    expect(await seen(`{app="${app}"}`)).toBe(different.length);
    expect(await client.count(`{app="${app}"} | k="v"`)).toBe(1);
  });

  it('and the same line in two streams is two entries', async () => {
    const entries = numbered(1);
    await client.push([
      { labels: { app: 'twins', env: 'a' }, entries },
      { labels: { app: 'twins', env: 'b' }, entries },
    ]);
    expect(await seen('{app="twins"}')).toBe(2);
  });

  it('entries of one time come in the order of the push, and backwards in the reverse', async () => {
    const lines = ['first', 'second', 'third', 'fourth'];
    await client.push([
      stream(
        'order',
        lines.map((line) => ({ time: BASE, line })),
      ),
    ]);
    for (const place of ['in memory', 'in objects']) {
      if (place === 'in objects') await client.flush();
      const forward = await client.range('{app="order"}', { direction: 'forward' });
      expect(
        forward.entries.map(({ line }) => line),
        place,
      ).toEqual(lines);
      const backward = await client.range('{app="order"}');
      expect(
        backward.entries.map(({ line }) => line),
        place,
      ).toEqual([...lines].reverse());
    }
  });
});
