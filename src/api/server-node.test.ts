import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { EMPTY_ANSWER, fakeApi, fakeClient, NOW, ok } from '../../test/support/api.js';
import type { PushRequest, QueryAnswer } from '../wire/query.js';
import type { Client } from './client.js';
import { acceptsGzip } from './response-node.js';
import { type HttpOptions, type HttpServer, startHttp } from './server-node.js';

const SILENT = { debug: () => {}, warn: () => {}, error: () => {} };
const running: HttpServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close(0)));
});

async function start(client: Client, overrides: Partial<HttpOptions> = {}): Promise<HttpServer & { url: string }> {
  const server = await startHttp({
    ...fakeApi(client),
    host: '127.0.0.1',
    port: 0,
    logger: SILENT,
    ...overrides,
  });
  running.push(server);
  return { ...server, url: `http://127.0.0.1:${server.port}` };
}

/** Sends bytes as they are and reads until the server closes. */
async function raw(port: number, message: string, end = false): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(message);
  if (end) socket.end();
  return await textOf(socket);
}

function longAnswer(entries: number): QueryAnswer {
  const stream = {
    labels: [],
    entries: Array.from({ length: entries }, (_, i) => ({ time: BigInt(i), line: `line ${i} ${'x'.repeat(90)}` })),
  };
  return { ...EMPTY_ANSWER, result: { type: 'streams', streams: [stream] } };
}

function pushed(client: ReturnType<typeof fakeClient>): PushRequest[] {
  return client.calls.filter((call) => call.method === 'push').map((call) => call.argument as PushRequest);
}

describe('bodies', () => {
  it('arrive whole, with a length and without one', async () => {
    const client = fakeClient();
    const { url } = await start(client);
    const body = Buffer.alloc(300_000, 'abc');
    const headers = { 'content-type': 'application/json' };
    const sized = await fetch(`${url}/loki/api/v1/push`, { method: 'POST', headers, body });
    const chunks = new ReadableStream({
      start(controller) {
        for (let i = 0; i < body.length; i += 70_000) controller.enqueue(body.subarray(i, i + 70_000));
        controller.close();
      },
    });
    const chunked = await fetch(`${url}/loki/api/v1/push`, { method: 'POST', headers, body: chunks, duplex: 'half' });
    expect([sized.status, chunked.status]).toEqual([204, 204]);
    expect(pushed(client).map((push) => Buffer.compare(push.body, body))).toEqual([0, 0]);
  });

  it('over the bound are refused with both sizes, and the client sees it', async () => {
    const client = fakeClient();
    const { url } = await start(client, { bodyBytesMax: 1000 });
    const reply = await fetch(`${url}/loki/api/v1/push`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: Buffer.alloc(1_000_000),
    });
    expect(reply.status).toBe(413);
    expect(await reply.text()).toBe('request body too large: message size too large than max (1000000 vs 1000)\n');
    expect(pushed(client)).toEqual([]);
  });

  it('that are refused early may be sent to their end before the connection closes', async () => {
    const { port } = await start(fakeClient(), { bodyBytesMax: 10 });
    const socket = connect(port, '127.0.0.1');
    const closed = once(socket, 'close');
    const head = 'POST /loki/api/v1/push HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    socket.write(`${head}Connection: close\r\nContent-Length: 1000000\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
    for (let sent = 0; sent < 1_000_000; sent += 100_000) {
      await new Promise<void>((resolve, reject) => {
        socket.write(Buffer.alloc(100_000), (error) => (error ? reject(error) : setTimeout(resolve, 2)));
      });
    }
    await closed;
  });

  it('over the bound without an announced length are refused too', async () => {
    const { port } = await start(fakeClient(), { bodyBytesMax: 10 });
    const head = 'POST /loki/api/v1/push HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    const reply = await raw(port, `${head}Transfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n`);
    expect(reply).toContain('413 Payload Too Large');
    expect(reply).toContain('message size too large than max (11 vs 10)');
  });

  it('cut off half-way are never pushed', async () => {
    const client = fakeClient();
    const { port, url } = await start(client);
    const head = 'POST /loki/api/v1/push HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    const reply = await raw(port, `${head}Content-Length: 100\r\n\r\n{"streams":`, true);
    expect(reply).not.toContain('204');
    expect((await fetch(`${url}/ready`)).status).toBe(200);
    expect(pushed(client)).toEqual([]);
  });
});

