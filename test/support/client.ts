/** A Loki client for tests: plain requests, and the few questions that tests keep asking. */
import { setTimeout as delay } from 'node:timers/promises';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { formatLabels, labelsOf } from '../../src/wire/labels.js';
import { type SampleEntry, snappyPush } from './push.js';

export interface PushStream {
  readonly labels: Readonly<Record<string, string>>;
  readonly entries: readonly SampleEntry[];
}

export interface Response {
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
}

export type PushEncoding = 'json' | 'json+gzip' | 'json+deflate' | 'protobuf' | 'protobuf+gzip';

export interface Entry {
  readonly time: bigint;
  readonly line: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Seconds and value. */
  readonly points: readonly (readonly [number, string])[];
}

export interface Answer {
  readonly type: 'streams' | 'matrix' | 'vector' | 'scalar';
  /** In the order of the answer. */
  readonly entries: readonly Entry[];
  readonly series: readonly Series[];
  readonly warnings: readonly string[];
  readonly explain: string | undefined;
}

export type Parameters = Readonly<Record<string, string | number | bigint | readonly string[]>>;

/** 2025-03-01T00:00:00Z, in nanoseconds: what the tests push lies here. */
export const BASE = 1_740_787_200_000_000_000n;
export const SECOND = 1_000_000_000n;
export const HOUR = 3600n * SECOND;

const PAGE_ENTRIES = 5000;

export class LokiClient {
  readonly #url: () => string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: () => string, headers: Readonly<Record<string, string>> = {}) {
    this.#url = url;
    this.#headers = headers;
  }

  /** The same server as another tenant. */
  as(tenant: string): LokiClient {
    return new LokiClient(this.#url, { ...this.#headers, 'x-scope-orgid': tenant });
  }

  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...this.#headers, ...(init.headers as Record<string, string> | undefined) };
    const response = await fetch(this.#url() + path, { ...init, headers });
    return { status: response.status, body: await response.text(), headers: response.headers };
  }

  get(path: string, parameters: Parameters = {}, init: RequestInit = {}): Promise<Response> {
    const search = searchOf(parameters);
    return this.request(search === '' ? path : `${path}?${search}`, init);
  }

  /** Pushes and returns what came back, whatever it is. */
  pushRaw(body: Uint8Array | string, headers: Record<string, string>): Promise<Response> {
    return this.request('/loki/api/v1/push', {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : Buffer.from(body),
    });
  }

  tryPush(streams: readonly PushStream[], encoding: PushEncoding = 'json'): Promise<Response> {
    const { body, headers } = encodePush(streams, encoding);
    return this.pushRaw(body, headers);
  }

  /** Pushes what must be accepted. */
  async push(streams: readonly PushStream[], encoding: PushEncoding = 'json'): Promise<void> {
    const { status, body } = await this.tryPush(streams, encoding);
    if (status !== 204) throw new Error(`push was answered ${status}: ${body}`);
  }

  async flush(): Promise<void> {
    const { status, body } = await this.request('/flush', { method: 'POST' });
    if (status !== 204) throw new Error(`flush was answered ${status}: ${body}`);
  }

  /** Entries or a metric over [BASE - 1 h, BASE + 24 h) unless told otherwise. */
  async range(query: string, parameters: Parameters = {}, init: RequestInit = {}): Promise<Answer> {
    const all = { query, start: BASE - HOUR, end: BASE + 24n * HOUR, limit: PAGE_ENTRIES, ...parameters };
    return answerOf(await this.get('/loki/api/v1/query_range', all, init));
  }

  /** A metric at BASE + 23 h unless told otherwise: a range of [24h] then begins an hour before BASE. */
  async instant(query: string, parameters: Parameters = {}): Promise<Answer> {
    return answerOf(await this.get('/loki/api/v1/query', { query, time: BASE + 23n * HOUR, ...parameters }));
  }

  /** Number of entries of a log query up to BASE + 23 h, counted by the server. */
  async count(logQuery: string): Promise<number> {
    const { series } = await this.instant(`sum(count_over_time(${logQuery} [24h]))`);
    return series.length === 0 ? 0 : Number(series[0]!.points[0]![1]);
  }

  /** Every entry of a log query, page by page, oldest first; pages may not cut through equal times. */
  async all(logQuery: string): Promise<readonly Entry[]> {
    const entries: Entry[] = [];
    for (let start = BASE - HOUR; ; start = entries.at(-1)!.time + 1n) {
      const page = (await this.range(logQuery, { start, direction: 'forward' })).entries;
      entries.push(...[...page].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)));
      if (page.length < PAGE_ENTRIES) return entries;
    }
  }

  /** The names in `data` of an answer; Loki leaves out an empty list. */
  async names(path: string, parameters: Parameters = {}): Promise<readonly string[]> {
    const response = await this.get(`/loki/api/v1/${path}`, {
      start: BASE - HOUR,
      end: BASE + 24n * HOUR,
      ...parameters,
    });
    return (jsonOf(response) as { data?: string[] }).data ?? [];
  }

  /** The sum over all labels of a metric at /metrics; undefined when there is none. */
  async metric(name: string): Promise<number | undefined> {
    const lines = (await this.get('/metrics')).body.split('\n');
    const values = lines.filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    return values.length === 0 ? undefined : values.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }
}

