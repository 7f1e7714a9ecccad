/** A load balancer for tests: one address before a server that comes and goes. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export class Front {
  /** Requests that were answered 503 because nobody was there. */
  refused = 0;
  url = '';
  readonly #target: () => string | null;

  constructor(target: () => string | null) {
    this.#target = target;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const target = this.#target();
    const reply = target === null ? null : await forwarded(target, request, body);
    if (reply === null) {
      this.refused++;
      response.writeHead(503, { 'retry-after': '1' }).end('no server');
      return;
    }
    const retryAfter = reply.headers.get('retry-after');
    response.writeHead(reply.status, retryAfter === null ? {} : { 'retry-after': retryAfter });
    response.end(Buffer.from(await reply.arrayBuffer()));
  }
}

async function forwarded(target: string, request: IncomingMessage, body: Buffer): Promise<Response | null> {
  const headers = new Headers();
  for (const name of ['content-type', 'content-encoding']) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  try {
    return await fetch(target + request.url, { method: 'POST', headers, body });
  } catch {
    return null;
  }
}

/** Forwards pushes to wherever `target` says the server is, null where it is nowhere; stops with the test. */
export async function startFront(target: () => string | null): Promise<Front> {
  const front = new Front(target);
  const listener = createServer((request, response) => void front.answer(request, response));
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  front.url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  onTestFinished(() => {
    listener.closeAllConnections();
    listener.close();
  });
  return front;
}
