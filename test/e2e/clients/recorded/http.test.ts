/** What lies between a client and its answer: compression, caches, proxies that ask first. */
import { connect } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { BASE, HOUR } from '../../../support/client.js';
import { type Server, startServer } from '../../../support/server.js';
import { dataset, pushHalves } from './data.js';
import { rangeRequest, resourceRequest } from './grafana.js';
import { logcliRange } from './logcli.js';
import { type RecordedRequest, send } from './request.js';

const RANGE = { start: BASE, end: BASE + HOUR };
const LOGS = rangeRequest('logs', { query: '{env="prod"}', ...RANGE, limit: 1000 });
const LABELS = resourceRequest('labels', 'labels', [
  ['start', RANGE.start],
  ['end', RANGE.end],
]);
const withHeaders = (request: RecordedRequest, headers: Record<string, string>): RecordedRequest => ({
  ...request,
  headers: { ...request.headers, ...headers },
});

let server: Server;

beforeAll(async () => {
  server = await startServer();
  await pushHalves(server.client, dataset(BASE));
});

/** What does not differ from one run of a query to the next. */
function resultOf(text: string): unknown {
  return (JSON.parse(text) as { data: { result: unknown } }).data.result;
}

describe('compression', () => {
  it.each(['gzip', 'gzip, deflate, br', 'br;q=1.0, gzip;q=0.8, *;q=0.1'])('is used for %s', async (accepted) => {
    const { headers, bytes, text } = await send(server.url, withHeaders(LOGS, { 'accept-encoding': accepted }));
    expect(headers['content-encoding']).toBe('gzip');
    expect(headers.vary).toBe('Accept-Encoding');
    expect(bytes.length).toBeLessThan(text.length / 4);
  });

  it.each(['identity', 'deflate, br', 'gzip;q=0'])('is not used for %s', async (accepted) => {
    const { headers, text } = await send(server.url, withHeaders(LOGS, { 'accept-encoding': accepted }));
    expect(headers['content-encoding']).toBeUndefined();
    expect(resultOf(text)).toEqual(resultOf((await send(server.url, LOGS)).text));
  });

  it('leaves errors readable', async () => {
    const broken = rangeRequest('logs', { query: '{', ...RANGE });
    const { status, headers, bytes } = await send(server.url, broken);
    expect(status).toBe(400);
    expect(headers['content-encoding']).toBeUndefined();
    expect(bytes.toString()).toMatch(/^parse error at line 1, col 2: syntax error: /);
  });
});

describe('a proxy that speaks HTTP/1.0, as nginx does unless told otherwise', () => {
  it('gets a long answer whole, not in chunks, and the end of the connection after it', async () => {
    const socket = connect(server.port, '127.0.0.1');
    const long = rangeRequest('logs', { query: '{env=~".+"} | json | logfmt', ...RANGE, limit: 5000 });
    socket.write(`GET ${long.path}?${long.search} HTTP/1.0\r\nHost: loki\r\n\r\n`);
    const pieces: Buffer[] = [];
    for await (const piece of socket) pieces.push(piece as Buffer);
    const [head = '', body = ''] = Buffer.concat(pieces).toString('utf8').split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.[01] 200 OK\r\n/);
    expect(head).not.toMatch(/transfer-encoding/i);
    expect(body.length).toBeGreaterThan(300_000);
    expect(resultOf(body)).toEqual(resultOf((await send(server.url, { ...long, headers: {} })).text));
  });
});

describe('caching', () => {
  it.each(['no-cache', 'no-store', 'max-age=0'])('asked for with %s changes nothing of the result', async (value) => {
    const plain = await send(server.url, logcliRange('query', { query: '{env="prod"}', ...RANGE, limit: 30 }));
    const request = logcliRange('query', { query: '{env="prod"}', ...RANGE, limit: 30 });
    const asked = await send(server.url, withHeaders(request, { 'cache-control': value, pragma: 'no-cache' }));
    expect(asked.status).toBe(200);
    expect(resultOf(asked.text)).toEqual(resultOf(plain.text));
  });

  it('is never done halfway: a condition is answered with the whole', async () => {
    const conditions = { 'if-none-match': '"x"', 'if-modified-since': new Date().toUTCString() };
    expect(await send(server.url, withHeaders(LABELS, conditions))).toMatchObject({ status: 200 });
    expect(await send(server.url, withHeaders(LABELS, { range: 'bytes=0-10' }))).toMatchObject({ status: 200 });
  });
});

