import { type Fault, httpStatus } from '../../wire/fault.js';
import type { QueryAnswer, QueryRequest } from '../../wire/query.js';
import { formatRfc3339Nano } from '../../wire/time.js';
import type { Clock } from '../runtime/clock.js';
import { fnv32 } from './blocked.js';

export type WriteLog = (message: string, detail: Readonly<Record<string, unknown>>) => void;

/** Where the time of a query went, in ms; what it did not come to is absent. */
export interface Phases {
  /** Looking up what is to be read. */
  readonly resolveMs: number;
  readonly planMs: number;
  /** Waiting for slots included. */
  readonly runMs: number;
}

/** Of a query's text and of its tags. */
const TEXT_LENGTH_MAX = 4096;

/**
 * Writes a line for every query that took longer than a bound: who asked for what, what it cost and where the time went. Of
 * the request's headers only the query's tags are in it.
 */
export class SlowQueryLog {
  readonly #clock: Clock;
  readonly #longerThanMs: number;
  readonly #write: WriteLog | undefined;

  /** `longerThanMs`: 0 = no query, below = every query. */
  constructor(clock: Clock, longerThanMs: number, write: WriteLog | undefined) {
    this.#clock = clock;
    this.#longerThanMs = longerThanMs;
    this.#write = longerThanMs === 0 ? undefined : write;
  }

  begin(request: QueryRequest): {
    readonly phase: (phases: Partial<Phases>) => void;
    readonly end: (outcome: QueryAnswer | Fault) => void;
  } {
    const startedMs = this.#clock.monotonicMs();
    let phases: Partial<Phases> = {};
    return {
      phase: (more) => {
        phases = { ...phases, ...more };
      },
      end: (outcome) => {
        const durationMs = this.#clock.monotonicMs() - startedMs;
        if (durationMs <= this.#longerThanMs) return;
        this.#write?.('slow query', { ...asked(request), duration_ms: rounded(durationMs), ...came(outcome, phases) });
      },
    };
  }
}

/** `query_hash` is that of `blocked_queries`. */
function asked({ tenant, query, mode, start, end, stepNs, limit, direction, tags, noCache }: QueryRequest) {
  return {
    ...{ tenant, query: shortened(query), query_hash: fnv32(query.trim()), query_type: mode },
    ...{ start: formatRfc3339Nano(start), end: formatRfc3339Nano(end), length_ms: Number((end - start) / 1_000_000n) },
    ...{ step_ms: stepNs / 1e6, limit, direction, query_tags: shortened(tags) },
    ...(noCache && { no_cache: true }),
  };
}

function came(outcome: QueryAnswer | Fault, { resolveMs, planMs, runMs }: Partial<Phases>) {
  const times = {
    ...(resolveMs !== undefined && { resolve_ms: rounded(resolveMs) }),
    ...(planMs !== undefined && { plan_ms: rounded(planMs) }),
    ...(runMs !== undefined && { run_ms: rounded(runMs) }),
  };
  if ('code' in outcome) {
    return {
      status: outcome.status ?? httpStatus(outcome.code),
      fault: outcome.code,
      reason: shortened(outcome.message),
      ...times,
    };
  }
  const { stats } = outcome;
  return {
    ...{ status: 200, ...times, queue_ms: rounded(stats.queueSeconds * 1000) },
    ...{ total_bytes: stats.bytesScanned, total_lines: stats.rowsScanned, post_filter_lines: stats.rowsKept },
    ...{ returned: stats.entriesReturned, sections: stats.sections, sections_skipped: stats.sectionsPruned },
    ...{ tasks: stats.tasks, splits: stats.slices ?? 1 },
    ...{ cache_asked: stats.cache?.asked ?? 0, cache_found: stats.cache?.found ?? 0 },
  };
}

function shortened(text: string): string {
  return text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text;
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
