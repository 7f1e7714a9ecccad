/** A fake system behind the HTTP layer, and requests without a socket. */
import type { Client, TailReader } from '../../src/api/client.js';
import { type Dispatched, dispatch } from '../../src/api/dispatch.js';
import type { Api } from '../../src/api/exchange.js';
import type { Process, RingMember } from '../../src/api/process.js';
import { DEFAULT_LIMITS } from '../../src/wire/limits.js';
import type { Outcome, QueryAnswer, QueryStats } from '../../src/wire/query.js';

export const NO_STATS: QueryStats = {
  execSeconds: 0,
  queueSeconds: 0,
  rowsScanned: 0,
  bytesScanned: 0,
  rowsKept: 0,
  metadataBytesScanned: 0,
  entriesReturned: 0,
  sections: 0,
  sectionsPruned: 0,
  pages: 0,
  pagesPruned: 0,
  liveRows: 0,
  streams: 0,
  tasks: 0,
};

export const EMPTY_ANSWER: QueryAnswer = { result: { type: 'streams', streams: [] }, stats: NO_STATS, warnings: [] };

export function ok<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export interface Call {
  readonly method: string;
  readonly argument: unknown;
}

/** A client that answers everything with nothing, except for what is overridden, and keeps what it was asked. */
export function fakeClient(answers: Partial<Client> = {}): Client & { readonly calls: readonly Call[] } {
  const calls: Call[] = [];
  function recorded<A, S extends [AbortSignal?], R>(method: string, answer: (argument: A, ...signal: S) => R) {
    return (argument: A, ...signal: S): R => {
      calls.push({ method, argument });
      return answer(argument, ...signal);
    };
  }
  return {
    calls,
    push: recorded('push', answers.push ?? (async () => ok(undefined))),
    query: recorded('query', answers.query ?? (async () => ok(EMPTY_ANSWER))),
    labels: recorded('labels', answers.labels ?? (async () => ok([]))),
    labelValues: recorded('labelValues', answers.labelValues ?? (async () => ok([]))),
    series: recorded('series', answers.series ?? (async () => ok([]))),
    indexStats: recorded('indexStats', answers.indexStats ?? (async () => ok(NO_INDEX_STATS))),
    indexShards: recorded('indexShards', answers.indexShards ?? (async () => ok([]))),
    volume: recorded('volume', answers.volume ?? (async () => ok(EMPTY_ANSWER))),
    detectedLabels: recorded('detectedLabels', answers.detectedLabels ?? (async () => ok([]))),
    detectedFields: recorded('detectedFields', answers.detectedFields ?? (async () => ok([]))),
    detectedFieldValues: recorded('detectedFieldValues', answers.detectedFieldValues ?? (async () => ok([]))),
    patterns: recorded('patterns', answers.patterns ?? (async () => ok([]))),
    tail: recorded('tail', answers.tail ?? (async () => ok(SILENT_TAIL))),
    formatQuery: answers.formatQuery ?? ((query) => ok(query)),
    flush: answers.flush ?? (async () => ok(undefined)),
    readiness: answers.readiness ?? (() => undefined),
    metrics: answers.metrics ?? (async () => ({ contentType: 'text/plain; version=0.0.4', text: 'up 1\n' })),
  };
}

const SILENT_TAIL: TailReader = {
  next: async () => ok({ streams: [], dropped: [] }),
  close: () => undefined,
};

const NO_INDEX_STATS = { streams: 0, chunks: 0, bytes: 0, entries: 0 };

/** 2026-11-02T00:00:00Z */
export const NOW = 1793577600n * 1_000_000_000n;

export function fakeApi(client: Client, overrides: Partial<Api> = {}): Api {
  return {
    client,
    limits: () => DEFAULT_LIMITS,
    authEnabled: false,
    multiTenantQueries: false,
    bodyBytesMax: 1024 * 1024,
    decompressedBytesMax: 16 * 1024 * 1024,
    version: '1.2.3',
    patternsEnabled: true,
    now: () => NOW,
    process: fakeProcess(),
    ...overrides,
  };
}

export const RING_MEMBER: RingMember = {
  ...{ id: 'a', state: 'ACTIVE', address: '127.0.0.1:3100', zone: '' },
  ...{ registeredMs: 1_700_000_000_000, heardMs: 1_700_000_060_000, share: 1 },
};

/** A process that knows nothing but its ingester, except for what is overridden. */
export function fakeProcess(answers: Partial<Process> = {}): Process {
  return {
    config: (mode) => `mode: ${mode}\n`,
    tenantLimits: (tenant) => `tenant: ${tenant}\n`,
    services: () => [{ name: 'ingester', state: 'Running' }],
    logLevel: () => 'info',
    setLogLevel: (level) => level === 'debug',
    ring: (name) => (name === 'ingester' ? [RING_MEMBER] : undefined),
    forget: () => ok(undefined),
    memberlist: () => undefined,
    isShutdownPrepared: () => false,
    prepareShutdown: () => undefined,
    shutdown: async () => ok(undefined),
    ...answers,
  };
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly bytes: Uint8Array;
  readonly route: string;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Asks the router without a socket; header names in lower case. */
export async function request(api: Api, url: string, question: Question = {}): Promise<Reply> {
  const { method = 'GET', headers = {}, body = '' } = question;
  const { response, route }: Dispatched = await dispatch(
    {
      method,
      url,
      header: (name) => headers[name] ?? '',
      readBody: async () => Buffer.from(body as Uint8Array),
      signal: new AbortController().signal,
    },
    api,
  );
  const { body: sent } = response;
  const bytes = sent instanceof Uint8Array ? sent : Buffer.from(typeof sent === 'string' ? sent : [...sent].join(''));
  const text = Buffer.from(bytes).toString('utf8');
  return { status: response.status, headers: response.headers, body: text, bytes, route };
}

export function search(parameters: Record<string, string>): string {
  return new URLSearchParams(parameters).toString();
}
