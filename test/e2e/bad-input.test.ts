import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { snappyCompress } from 'hysnappy';
import { beforeAll, describe, expect, it } from 'vitest';
import { BASE, encodePush, type LokiClient, numbered, type Response } from '../support/client.js';
import { bytesField, protobufPush } from '../support/push.js';
import { SeededRandom } from '../support/random.js';
import { type Server, startServer } from '../support/server.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const PROTOBUF_TYPE = { 'content-type': 'application/x-protobuf' };
const MAX_BODY = 1024 * 1024;

let server: Server;
let client: LokiClient;

beforeAll(async () => {
  const settings = ['distributor.max_recv_msg_size=1MB', 'distributor.max_decompressed_size=4MB'];
  server = await startServer({ settings });
  client = server.client;
  await client.push([{ labels: { app: 'good' }, entries: numbered(100) }]);
});

const push = (body: string | Uint8Array, headers: Record<string, string> = JSON_TYPE): Promise<Response> =>
  client.pushRaw(body, headers);

const oneEntry = (stream: unknown, entry: unknown): string =>
  JSON.stringify({ streams: [{ stream, values: [entry] }] });

describe('bodies of a push', () => {
  const bad = [{ labels: { app: 'bad' }, entries: numbered(20) }];

  it.each([
    ['empty', ''],
    ['no JSON', 'hello'],
    ['cut off', encodePush(bad, 'json').body.subarray(0, 300)],
    ['JSON of another kind', '[1, 2, 3]'],
    ['a time that is a number', oneEntry({ app: 'bad' }, [1, 'x'])],
    ['a time that is no number', oneEntry({ app: 'bad' }, ['yesterday', 'x'])],
    ['a time that no 64 bits hold', oneEntry({ app: 'bad' }, ['99999999999999999999', 'x'])],
    ['a line that is no string', oneEntry({ app: 'bad' }, [`${BASE}`, 5])],
    ['metadata that is no object', oneEntry({ app: 'bad' }, [`${BASE}`, 'x', 'y'])],
    ['labels that are no object', oneEntry('{app="bad"}', [`${BASE}`, 'x'])],
    ['a label name with a space', oneEntry({ 'a b': 'bad' }, [`${BASE}`, 'x'])],
    ['a label name that begins with a digit', oneEntry({ '1a': 'bad' }, [`${BASE}`, 'x'])],
    ['nested without end', '['.repeat(100_000)],
    ['nested objects without end', '{"streams":'.repeat(50_000)],
  ])('JSON that is %s is answered 400', async (_what, body) => {
    expect(await push(body)).toMatchObject({ status: 400 });
  });

  it.each([
    ['not snappy', Buffer.from('hello')],
    ['empty', Buffer.alloc(0)],
    ['cut off', encodePush(bad, 'protobuf').body.subarray(0, 100)],
    ['snappy that promises four gigabytes', Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0])],
    ['protobuf without snappy', Buffer.from(protobufPush([]))],
  ])('protobuf that is %s is answered 4xx', async (_what, body) => {
    const { status } = await push(body, PROTOBUF_TYPE);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });

  it('labels that do not parse are answered 400', async () => {
    const entry = Buffer.concat([bytesField(1, Buffer.from([0x08, 0x01])), bytesField(2, Buffer.from('x'))]);
    for (const labels of ['app="bad"', '{app=bad}', '{app="bad"', '{app="bad",app="bad"}', '{a-b="bad"}']) {
      const stream = Buffer.concat([bytesField(1, Buffer.from(labels)), bytesField(2, entry)]);
      const body = snappyCompress(bytesField(1, stream));
      expect(await push(body, PROTOBUF_TYPE), labels).toMatchObject({ status: 400 });
    }
  });

  it('random bytes, and bodies with random bytes changed, are answered and never with 5xx', async () => {
    const random = new SeededRandom(7);
    const bodies = (['json', 'json+gzip', 'protobuf'] as const).map((encoding) =>
      encodePush([{ labels: { app: 'fuzz' }, entries: numbered(5) }], encoding),
    );
    for (let i = 0; i < 150; i++) {
      const { body, headers } = bodies[i % bodies.length]!;
      const changed = Uint8Array.from(body);
      for (let n = 1 + random.below(4); n > 0; n--) changed[random.below(changed.length)] = random.below(256);
      const { status } = await push(i % 10 === 0 ? changed.map(() => random.below(256)) : changed, headers);
      expect(status, Buffer.from(changed).toString('base64')).toBeLessThan(500);
    }
  });

  it('a body beyond the limit is answered 413, whether it says so before or not', async () => {
    const large = Buffer.alloc(MAX_BODY + 1, 'x');
    const announced = await push(large);
    expect(announced).toMatchObject({ status: 413, body: expect.stringContaining('request body too large') });
    const chunked = await rawRequest(
      'POST /loki/api/v1/push HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      Array.from({ length: 20 }, () =>
        Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65_536, 'x'), Buffer.from('\r\n')]),
      ),
    );
    expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('a small body that becomes a large one is answered 413', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, '['));
    expect(bomb.length).toBeLessThan(MAX_BODY);
    const before = await client.metric('process_resident_memory_bytes');
    for (let i = 0; i < 5; i++) {
      const answer = await push(bomb, { ...JSON_TYPE, 'content-encoding': 'gzip' });
      expect(answer).toMatchObject({ status: 413, body: expect.stringContaining('decompressed message size') });
    }
    expect((await client.metric('process_resident_memory_bytes'))! - before!).toBeLessThan(128 * 1024 * 1024);
  });

  it('gzip that is cut off or none is answered 400', async () => {
    const { body } = encodePush(bad, 'json+gzip');
    for (const each of [body.subarray(0, 60), Buffer.from('hello'), Buffer.alloc(0)]) {
      expect(await push(each, { ...JSON_TYPE, 'content-encoding': 'gzip' })).toMatchObject({ status: 400 });
    }
  });

  it('an unknown encoding or content type is answered 400', async () => {
    const { body } = encodePush(bad, 'json');
    const answer = await push(body, { ...JSON_TYPE, 'content-encoding': 'br' });
    expect(answer).toMatchObject({ status: 400, body: 'Content-Encoding "br" not supported\n' });
    expect(await push(body, { 'content-type': '' })).toMatchObject({ status: 400, body: 'mime: no media type\n' });
    expect(await push(body, PROTOBUF_TYPE)).toMatchObject({ status: 400 });
  });

  it('no streams are answered 422, streams without entries 204', async () => {
    expect(await push('{"streams":[]}')).toMatchObject({
      status: 422,
      body: 'error at least one valid stream is required for ingestion\n',
    });
    expect(await push('{}')).toMatchObject({ status: 422 });
    expect(await push('{"streams":[{"stream":{"app":"bad"},"values":[]}]}')).toMatchObject({ status: 204 });
  });

  it('a client that leaves in the middle of its body leaves nothing behind', async () => {
    const { body } = encodePush(bad, 'json');
    const socket = connect(server.port, '127.0.0.1');
    socket.write(
      `POST /loki/api/v1/push HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    socket.write(body.subarray(0, body.length - 10));
    await once(socket, 'connect');
    socket.resetAndDestroy();
    await once(socket, 'close');
    expect(await client.count('{app="bad"}')).toBe(0);
  });

  it('bytes that are no HTTP are answered 400 and cut off', async () => {
    expect(await rawRequest('\x16\x03\x01 hello\r\n\r\n', [])).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('entries of a push', () => {
  it('that are valid are stored though others of the same push are not', async () => {
    const large = 'x'.repeat(300_000);
    const { status, body } = await client.tryPush([
      { labels: { app: 'partial' }, entries: [...numbered(5), { time: BASE, line: large }] },
      { labels: { app: 'partial', long: 'y'.repeat(3000) }, entries: numbered(5) },
      { labels: { app: 'partial', env: 'dev' }, entries: numbered(3) },
    ]);
    expect(status).toBe(400);
    expect(body).toContain('max entry size');
    expect(await client.count('{app="partial"}')).toBe(8);
    expect(await client.metric('loki_discarded_samples_total')).toBeGreaterThanOrEqual(6);
  });

  it('that are too old, too new or too many are refused where the limits say so', async () => {
    const strict = await startServer({
      settings: [
        'limits.reject_old_samples=true',
        'limits.creation_grace_period=10m',
        'limits.max_global_streams_per_user=2',
      ],
    });
    const now = BigInt(Date.now()) * 1_000_000n;
    const at = (time: bigint, app = 'ages') =>
      strict.client.tryPush([{ labels: { app }, entries: [{ time, line: 'x' }] }]);
    expect(await at(BASE)).toMatchObject({ status: 400, body: expect.stringContaining('timestamp too old') });
    expect(await at(now + 3600n * 10n ** 9n)).toMatchObject({
      status: 400,
      body: expect.stringContaining('timestamp too new'),
    });
    expect(await at(now)).toMatchObject({ status: 204 });
    expect(await at(now, 'second')).toMatchObject({ status: 204 });
    expect(await at(now, 'third')).toMatchObject({
      status: 429,
      body: expect.stringContaining('maximum active stream limit'),
    });
  });

  it('beyond the rate are answered 429 with a hint when to come again', async () => {
    const slow = await startServer({
      settings: ['limits.ingestion_rate_mb=0.1', 'limits.ingestion_burst_size_mb=0.1'],
    });
    const large = [{ labels: { app: 'fast' }, entries: numbered(2000, (i) => `${i} ${'x'.repeat(40)}`) }];
    expect(await slow.client.tryPush(large)).toMatchObject({ status: 204 });
    const { status, body, headers } = await slow.client.tryPush(large);
    expect({ status, retry: headers.get('retry-after') }).toEqual({
      status: 429,
      retry: expect.stringMatching(/^\d+$/),
    });
    expect(body).toContain('ingestion rate limit exceeded for user fake');
  });
});

describe('questions', () => {
  it.each([
    ['{app="x"', 'parse error at line 1, col 9: syntax error: unexpected $end, expecting } or ,'],
    ['{app="x"} |= ', 'parse error at line 1, col 14: syntax error: unexpected $end, expecting STRING or ip'],
    ['rate({app="x"}[5m]', 'parse error at line 1, col 19: syntax error: unexpected $end, expecting )'],
    ['{}', 'queries require at least one regexp or equality matcher'],
    ['{app=~"("}', 'error parsing regexp'],
    ['', 'syntax error: unexpected $end'],
    ['{app="x"} | json | line_format "{{"', 'template'],
  ])('%s is answered 400 and says where', async (query, message) => {
    const { status, body } = await client.get('/loki/api/v1/query_range', {
      query,
      start: BASE,
      end: BASE + 10n ** 9n,
    });
    expect(status).toBe(400);
    expect(body).toContain(message);
  });

  it.each([
    [{ start: 'x' }, "could not parse 'start' parameter"],
    [{ start: 2000, end: 1000 }, 'end timestamp must not be before or equal to start time'],
    [{ limit: -1 }, 'limit must be a positive value'],
    [{ limit: 5001 }, 'max entries limit per query exceeded, limit > max_entries_limit_per_query (5001 > 5000)'],
    [{ direction: 'sideways' }, "invalid direction 'sideways'"],
    [{ step: 0, query: 'rate({app="x"}[5m])' }, 'zero or negative query resolution step widths'],
    [
      { start: 0, end: 1_000_000, step: 1, query: 'rate({app="x"}[5m])' },
      'exceeded maximum resolution of 11,000 points',
    ],
  ])('with %j are answered 400', async (parameters, message) => {
    const { status, body } = await client.get('/loki/api/v1/query_range', {
      query: '{app="good"}',
      start: 1000,
      end: 2000,
      ...parameters,
    });
    expect({ status, body }).toEqual({ status: 400, body: expect.stringContaining(message) });
  });

  it('an instant query for lines is answered 400', async () => {
    const { status, body } = await client.get('/loki/api/v1/query', { query: '{app="good"}' });
    expect({ status, body }).toEqual({
      status: 400,
      body: expect.stringContaining('log queries are not supported as an instant query type'),
    });
  });

  it('with more series than allowed are answered 400', async () => {
    const entries = numbered(600).map((entry, i) => ({ ...entry, metadata: [['id', String(i)]] as const }));
    await client.push([{ labels: { app: 'series' }, entries }]);
    const { status, body } = await client.get('/loki/api/v1/query', {
      query: 'count_over_time({app="series"}[24h])',
      time: BASE + 3600n * 10n ** 9n,
    });
    expect({ status, body }).toEqual({
      status: 400,
      body: expect.stringContaining('maximum number of series (500) reached'),
    });
  });

  it('a metric over lines with a pipeline error is answered 400 and says how to go on', async () => {
    await client.push([{ labels: { app: 'errors' }, entries: numbered(3, (i) => (i === 1 ? 'v=x' : `v=${i}`)) }]);
    const parameters = {
      query: 'sum_over_time({app="errors"} | logfmt | unwrap v [24h])',
      time: BASE + 3600n * 10n ** 9n,
    };
    const { status, body } = await client.get('/loki/api/v1/query', parameters);
    expect({ status, body }).toEqual({
      status: 400,
      body: expect.stringContaining("pipeline error: 'SampleExtractionErr'"),
    });
  });

  it('an unknown path is answered 404, a wrong method 405', async () => {
    for (const path of ['/', '/loki', '/loki/api/v1/nothing', '/loki/api/v2alpha/tail', '/loki/api/v1/label//values']) {
      expect((await client.get(path)).status, path).toBe(404);
    }
    for (const [method, path] of [
      ['GET', 'push'],
      ['PUT', 'query'],
      ['DELETE', 'labels'],
      ['POST', 'status/buildinfo'],
    ] as const) {
      const answer = await client.request(`/loki/api/v1/${path}`, { method });
      expect(answer.status, `${method} ${path}`).toBe(405);
      expect(answer.headers.get('allow')).toBeTruthy();
    }
  });
});

describe('after all of it', () => {
  it('the server is there still, with its data and nothing else', async () => {
    expect(server.process!.exitCode).toBeNull();
    expect(await client.count('{app="good"}')).toBe(100);
    expect(await client.count('{app="bad"}')).toBe(0);
    await client.push([{ labels: { app: 'good' }, entries: numbered(1, () => 'still here') }]);
    expect(await client.count('{app="good"}')).toBe(101);
    expect(server.logRecords().filter(({ level }) => level >= 50)).toEqual([]);
  });
});

/** Sends bytes as they are and reads until the server closes. */
async function rawRequest(head: string, parts: readonly Uint8Array[]): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  // What is refused early is cut off while we still write.
  socket.on('error', () => {});
  socket.write(head);
  for (const part of parts) socket.write(part);
  return await text(socket);
}