export function encodePush(
  streams: readonly PushStream[],
  encoding: PushEncoding,
): { body: Uint8Array; headers: Record<string, string> } {
  const [format, compression] = encoding.split('+');
  const plain = format === 'json' ? Buffer.from(jsonPush(streams)) : snappyPush(streams.map(textLabels));
  const type = format === 'json' ? 'application/json' : 'application/x-protobuf';
  switch (compression) {
    case 'gzip':
      return { body: gzipSync(plain), headers: { 'content-type': type, 'content-encoding': 'gzip' } };
    case 'deflate':
      return { body: deflateRawSync(plain), headers: { 'content-type': type, 'content-encoding': 'deflate' } };
    default:
      return { body: plain, headers: { 'content-type': type } };
  }
}

function textLabels({ labels, entries }: PushStream): { labels: string; entries: readonly SampleEntry[] } {
  return { labels: formatLabels(labelsOf(labels)), entries };
}

export function jsonPush(streams: readonly PushStream[]): string {
  return JSON.stringify({
    streams: streams.map(({ labels, entries }) => ({
      stream: labels,
      values: entries.map(({ time, line, metadata }) => [
        String(time),
        line,
        ...(metadata ? [Object.fromEntries(metadata)] : []),
      ]),
    })),
  });
}

function searchOf(parameters: Parameters): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of Array.isArray(value) ? value : [value]) search.append(name, String(each));
  }
  return String(search);
}

/** The JSON of an answer that must be a success. */
export function jsonOf({ status, body }: Response): unknown {
  if (status !== 200) throw new Error(`answered ${status}: ${body}`);
  return JSON.parse(body);
}

interface QueryBody {
  readonly warnings?: readonly string[];
  readonly data: {
    readonly resultType: Answer['type'];
    readonly explain?: string;
    readonly result: readonly {
      readonly stream?: Record<string, string>;
      readonly metric?: Record<string, string>;
      readonly value?: readonly [number, string];
      readonly values?: readonly (readonly [string | number, string])[];
    }[];
  };
}

/** What a query was answered, which must be a success. */
export function answerOf(response: Response): Answer {
  const { data, warnings = [] } = jsonOf(response) as QueryBody;
  const { resultType: type, result, explain } = data;
  if (type === 'scalar') {
    return {
      type,
      entries: [],
      series: [{ metric: {}, points: [result as unknown as [number, string]] }],
      warnings,
      explain,
    };
  }
  const entries = result.flatMap(({ stream, values = [] }) =>
    stream ? values.map(([time, line]) => ({ time: BigInt(time), line, labels: stream })) : [],
  );
  const series = result.flatMap(({ metric, value, values }) =>
    metric ? [{ metric, points: (value ? [value] : values) as Series['points'] }] : [],
  );
  return { type, entries, series, warnings, explain };
}

/** Asks again and again until the answer is not undefined; throws `what` after the time. */
export async function waitFor<T>(what: string, ask: () => Promise<T | undefined>, timeoutMs = 15_000): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`in vain waited for: ${what}`);
    await delay(20);
  }
}

/** Entries a second apart from `first` on, all of one kind. */
export function numbered(count: number, line: (i: number) => string = (i) => `line ${i}`, first = BASE): SampleEntry[] {
  return Array.from({ length: count }, (_, i) => ({ time: first + BigInt(i) * SECOND, line: line(i) }));
}
