import { once } from 'node:events';
import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { fakeApi, fakeClient, ok } from '../../test/support/api.js';
import { type Fault, fault } from '../wire/fault.js';
import type { PushRequest } from '../wire/query.js';
import type { TailFrame } from '../wire/tail.js';
import type { Client } from './client.js';
import { type HttpServer, startHttp } from './server-node.js';

const SILENT = { debug: () => {}, warn: () => {}, error: () => {} };
const running: HttpServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close(0)));
});

async function start(client: Client): Promise<number> {
  const server = await startHttp({ ...fakeApi(client), host: '127.0.0.1', port: 0, logger: SILENT });
  running.push(server);
  return server.port;
}

/** Sends bytes as they are and reads until the server closes. */
async function raw(port: number, ...parts: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  for (const part of parts) {
    socket.write(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return await textOf(socket);
}

/** A client whose tails say one thing and end with a fault. */
function ending(why: Fault, closes: () => void = () => {}): Client {
  const frame: TailFrame = { streams: [{ labels: [], entries: [{ time: 1n, line: 'x' }] }], dropped: [] };
  const outcomes = [ok(frame), { ok: false, fault: why } as const];
  return fakeClient({ tail: async () => ok({ next: async () => outcomes.shift()!, close: closes }) });
}

async function closeOf(port: number): Promise<[messages: string[], code: number, reason: string]> {
  const messages: string[] = [];
  const socket = new WebSocket(`ws://127.0.0.1:${port}/loki/api/v1/tail?query=x`);
  socket.on('message', (data) => messages.push(String(data)));
  const [code, reason] = await once(socket, 'close');
  return [messages, Number(code), String(reason)];
}

const HANDSHAKE = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';

describe('a WebSocket', () => {
  it('is sent what there is, then the reason for its end', async () => {
    let resolve = (): void => {};
    const closed = new Promise<void>((done) => {
      resolve = done;
    });
    const port = await start(ending(fault('timeout', 'long enough'), () => resolve()));
    expect(await closeOf(port)).toEqual([['{"streams":[{"stream":{},"values":[["1","x"]]}]}'], 1011, 'long enough']);
    await closed;
  });

  it('is told that the server goes away, and the start of a reason that is too long', async () => {
    expect((await closeOf(await start(ending(fault('unavailable', 'stopping'))))).slice(1)).toEqual([1001, 'stopping']);
    const [, code, reason] = await closeOf(await start(ending(fault('internal', 'é'.repeat(200)))));
    expect([code, reason]).toEqual([1011, 'é'.repeat(61)]);
  });

  it('of a request that is refused is answered as any request', async () => {
    const port = await start(fakeClient());
    const ask = (path: string) =>
      raw(port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${HANDSHAKE}\r\n`);
    expect(await ask('/loki/api/v1/tail?delay_for=9')).toMatch(
      /^HTTP\/1.1 400 [\s\S]*delay_for can't be greater than 5$/,
    );
    expect(await ask('/loki/api/v2alpha/tail')).toMatch(/^HTTP\/1.1 404 /);
    expect(await ask('/ready')).toMatch(/^HTTP\/1.1 200 /);
  });

  it('whose handshake is none is refused, and its tail closed', async () => {
    let resolve = (): void => {};
    const closed = new Promise<void>((done) => {
      resolve = done;
    });
    const port = await start(ending(fault('internal', 'x'), () => resolve()));
    const answer = await raw(
      port,
      'GET /loki/api/v1/tail HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    await closed;
  });
});

describe('an upgrade to something else', () => {
  it('is passed over: the request is served, its body whole, and the connection goes on', async () => {
    const client = fakeClient();
    const port = await start(client);
    const answer = await raw(
      port,
      'POST /loki/api/v1/push HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n' +
        'HTTP2-Settings: AAEAAEAA\r\nContent-Type: application/json\r\nContent-Length: 6\r\n\r\nabc',
      'def',
      'GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    expect(answer.match(/^HTTP\/1.1 \d+/gmu)).toEqual(['HTTP/1.1 204', 'HTTP/1.1 200']);
    const { body } = client.calls[0]!.argument as PushRequest;
    expect(String(Buffer.from(body))).toBe('abcdef');
  });
});