describe('answers', () => {
  it('are compressed when the client accepts that and it is worth it', async () => {
    const { port } = await start(fakeClient({ query: async () => ok(longAnswer(50)) }));
    const get = 'GET /loki/api/v1/query?query=x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n';
    const plain = await raw(port, `${get}\r\n`);
    expect(plain).not.toContain('content-encoding');
    const socket = connect(port, '127.0.0.1');
    socket.write(`${get}Accept-Encoding: gzip\r\n\r\n`);
    const zipped = Buffer.concat(await socket.toArray());
    const bodyStart = zipped.indexOf('\r\n\r\n') + 4;
    expect(zipped.subarray(0, bodyStart).toString()).toContain('content-encoding: gzip');
    expect(gunzipSync(zipped.subarray(bodyStart)).toString()).toBe(plain.slice(plain.indexOf('\r\n\r\n') + 4));
  });

  it.each(['gzip', 'identity'])('that are long come in pieces and are complete (%s)', async (coding) => {
    const { url } = await start(fakeClient({ query: async () => ok(longAnswer(5000)) }));
    const reply = await fetch(`${url}/loki/api/v1/query?query=x`, { headers: { 'accept-encoding': coding } });
    const body = (await reply.json()) as { data: { result: { values: string[][] }[] } };
    expect(body.data.result[0]!.values).toHaveLength(5000);
    expect(body.data.result[0]!.values[4999]![0]).toBe('4999');
  });

  it('keep the connection', async () => {
    const { port } = await start(fakeClient());
    const one = 'GET /ready HTTP/1.1\r\nHost: x\r\n\r\n';
    const replies = await raw(port, `${one}${one.replace('Host', 'Connection: close\r\nHost')}`);
    expect(replies.match(/HTTP\/1.1 200 OK/g)).toHaveLength(2);
  });

  it.each([
    ['gzip', true],
    ['deflate, gzip;q=1.0, *;q=0.5', true],
    ['*', true],
    ['GZIP', true],
    ['', false],
    ['br', false],
    ['gzip;q=0', false],
    ['gzip; q=0.000', false],
  ])('Accept-Encoding "%s" asks for gzip: %s', (header, expected) => {
    expect(acceptsGzip(header)).toBe(expected);
  });
});

describe('clients', () => {
  it('who leave cancel their query', async () => {
    let socket: Socket | undefined;
    const cancelled = new Promise<string>((resolve) => {
      const client = fakeClient({
        query: (_request, signal) =>
          new Promise((answer) => {
            signal.addEventListener('abort', () => {
              resolve(signal.reason.code);
              answer(ok(EMPTY_ANSWER));
            });
            socket!.destroy();
          }),
      });
      void start(client).then(({ port }) => {
        socket = connect(port, '127.0.0.1');
        socket.write('GET /loki/api/v1/query?query=x HTTP/1.1\r\nHost: x\r\n\r\n');
      });
    });
    expect(await cancelled).toBe('cancelled');
  });

  it('who stay do not', async () => {
    let seen: AbortSignal | undefined;
    const client = fakeClient({
      query: async (_request, signal) => {
        seen = signal;
        return ok(EMPTY_ANSWER);
      },
    });
    const { url } = await start(client);
    await (await fetch(`${url}/loki/api/v1/query?query=x`)).text();
    expect(seen!.aborted).toBe(false);
  });

  it('who speak no HTTP are told so', async () => {
    const { port } = await start(fakeClient());
    expect(await raw(port, 'hello\r\n\r\n')).toContain('400 Bad Request');
  });

  it('may send a query of 128 KB in the URL, and no headers beyond a megabyte', async () => {
    const client = fakeClient();
    const { port, url } = await start(client);
    const query = 'x'.repeat(130_000);
    expect((await fetch(`${url}/loki/api/v1/query?query=${query}`)).status).toBe(200);
    expect(client.calls[0]!.argument).toMatchObject({ query });
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`GET /ready HTTP/1.1\r\nHost: x\r\nX-Long: ${'y'.repeat(1_100_000)}\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain('431');
    socket.destroy();
  });
});

describe('the server', () => {
  it('reports every request by its route', async () => {
    const observed: unknown[][] = [];
    const { url } = await start(fakeClient(), {
      now: () => NOW,
      observe: (...fields) => observed.push(fields),
    });
    await (await fetch(`${url}/loki/api/v1/label/app/values`)).text();
    await (await fetch(`${url}/nope`)).text();
    expect(observed).toEqual([
      ['/loki/api/v1/label/{name}/values', 'GET', 200, 0],
      ['other', 'GET', 404, 0],
    ]);
  });

  it('logs what went wrong inside, with where, and nothing above debug otherwise', async () => {
    const warnings: object[] = [];
    const client = fakeClient({
      query: () => {
        throw new Error('boom');
      },
    });
    const logger = { ...SILENT, warn: (fields: object) => warnings.push(fields) };
    const { url } = await start(client, { logger });
    await (await fetch(`${url}/loki/api/v1/query?query=x`)).text();
    await (await fetch(`${url}/loki/api/v1/query?limit=x`)).text();
    expect(warnings).toEqual([
      expect.objectContaining({ status: 500, error: 'boom', detail: expect.stringContaining('server-node.test') }),
    ]);
  });

  it('refuses a port that is taken', async () => {
    const { port } = await start(fakeClient());
    await expect(start(fakeClient(), { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('lets running requests finish when it closes', async () => {
    let finish = (): void => {};
    let asked = (): void => {};
    const reached = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const client = fakeClient({
      query: () =>
        new Promise((answer) => {
          finish = () => answer(ok(EMPTY_ANSWER));
          asked();
        }),
    });
    const { url, close } = await start(client);
    const reply = fetch(`${url}/loki/api/v1/query?query=x`);
    await reached;
    const closing = close();
    finish();
    expect((await reply).status).toBe(200);
    await closing;
    await expect(fetch(`${url}/ready`)).rejects.toThrow();
  });
});
