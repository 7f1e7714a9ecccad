import { text as textOf } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { CommandError } from './command-error.js';

export interface ServerReply {
  readonly status: number;
  readonly body: string;
  /** Seconds the server asks to wait before the next attempt; 0 when it says nothing. */
  readonly retryAfter: number;
}

/** A running Skald (or Loki), as the commands talk to it. */
export class ServerClient {
  readonly #base: URL;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(base: URL, tenant: string | undefined) {
    this.#base = base;
    this.#headers = { 'user-agent': 'skald-cli', ...(tenant === undefined ? {} : { 'x-scope-orgid': tenant }) };
  }

  /** Asks and returns the JSON of a success; anything else is a CommandError with the server's words. */
  async get(path: string, parameters: readonly (readonly [name: string, value: string])[]): Promise<unknown> {
    const search = new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value]));
    const reply = await this.#send(`${path}?${search}`, { headers: this.#headers });
    if (reply.status !== 200) throw refused(reply);
    try {
      return JSON.parse(reply.body) as unknown;
    } catch {
      throw new CommandError(`${this.#base.origin} did not answer in JSON; is it a Skald or Loki server?`);
    }
  }

  /** An open WebSocket that is paused, so that the caller can listen first; a refusal as in `get`. */
  webSocket(path: string, parameters: readonly (readonly [name: string, value: string])[]): Promise<WebSocket> {
    const url = new URL(path, this.#base);
    url.protocol = url.protocol.replace('http', 'ws');
    for (const [name, value] of parameters) url.searchParams.append(name, value);
    const socket = new WebSocket(url, { headers: this.#headers });
    return new Promise((resolve, reject) => {
      socket.once('open', () => {
        socket.pause();
        resolve(socket);
      });
      socket.once('error', (error) => reject(unreachable(this.#base, new Error(error.message, { cause: error }))));
      socket.once('unexpected-response', (_request, response) => {
        textOf(response).then((body) => {
          reject(refused({ status: response.statusCode ?? 0, body, retryAfter: 0 }));
          socket.terminate();
        }, reject);
      });
    });
  }

  /** Sends a push body; the caller decides what to make of the status. */
  push(body: Uint8Array, encoding: 'gzip'): Promise<ServerReply> {
    const headers = { ...this.#headers, 'content-type': 'application/json', 'content-encoding': encoding };
    return this.#send('/loki/api/v1/push', { method: 'POST', headers, body });
  }

  async #send(path: string, request: RequestInit): Promise<ServerReply> {
    try {
      const response = await fetch(new URL(path, this.#base), request);
      const retryAfter = Number(response.headers.get('retry-after'));
      return {
        status: response.status,
        body: await response.text(),
        retryAfter: Number.isFinite(retryAfter) ? retryAfter : 0,
      };
    } catch (error) {
      throw unreachable(this.#base, error);
    }
  }
}

/** No answer at all; the same request may succeed later. */
export class Unreachable extends CommandError {}

function unreachable(base: URL, error: unknown): Unreachable {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ECONNREFUSED') {
    return new Unreachable(`nothing listens at ${base.origin}; is Skald running? start it with: npm start`);
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new Unreachable(`there is no host ${base.hostname}; check --addr or SKALD_ADDR`);
  }
  const why = cause instanceof Error ? cause.message : error instanceof Error ? error.message : String(error);
  return new Unreachable(`no answer from ${base.origin}: ${why}`);
}

/** What a refusal means for somebody at a command line. */
const HINTS: readonly (readonly [said: RegExp, hint: string])[] = [
  [/^no org id/, 'name your tenant with --org-id TENANT or SKALD_ORG_ID'],
  [
    /^the query time range exceeds the limit/,
    'ask for less with --from and --to, or start the server with --set limits.max_query_length=0',
  ],
];

export function refused({ status, body }: ServerReply): CommandError {
  const said = body.trim() === '' ? `the server answered with status ${status}` : body.trim();
  const hint = HINTS.find(([pattern]) => pattern.test(said));
  return new CommandError(hint === undefined ? said : `${said}\n${hint[1]}`);
}
