/** WebSockets on the HTTP server: taking the connection over, and sending as fast as the client reads. */
import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { asFault, type Fault, fault } from '../wire/fault.js';
import type { ApiResponse, TailTexts } from './exchange.js';

const PING_PERIOD_MS = 1000;
/** A client that takes nothing for this long is gone. */
const STUCK_MS = 60_000;
/** Clients have nothing to say. */
const RECEIVED_BYTES_MAX = 64 * 1024;
/** Between telling a client that the server stops and cutting its connection. */
const FAREWELL_MS = 1000;
const GOING_AWAY = 1001;
const INTERNAL_ERROR = 1011;
/** Of a close frame (RFC 6455, section 5.5), less the code. */
const REASON_BYTES_MAX = 123;

export interface UpgradeHandler {
  /** Answers a request for a WebSocket; with `tail` it is granted. */
  readonly answer: (request: IncomingMessage, signal: AbortSignal) => Promise<ApiResponse>;
  readonly write: (request: IncomingMessage, response: ServerResponse, reply: ApiResponse) => Promise<void>;
}

export class TailSockets {
  readonly #server: Server;
  readonly #handler: UpgradeHandler;
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: RECEIVED_BYTES_MAX });

  constructor(server: Server, handler: UpgradeHandler) {
    this.#server = server;
    this.#handler = handler;
    server.on('upgrade', (request: IncomingMessage, connection: Duplex, head: Buffer) => {
      const isWebSocket = request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket';
      if (isWebSocket) void this.#upgrade(request, connection, head);
      else this.#asPlainRequest(request, connection, head);
    });
  }

  close(): void {
    for (const socket of this.#sockets.clients) {
      socket.close(GOING_AWAY, 'Skald is stopping');
      setTimeout(() => socket.terminate(), FAREWELL_MS).unref();
    }
  }

  async #upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): Promise<void> {
    const gone = new AbortController();
    connection.on('error', () => connection.destroy());
    connection.on('close', () => gone.abort(fault('cancelled', 'the client has left')));
    const reply = await this.#handler.answer(request, gone.signal);
    const { tail } = reply;
    if (tail === undefined) return await this.#refuse(request, connection, reply);
    if (gone.signal.aborted || !this.#server.listening) {
      tail.close();
      connection.destroy();
      return;
    }
    connection.once('close', () => tail.close());
    this.#sockets.handleUpgrade(request, connection, head, (socket) => void send(socket, tail, gone.signal));
  }

  async #refuse(request: IncomingMessage, connection: Duplex, reply: ApiResponse): Promise<void> {
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(connection as never);
    response.on('finish', () => connection.end());
    await this.#handler.write(request, response, reply).catch(() => connection.destroy());
  }

  /**
   * An upgrade that is not known is passed over (RFC 9110, section 7.8), such as that to HTTP/2 which Java's client offers
   * with every request: the connection is read again without it.
   */
  #asPlainRequest({ method, url, httpVersion, rawHeaders }: IncomingMessage, connection: Duplex, head: Buffer): void {
    const lines = [`${method} ${url} HTTP/${httpVersion}`];
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const name = rawHeaders[i]!.toLowerCase();
      if (name !== 'upgrade' && name !== 'connection') lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
    }
    connection.unshift(head);
    connection.unshift(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
    this.#server.emit('connection', connection);
  }
}

async function send(socket: WebSocket, tail: TailTexts, signal: AbortSignal): Promise<void> {
  let sendingMs = 0;
  const timer = setInterval(() => {
    sendingMs = socket.bufferedAmount === 0 ? 0 : sendingMs + PING_PERIOD_MS;
    if (sendingMs >= STUCK_MS) socket.terminate();
    else if (sendingMs === 0 && socket.readyState === socket.OPEN) socket.ping();
  }, PING_PERIOD_MS);
  socket.on('close', () => clearInterval(timer));
  // A frame that is none ends the connection, which is all there is to do about it.
  socket.on('error', () => undefined);
  try {
    for (;;) {
      const outcome = await tail.next(signal);
      if (socket.readyState !== socket.OPEN) return;
      if (!outcome.ok) return closeWith(socket, outcome.fault);
      if (!(await sent(socket, outcome.value))) return;
    }
  } catch (error) {
    closeWith(socket, asFault(error));
  }
}

/** Resolves when the client's side has taken it; false when there is no client any more. */
function sent(socket: WebSocket, text: string): Promise<boolean> {
  return new Promise((resolve) => {
    socket.send(text, (error) => resolve(!error));
  });
}

function closeWith(socket: WebSocket, { code, message }: Fault): void {
  const reason = Buffer.from(message)
    .subarray(0, REASON_BYTES_MAX)
    .toString()
    .replace(/\uFFFD$/u, '');
  socket.close(code === 'unavailable' ? GOING_AWAY : INTERNAL_ERROR, reason);
}
