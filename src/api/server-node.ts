import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Fault, fault } from '../wire/fault.js';
import { BodyMemory } from './body-memory.js';
import { readBody } from './body-node.js';
import { dispatch } from './dispatch.js';
import type { Api, ApiResponse, RawRequest } from './exchange.js';
import { writeResponse } from './response-node.js';
import { TailSockets } from './tail-node.js';

/** The part of pino that is used here. */
export interface HttpLogger {
  debug(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface HttpOptions extends Api {
  /** Loopback unless the operator says otherwise: Skald has no authentication of its own. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly logger: HttpLogger;
  /** Called once per request when it arrives. */
  readonly arrived?: () => void;
  /** Called once per request when its answer has been written or the client has left. */
  readonly observe?: (route: string, method: string, status: number, seconds: number) => void;
}

export interface HttpServer {
  readonly port: number;
  /** Refuses new connections, lets running requests finish, then closes; `graceMs` later what is left is cut off. */
  close(graceMs?: number): Promise<void>;
}

/** Go's bound: a query of 128 KB, percent-encoded in a URL, must fit. */
const HEADER_BYTES_MAX = 1024 * 1024;
const HEADERS_TIMEOUT_MS = 30_000;
const REQUEST_TIMEOUT_MS = 300_000;
/** Longer than the idle timeout of common proxies, which would otherwise reuse a connection just as it closes. */
const KEEP_ALIVE_MS = 120_000;
/** How much of a refused body is read and thrown away so that the client gets to see the answer. */
const DISCARDED_BYTES_MAX = 64 * 1024 * 1024;
/** How long nothing of a refused body may come before its client is cut off. */
const DISCARD_IDLE_MS = 5_000;
const CLOSE_GRACE_MS = 30_000;

export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      noDelay: true,
    },
    async (request, response) => {
      await answer(request, response, options);
      // While closing, a connection that has just fallen idle would linger for as long as keep-alive allows.
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    },
  );
  server.on('clientError', refuseMalformed);
  const tails = new TailSockets(server, {
    answer: (request, signal) => upgradeAnswer(request, signal, options),
    write: (request, response, reply) => writeReply(request, response, reply),
  });
  await listening(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    close: (graceMs = CLOSE_GRACE_MS) => {
      tails.close();
      return closed(server, graceMs);
    },
  };
}

function listening(server: Server, { host, port }: HttpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function closed(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, options: HttpOptions): Promise<void> {
  options.arrived?.();
  const started = options.now();
  const client = new Departure();
  response.on('close', () => {
    if (!response.writableFinished) client.leave();
  });
  const { response: reply, route, fault: cause } = await dispatch(rawRequest(request, client), options);
  const method = request.method ?? '';
  try {
    const rest = request.complete ? undefined : discardRest(request, response);
    await writeReply(request, response, reply, rest);
  } catch (error) {
    // Either the client has left, or its answer broke half-way: cutting the connection is the only way to say so.
    if (!client.hasLeft) options.logger.error({ err: error, route }, 'answer could not be written');
    response.destroy();
  }
  report(options, { method, route, status: client.hasLeft ? 499 : reply.status, started }, cause);
}

/** Whether a client has left, with a signal for who wants to be told: pushes, which are most requests, go on without it. */
class Departure {
  hasLeft = false;
  #abort: AbortController | null = null;

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.hasLeft) this.leave();
    return this.#abort.signal;
  }

  leave(): void {
    this.hasLeft = true;
    this.#abort?.abort(fault('cancelled', 'the request was cancelled by the client'));
  }
}

/** A request for a WebSocket, which is over for logs and metrics when it is granted or refused. */
async function upgradeAnswer(
  request: IncomingMessage,
  signal: AbortSignal,
  options: HttpOptions,
): Promise<ApiResponse> {
  options.arrived?.();
  const started = options.now();
  const { response, route, fault: cause } = await dispatch(rawRequest(request, { signal }), options);
  report(options, { method: request.method ?? '', route, status: response.status, started }, cause);
  return response;
}

function writeReply(
  request: IncomingMessage,
  response: ServerResponse,
  reply: ApiResponse,
  rest?: Promise<void>,
): Promise<void> {
  return writeResponse(response, reply, String(request.headers['accept-encoding'] ?? ''), rest);
}

function report(
  options: HttpOptions,
  { method, route, status, started }: { method: string; route: string; status: number; started: bigint },
  cause: Fault | undefined,
): void {
  const seconds = Number(options.now() - started) / 1e9;
  options.observe?.(route, method, status, seconds);
  // What the client did wrong is told to the client; what went wrong here belongs in the log, with where it happened.
  const level = status >= 500 && status !== 501 ? 'warn' : 'debug';
  const why = cause === undefined ? {} : { error: cause.message, detail: cause.detail };
  options.logger[level]({ method, route, status, seconds, ...why }, 'request');
}

const bodies = new BodyMemory();

function rawRequest(request: IncomingMessage, client: Pick<Departure, 'signal'>): RawRequest {
  let body: Uint8Array | null = null;
  return {
    method: request.method ?? '',
    url: request.url ?? '/',
    header: (name) => String(request.headers[name] ?? ''),
    readBody: async (bytesMax) => {
      body = await readBody(request, bytesMax, bodies);
      return body;
    },
    freeBody: () => {
      if (body !== null) bodies.give(body);
      body = null;
    },
    get signal() {
      return client.signal;
    },
  };
}

/**
 * The answer goes out while the client is still sending. Closing at once would reset the connection and lose the
 * answer (RFC 9112, 9.6), so the rest is read and dropped, up to a bound. Resolves when nothing more will come.
 */
function discardRest(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('connection', 'close');
  const cut = (): void => void request.destroy();
  const idle = setTimeout(cut, DISCARD_IDLE_MS).unref();
  let discarded = 0;
  request.on('data', (chunk: Buffer) => {
    idle.refresh();
    discarded += chunk.length;
    if (discarded > DISCARDED_BYTES_MAX) cut();
  });
  request.resume();
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(idle);
      resolve();
    };
    request.once('end', over);
    request.once('close', over);
  });
}

/** A request that node:http could not parse, or a body cut off by the end of its connection. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
