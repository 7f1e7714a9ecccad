/** Whole queries over a few rows, asked of memory and again of an object: both must answer alike. */
import { expect } from 'vitest';
import { formatLabels, type Labels } from '../../src/wire/labels.js';
import { DEFAULT_LIMITS, type TenantLimits } from '../../src/wire/limits.js';
import type { Outcome, QueryRequest, QueryResult } from '../../src/wire/query.js';
import { fakeApi, fakeClient, NO_STATS, ok, type Question, type Reply, request, search } from './api.js';
import { QuerySystem, requestOf, SECOND, T0, TENANT } from './query-system.js';

export type Fields = Readonly<Record<string, string>>;

/** A line, or more than that; rows are a second apart and labelled `{app="x"}` unless they say otherwise. */
export type SurfaceRow =
  | string
  | {
      readonly line: string;
      readonly labels?: Fields;
      readonly metadata?: Fields;
      /** ns after T0. */
      readonly at?: bigint;
    };

export interface SeenEntry {
  readonly labels: Fields;
  readonly line: string;
  readonly time: bigint;
}

export interface SeenSeries {
  readonly labels: Fields;
  /** NaN and infinities as Go prints them are numbers here. */
  readonly values: readonly (readonly [at: number, value: number])[];
}

/** Seconds after T0 at which instant queries evaluate: after every row. */
export const EVALUATED_AT = 1800;

class Surface {
  readonly #rows: readonly SurfaceRow[];
  readonly #limits: Partial<TenantLimits>;

  constructor(rows: readonly SurfaceRow[], limits: Partial<TenantLimits>) {
    this.#rows = rows;
    this.#limits = limits;
  }

  /** Entries of a log query as one list, oldest first; of equal times those of the first stream first. */
  async entries(query: string, more: Partial<QueryRequest> = {}): Promise<readonly SeenEntry[]> {
    const result = await this.ask(query, { direction: 'forward', ...more });
    if (result.type !== 'streams') throw new Error(`a ${result.type}`);
    return result.streams
      .flatMap(({ labels, entries }) =>
        entries.map(({ line, time, structuredMetadata = [], parsed = [] }): SeenEntry => {
          return { labels: fieldsOf([...labels, ...structuredMetadata, ...parsed]), line, time };
        }),
      )
      .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  }

  /** Label sets of the entries without `app="x"`. */
  async labels(query: string): Promise<readonly Fields[]> {
    return (await this.entries(query)).map(({ labels }) => {
      const { app, ...rest } = labels;
      return app === undefined || app === 'x' ? rest : labels;
    });
  }

  async lines(query: string): Promise<readonly string[]> {
    return (await this.entries(query)).map(({ line }) => line);
  }

  /** An instant query's samples as `{labels} value` in the order of the answer, without `app="x"`. */
  async samples(query: string, at = EVALUATED_AT): Promise<readonly string[]> {
    const time = T0 + BigInt(at) * SECOND;
    const result = await this.ask(query, { mode: 'instant', start: time, end: time, stepNs: 0 });
    if (result.type !== 'vector') throw new Error(`a ${result.type}`);
    return result.samples.map(({ labels, value }) => `${textOf(labels)} ${value}`);
  }

  /** A range query's series as `{labels} seconds:value ...`, seconds after T0. */
  async series(query: string, more: Partial<QueryRequest> = {}): Promise<readonly string[]> {
    const result = await this.ask(query, more);
    if (result.type !== 'matrix') throw new Error(`a ${result.type}`);
    const zero = Number(T0 / 1_000_000n);
    return result.series.map(({ labels, timesMs, values }) => {
      return [textOf(labels), ...timesMs.map((time, i) => `${(time - zero) / 1000}:${values[i]}`)].join(' ');
    });
  }

  /** The message a query fails with. */
  async fault(query: string, more: Partial<QueryRequest> = {}): Promise<string> {
    const messages = await this.#twice(async (system) => {
      const reply = await system.reply(requestOf(query, more));
      return reply.kind === 'fault' ? reply.fault.message : `no fault but ${reply.kind}`;
    });
    return messages;
  }

  async ask(query: string, more: Partial<QueryRequest> = {}): Promise<QueryResult> {
    return this.#twice(async (system) => (await system.ask(query, more)).result);
  }

  /** The response to a request for a query (its statistics are zero), or for labels, their values or series. */
  async http(path: string, parameters: Readonly<Record<string, string>>, question: Question = {}): Promise<Reply> {
    return this.#twice(async (system) => {
      const client = fakeClient({
        query: async (query) => {
          const reply = await system.reply({ ...query, tenant: TENANT });
          if (reply.kind === 'answer') return { ok: true, value: { ...reply.answer, stats: NO_STATS } };
          if (reply.kind === 'fault') return { ok: false, fault: reply.fault };
          throw new Error(reply.kind);
        },
        labels: ({ selectors }) => names(system, 'labels', selectors),
        labelValues: ({ selectors, name }) => names(system, 'values', selectors, name),
        series: async ({ selectors }) => {
          const reply = await system.metadata('series', selectors);
          if (reply.kind === 'fault') return { ok: false, fault: reply.fault };
          const series = reply.kind === 'series' ? [...reply.series] : [];
          return ok(series.sort((a, b) => (formatLabels(a) < formatLabels(b) ? -1 : 1))); // no order is promised
        },
      });
      const limits = (): TenantLimits => ({ ...DEFAULT_LIMITS, ...this.#limits });
      return request(
        fakeApi(client, { limits }),
        `${path}${path.includes('?') ? '' : '?'}${search(parameters)}`,
        question,
      );
    });
  }

  async #twice<T>(ask: (system: QuerySystem) => Promise<T>): Promise<T> {
    const system = new QuerySystem(this.#limits);
    system.push(
      this.#rows.map((row, i) => {
        const {
          line,
          labels = { app: 'x' },
          metadata = {},
          at = BigInt(i) * SECOND,
        } = typeof row === 'string' ? { line: row } : row;
        return { labels, line, time: T0 + at, metadata: Object.entries(metadata) };
      }),
    );
    const live = await ask(system);
    await system.flush();
    expect(await ask(system)).toEqual(live);
    return live;
  }
}

export function surface(rows: readonly SurfaceRow[], limits: Partial<TenantLimits> = {}): Surface {
  return new Surface(rows, limits);
}

async function names(
  system: QuerySystem,
  what: 'labels' | 'values',
  selectors: readonly string[],
  name = '',
): Promise<Outcome<readonly string[]>> {
  const reply = await system.metadata(what, selectors, name);
  if (reply.kind === 'fault') return { ok: false, fault: reply.fault };
  return ok(reply.kind === 'names' ? reply.names : []);
}

function fieldsOf(labels: Labels): Fields {
  return Object.fromEntries(labels);
}

function textOf(labels: Labels): string {
  const shown = labels.filter(([name, value]) => name !== 'app' || value !== 'x');
  return `{${shown.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
}
