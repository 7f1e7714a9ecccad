/**
 * Requests and responses as route handlers see them. Handlers never touch a socket: `server-node.ts` turns node:http's
 * objects into these, and tests write them by hand.
 */
import type { TenantLimits } from '../wire/limits.js';
import type { Outcome } from '../wire/query.js';
import type { Nanos } from '../wire/time.js';
import type { Client } from './client.js';
import type { Parameters } from './parameters.js';
import type { Process } from './process.js';

export interface RawRequest {
  /** Upper case. */
  readonly method: string;
  /** Path and query string, as sent. */
  readonly url: string;
  /** A header's value, or '' when the client did not send it. */
  readonly header: (name: string) => string;
  /** Reads the whole body. Raises `too-large` over `maxBytes`, and `cancelled` when the client left half-way. */
  readonly readBody: (maxBytes: number) => Promise<Uint8Array>;
  /** What `readBody` gave is looked at by nobody any more: the next body may be written there. */
  readonly freeBody?: (() => void) | undefined;
  /** Aborts when the client goes away before the response has been sent. Made when it is asked for. */
  readonly signal: AbortSignal;
}

/** What a handler gets: the raw request plus what every endpoint needs to have been decided already. */
export interface ApiRequest extends RawRequest {
  readonly tenant: string;
  /** URL query and form body, merged. */
  readonly parameters: Parameters;
  /** The `{name}` in the route's path, decoded; '' for routes without one. */
  readonly pathName: string;
  /** When the request arrived. */
  readonly now: Nanos;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Large bodies come in pieces, so that a big answer is never one string and does not hold up the event loop. */
  readonly body: string | Uint8Array | Generator<string, void>;
  /** With status 101: the connection becomes a WebSocket and is sent these, as fast as the client reads. */
  readonly tail?: TailTexts;
}

export interface TailTexts {
  /** The next message, when there is one; the fault that ended it otherwise. */
  readonly next: (signal: AbortSignal) => Promise<Outcome<string>>;
  readonly close: () => void;
}

/** Everything the HTTP layer is told about the process around it. */
export interface Api {
  readonly client: Client;
  readonly limits: (tenant: string) => TenantLimits;
  /** Without it every request belongs to the tenant `fake`, whatever its headers say. */
  readonly authEnabled: boolean;
  /** Whether `X-Scope-OrgID: a|b` may ask for what several tenants hold. */
  readonly multiTenantQueries: boolean;
  readonly bodyBytesMax: number;
  readonly decompressedBytesMax: number;
  /** Shown by `status/buildinfo`. */
  readonly version: string;
  /** Whether log patterns are kept. */
  readonly patternsEnabled: boolean;
  readonly now: () => Nanos;
  readonly process: Process;
}

export type Handler = (request: ApiRequest, api: Api) => ApiResponse | Promise<ApiResponse>;

export const JSON_TYPE = 'application/json; charset=UTF-8';
export const TEXT_TYPE = 'text/plain; charset=utf-8';

export function json(body: string | Generator<string, void>, status = 200): ApiResponse {
  return { status, headers: { 'content-type': JSON_TYPE }, body };
}

export function text(body: string, status = 200): ApiResponse {
  return { status, headers: { 'content-type': TEXT_TYPE }, body };
}

export function noContent(): ApiResponse {
  return { status: 204, headers: {}, body: '' };
}