describe('other methods', () => {
  it('HEAD is the answer without its body', async () => {
    for (const request of [LABELS, LOGS]) {
      const { status, headers, bytes } = await send(server.url, { ...request, method: 'HEAD' });
      expect({ status, bytes: bytes.length }).toEqual({ status: 200, bytes: 0 });
      expect(headers['content-type']).toMatch(/^application\/json/);
    }
  });

  it.each(['OPTIONS', 'PUT', 'DELETE', 'PATCH'])(
    '%s of a query is 405 and names those that are allowed',
    async (method) => {
      const { status, headers } = await send(server.url, { ...LOGS, method });
      expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: 'GET, POST' });
    },
  );

  it('a form that is posted is answered like a query string', async () => {
    const posted = await server.client.request(LOGS.path, {
      method: 'POST',
      headers: { ...LOGS.headers, 'content-type': 'application/x-www-form-urlencoded' },
      body: LOGS.search,
    });
    expect(resultOf(posted.body)).toEqual(resultOf((await send(server.url, LOGS)).text));
  });
});

describe('times', () => {
  const ask = async (start: string, end: string): Promise<unknown> => {
    const parameters = {
      query: '{service_name="gateway"}',
      start,
      end,
      limit: 10,
      step: '1000ms',
      direction: 'FORWARD',
    };
    return resultOf(
      (await send(server.url, { ...LOGS, search: String(new URLSearchParams(parameters as never)) })).text,
    );
  };

  it.each([
    ['seconds', '1740787205', '1740787207'],
    ['seconds with a fraction', '1740787205.000', '1740787207.0'],
    ['milliseconds in ISO 8601', '2025-03-01T00:00:05.000Z', '2025-03-01T00:00:07.000Z'],
    ['RFC 3339 with an offset', '2025-03-01T02:00:05+02:00', '2025-02-28T19:00:07-05:00'],
    ['RFC 3339 with nanoseconds', '2025-03-01T00:00:04.999999999Z', '2025-03-01T00:00:06.000000001Z'],
  ])('in %s are those in nanoseconds', async (_, start, end) => {
    const expected = await ask('1740787205000000000', '1740787207000000000');
    expect(expected).toMatchObject([{ values: [{}, {}] }]);
    expect(await ask(start, end)).toEqual(expected);
  });
});

describe('a long query', () => {
  it('fits into the URL as far as a query may be long at all', async () => {
    const patterns = Array.from({ length: 900 }, (_, i) => `"path=/api/${i} ${'y'.repeat(100)} <_> \\"ü\\" ${i}"`).join(
      ' or ',
    );
    const asked = { query: `{env="prod"}   |> ${patterns} or "<_> status=500 <_>"`, ...RANGE, limit: 10 };
    expect(asked.query.length).toBeGreaterThan(100_000);
    const { status, text } = await send(server.url, rangeRequest('patterns', asked));
    expect({ status, text: status === 200 ? '' : text }).toEqual({ status: 200, text: '' });
    expect(resultOf(text)).toMatchObject([{ stream: { service_name: 'gateway' } }]);
    const longer = { ...asked, query: `${asked.query} or "${'x'.repeat(50_000)}"` };
    expect(await send(server.url, rangeRequest('patterns', longer))).toMatchObject({ status: 400 });
  });
});

describe('paths that are not there', () => {
  it.each(['/loki/api/v2alpha/tail', '/loki/api/v1/nothing', '/loki/api/v1/label//values', '/api/v1/query'])(
    '%s is 404',
    async (path) => {
      expect(await send(server.url, { ...LABELS, path, search: 'query={app="x"}' })).toMatchObject({ status: 404 });
    },
  );
});
