import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GROUP_END } from '../../src/storage/wal/record.js';
import { answerOf, BASE, HOUR, jsonOf, numbered } from '../support/client.js';
import { type LogRecord, type Server, startServer } from '../support/server.js';

const BATCHES = 10;
const BATCH_LINES = 20;

function flip(path: string, offset: number): void {
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.with(offset, bytes[offset]! ^ 0x10));
}

describe('a damaged write-ahead log', () => {
  /** Ten acknowledged batches in one segment, a record each; the process is dead. */
  async function killedServer(): Promise<{ server: Server; segment: string; bytes: number }> {
    const server = await startServer();
    for (let batch = 0; batch < BATCHES; batch++) {
      const first = BASE + BigInt(batch) * HOUR;
      await server.client.push([
        { labels: { app: 'wal' }, entries: numbered(BATCH_LINES, (i) => `${batch}/${i}`, first) },
      ]);
    }
    await server.kill('SIGKILL');
    const [segment, ...more] = server.segments();
    expect(more).toEqual([]);
    return { server, segment: segment!, bytes: readFileSync(segment!).length };
  }

  const complaints = (server: Server): readonly LogRecord[] =>
    server.logRecords().filter(({ msg }) => msg.includes('is damaged'));

  /** Numbers of the batches that are there, each whole. */
  async function batches({ client }: Server): Promise<number[]> {
    const numbers = (await client.all('{app="wal"}')).map(({ line }) => Number(line.split('/')[0]));
    const counts = new Map<number, number>();
    for (const each of numbers) counts.set(each, (counts.get(each) ?? 0) + 1);
    expect([...counts.values()].every((count) => count === BATCH_LINES)).toBe(true);
    return [...counts.keys()].sort((a, b) => a - b);
  }

  const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

  it('with a torn end gives back all records before it, and the next start is quiet', async () => {
    const { server, segment, bytes } = await killedServer();
    truncateSync(segment, bytes - GROUP_END.length - 7);
    await server.start();
    expect(await batches(server)).toEqual(upTo(BATCHES - 1));
    await server.client.push([
      { labels: { app: 'wal' }, entries: numbered(BATCH_LINES, (i) => `50/${i}`, BASE + 20n * HOUR) },
    ]);
    await server.restart('SIGKILL');
    expect(await batches(server)).toEqual([...upTo(BATCHES - 1), 50]);
    await server.restart('SIGTERM');
    const before = complaints(server).length;
    await server.restart('SIGKILL');
    expect(complaints(server)).toHaveLength(before);
    expect(await batches(server)).toEqual([...upTo(BATCHES - 1), 50]);
  });

  it('with bytes of nothing behind the end gives back every record', async () => {
    const { server, segment, bytes } = await killedServer();
    truncateSync(segment, bytes + 5000);
    await server.start();
    expect(await batches(server)).toEqual(upTo(BATCHES));
  });

  it('with a flipped bit in the middle loses that record alone, and says so', async () => {
    const { server, segment, bytes } = await killedServer();
    flip(segment, Math.floor(bytes / 2));
    await server.start();
    const found = await batches(server);
    expect(found).toHaveLength(BATCHES - 1);
    expect(found).toEqual(expect.arrayContaining([0, 1, 2, 7, 8, 9]));
    expect(complaints(server)).toEqual([expect.objectContaining({ level: 50, places: 1 })]);
    expect(JSON.stringify(complaints(server)[0])).toContain(basename(segment));
    // No crash loop, and what was saved stays.
    await server.restart('SIGKILL');
    await server.client.flush();
    await server.restart('SIGKILL');
    expect(await batches(server)).toEqual(found);
  });

  it('with a segment that is empty, and one that is nothing but noise, gives back the others', async () => {
    const { server, segment } = await killedServer();
    const next = (n: number): string =>
      segment.replace(/\d+(?=-\d+\.wal$)/, (digits) => String(Number(digits) + n).padStart(digits.length, '0'));
    writeFileSync(next(1_000_000), '');
    writeFileSync(next(2_000_000), Buffer.alloc(10_000, 'SKW1 noise '));
    await server.start();
    expect(await batches(server)).toEqual(upTo(BATCHES));
    await server.client.flush();
    await server.restart('SIGTERM');
    expect(await batches(server)).toEqual(upTo(BATCHES));
  });
});

