/** A client of live tail that keeps what it was sent. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Server } from './server.js';

export interface TailMessage {
  readonly streams: readonly {
    readonly stream: Readonly<Record<string, string>>;
    readonly values: readonly (readonly [string, string, unknown?])[];
  }[];
  readonly dropped_entries?: readonly {
    readonly timestamp: string;
    readonly labels: Readonly<Record<string, string>>;
  }[];
  readonly encodingFlags?: readonly string[];
}

export interface Refused {
  readonly status: number;
  readonly body: string;
}

export class TailClient {
  readonly messages: TailMessage[] = [];
  readonly socket: WebSocket;
  /** Once it has been closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  pings = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => this.messages.push(JSON.parse(String(data)) as TailMessage));
    socket.on('ping', () => this.pings++);
    this.closed = once(socket, 'close').then(([code, reason]) => ({ code: Number(code), reason: String(reason) }));
  }

  /** Resolves when the connection is open; rejects with what the server answered instead. */
  static async open(
    server: Server,
    query: string,
    parameters: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
    path = '/loki/api/v1/tail',
  ): Promise<TailClient> {
    const search = new URLSearchParams({ query, ...parameters });
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}?${search}`, { headers });
    const client = new TailClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('unexpected-response', (_request, response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () => reject({ status: response.statusCode ?? 0, body } satisfies Refused));
      });
      socket.once('error', reject);
    });
    return client;
  }

  get streams(): TailMessage['streams'] {
    return this.messages.flatMap(({ streams }) => streams);
  }

  get lines(): string[] {
    return this.streams.flatMap(({ values }) => values.map(([, line]) => line));
  }

  get dropped(): NonNullable<TailMessage['dropped_entries']> {
    return this.messages.flatMap(({ dropped_entries = [] }) => dropped_entries);
  }

  /** Waits until something is the case; the test's own timeout is the end of it. */
  async until(isSo: () => boolean): Promise<this> {
    while (!isSo()) await delay(10);
    return this;
  }

  async count(lines: number): Promise<this> {
    return this.until(() => this.lines.length >= lines);
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}