describe('a damaged object', () => {
  const LINES = 300;
  /** Where the entries of an object lie in time: objects do not overlap. */
  const spanOf = (object: number) => ({ start: BASE + BigInt(object) * HOUR, end: BASE + BigInt(object + 1) * HOUR });
  const linesOf = (object: number): string[] => Array.from({ length: LINES }, (_, i) => `object ${object} line ${i}`);

  /** One object an hour, all stored, none open; the process has ended. */
  async function storedServer(count: number): Promise<{ server: Server; paths: readonly string[] }> {
    const server = await startServer();
    for (let object = 0; object < count; object++) {
      const lines = linesOf(object);
      const entries = numbered(LINES, (i) => lines[i]!, spanOf(object).start);
      await server.client.push([{ labels: { app: 'objects', object: String(object) }, entries }]);
      await server.client.flush();
    }
    await server.kill('SIGTERM');
    expect(server.objects()).toHaveLength(count);
    return { server, paths: server.objects() };
  }

  const linesIn = async ({ client }: Server, query: string, parameters = {}) => {
    const { entries, warnings } = await client.range(query, { direction: 'forward', ...parameters });
    return { lines: entries.map(({ line }) => line), warnings };
  };

  it.each([
    ['cut in half', (path: string) => truncateSync(path, Math.floor(readFileSync(path).length / 2))],
    ['cut by a byte', (path: string) => truncateSync(path, readFileSync(path).length - 1)],
    ['empty', (path: string) => truncateSync(path, 0)],
    ['replaced by something else', (path: string) => writeFileSync(path, 'hello')],
    ['gone', (path: string) => rmSync(path)],
  ])('that is %s is named by the queries that need it, and the others answer', async (_how, damage) => {
    const { server, paths } = await storedServer(2);
    const name = basename(paths[0]!);
    damage(paths[0]!);
    await server.start();
    const intact = await linesIn(server, '{app="objects"}', spanOf(1));
    expect(intact).toEqual({ lines: linesOf(1), warnings: [] });
    const both = await linesIn(server, '{app="objects"}');
    expect(both).toEqual({ lines: linesOf(1), warnings: [expect.stringContaining(name)] });
    const counted = await server.client.range('sum(count_over_time({app="objects"} |= "line" [24h]))', { step: '24h' });
    expect(counted.warnings).toEqual([expect.stringContaining(name)]);
    for (const path of ['series', 'labels', 'label/object/values', 'index/stats']) {
      const question = { query: '{app="objects"}', start: BASE, end: BASE + 24n * HOUR };
      const answer = jsonOf(await server.client.get(`/loki/api/v1/${path}`, question));
      expect(answer, path).toMatchObject({ warnings: [expect.stringContaining(name)] });
    }
    expect(server.logRecords().filter(({ level }) => level >= 60)).toEqual([]);
    // New data goes where the damage is, and is found.
    await server.client.push([{ labels: { app: 'objects', object: 'new' }, entries: numbered(5) }]);
    await server.client.flush();
    expect(await server.client.count('{app="objects", object=~"1|new"}')).toBe(LINES + 5);
  });

  it('with a flipped bit anywhere answers as before or is named, never with wrong lines', async () => {
    const count = 24;
    const { server, paths } = await storedServer(count);
    paths.forEach((path, object) => {
      flip(path, Math.floor(((object + 0.5) / count) * readFileSync(path).length));
    });
    await server.start();
    let named = 0;
    for (let object = 0; object < count; object++) {
      const name = basename(paths[object]!);
      const parameters = { query: '{app="objects"}', ...spanOf(object), limit: LINES, direction: 'forward' };
      const response = await server.client.get('/loki/api/v1/query_range', parameters);
      if (response.body.includes(name)) {
        named++;
        if (response.status !== 200) continue;
      }
      const { entries, warnings } = answerOf(response);
      expect(
        entries.map(({ line }) => line),
        name,
      ).toEqual(warnings.length > 0 ? [] : linesOf(object));
    }
    expect(named).toBeGreaterThan(count / 2);
    expect(server.process!.exitCode).toBeNull();
  });
});
