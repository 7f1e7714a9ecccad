import { explainPlan } from '../../planning/explain.js';
import type { QueryParameters } from '../../planning/facts.js';
import type { Expr } from '../../planning/logql/ast.js';
import { type PlannedQuery, planQuery } from '../../planning/plan.js';
import type { TenantLimits } from '../../wire/limits.js';
import type { RunOptions, WorkflowDone } from '../../wire/messages/workflow.js';
import type { QueryRequest, QueryResult } from '../../wire/query.js';
import { formatRfc3339Nano } from '../../wire/time.js';
import type { Clock, Random } from '../runtime/clock.js';
import type { Router } from '../runtime/router.js';
import { joinRuns } from './join-results.js';
import { runAnywhere } from './reruns.js';
import type { ResolvedTargets } from './resolve.js';
import { type ResultBuilder, resultBuilder } from './results.js';
import { runWorkflow } from './run.js';
import type { QuerierSettings } from './settings.js';
import { slicesOf, targetsOf } from './slices.js';
import { entryCount } from './stats.js';

/** A query that is being evaluated, whichever slice of it. */
export interface Evaluation {
  readonly request: QueryRequest;
  readonly expr: Expr;
  readonly limits: TenantLimits;
  readonly options: RunOptions;
  readonly signal: AbortSignal;
}

/** What all slices that were run came to. */
export interface Evaluated {
  readonly text: string;
  readonly done: WorkflowDone | undefined;
  readonly results: readonly QueryResult[];
  readonly slices: number;
  readonly planMs: number;
  /** All that was looked up for it. */
  readonly resolved: readonly ResolvedTargets[];
}

interface EvaluatorParts {
  readonly router: Router;
  readonly clock: Clock;
  readonly random: Random;
}

/** Plans a query whose targets are known, has it run by whichever scheduler takes it, and gathers the result. */
export class Evaluator {
  readonly #parts: EvaluatorParts;
  readonly #settings: QuerierSettings;
  /** Queries take turns at the schedulers. */
  #turn = 0;

  constructor(parts: EvaluatorParts, settings: QuerierSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  /** What was looked up first, and the rest of it, part by part, until a log query has enough. The plan that is shown is that of the first. */
  async evaluate(
    evaluation: Evaluation,
    parameters: QueryParameters,
    resolved: readonly ResolvedTargets[],
    query: string,
  ): Promise<Evaluated> {
    const parts: Evaluated[] = [];
    let { limit } = parameters;
    for (let looked = resolved, own = query; ; own = this.#parts.random.ulid()) {
      const part = looked[0]?.part; // only of log queries, which have one selector
      const evaluated = await this.#evaluatePart(evaluation, { ...parameters, ...part?.range, limit }, looked, own);
      parts.push(evaluated);
      limit -= evaluated.results.reduce((rows, result) => rows + entryCount(result), 0);
      if (!part?.next || !evaluated.done || limit <= 0) break;
      looked = [await part.next()];
    }
    return parts.length === 1 ? parts[0]! : joinParts(parts);
  }

  /** One slice after another, likewise. */
  async #evaluatePart(
    evaluation: Evaluation,
    parameters: QueryParameters,
    resolved: readonly ResolvedTargets[],
    query: string,
  ): Promise<Evaluated> {
    const { expr, limits, request } = evaluation;
    const intervalNs = BigInt(Math.round(limits.split_queries_by_interval_ms)) * 1_000_000n;
    const slices = slicesOf(expr, parameters, resolved, { intervalNs, tasksMax: this.#settings.sliceTasksMax });
    const [results, runs]: [QueryResult[], WorkflowDone[]] = [[], []];
    const reached = new Set<unknown>();
    let [text, planMs] = ['', 0];
    let limit = parameters.limit;
    for (const slice of slices) {
      const targets = slices.length === 1 ? resolved : targetsOf(expr, slice, resolved);
      const own = results.length === 0 ? query : this.#parts.random.ulid();
      const run = await this.#run(evaluation, { ...slice, limit }, targets, own);
      const { planned, result, done } = run;
      planMs += run.planMs;
      if (text === '' && request.explain !== 'none')
        text = explainSlices(explainPlan(planned), slices.length) + explainPart(resolved[0]?.part);
      if (!done) break;
      results.push(result);
      runs.push(done);
      for (const each of targets) for (const target of each.targets) reached.add(target);
      if (expr.kind === 'log') limit -= entryCount(result);
      if (expr.kind === 'log' && limit <= 0) break;
    }
    const done = joinRuns(runs, countTargets(resolved) - reached.size);
    return { text, done, results, slices: runs.length, planMs, resolved };
  }

  /** Plans and runs; only plans where that is asked for. */
  async #run(
    { request, expr, limits, options, signal }: Evaluation,
    parameters: QueryParameters,
    resolved: readonly ResolvedTargets[],
    query: string,
  ): Promise<{ planned: PlannedQuery; result: QueryResult; done: WorkflowDone | undefined; planMs: number }> {
    const { clock } = this.#parts;
    const startedMs = clock.monotonicMs();
    let planned = this.#plan(expr, parameters, resolved);
    const planMs = clock.monotonicMs() - startedMs;
    if (request.explain === 'plan') return { planned, result: EMPTY[planned.result.type], done: undefined, planMs };
    const enough = enoughRows(expr, parameters);
    const seriesMax = limits.max_query_series || Number.POSITIVE_INFINITY;
    const gather = (): ResultBuilder => resultBuilder(planned.result, parameters, request.categorizeLabels, seriesMax);
    let builder = gather();
    let runs = 0;
    const done = await runAnywhere(clock, this.#settings, this.#turn++, signal, (scheduler) => {
      // What is run again shares no name and no frame with what may still be alive of the run before.
      if (runs > 0) [planned, builder] = [this.#plan(expr, parameters, resolved), gather()];
      const workflow = runs++ === 0 ? query : this.#parts.random.ulid();
      const run = { workflow, tenant: request.tenant, planned, scheduler, enough, options, signal };
      return runWorkflow(this.#parts, run, this.#settings, (frame) => builder.add(frame));
    });
    return { planned, result: builder.finish(), done, planMs };
  }

  #plan(expr: Expr, parameters: QueryParameters, resolved: readonly ResolvedTargets[]): PlannedQuery {
    const snapshots = resolved.map(({ targets }) => ({ targets }));
    const { random } = this.#parts;
    return planQuery(expr, parameters, snapshots, { task: () => random.ulid(), stream: () => random.ulid() });
  }
}

function joinParts(parts: readonly Evaluated[]): Evaluated {
  const sum = (of: (part: Evaluated) => number): number => parts.reduce((total, part) => total + of(part), 0);
  return {
    text: parts[0]!.text,
    done: joinRuns(
      parts.flatMap(({ done }) => done ?? []),
      0,
    ),
    results: parts.flatMap(({ results }) => results),
    slices: sum(({ slices }) => slices),
    planMs: sum(({ planMs }) => planMs),
    resolved: parts.flatMap(({ resolved }) => resolved),
  };
}

export function countTargets(resolved: readonly ResolvedTargets[]): number {
  return resolved.reduce((sum, { targets }) => sum + targets.length, 0);
}

function explainSlices(text: string, slices: number): string {
  return slices === 1 ? text : `${text}\nSlices: up to ${slices} like this one, one after another.\n`;
}

function explainPart(part: ResolvedTargets['part']): string {
  if (!part?.next) return '';
  const [start, end] = [formatRfc3339Nano(part.range.start), formatRfc3339Nano(part.range.end)];
  return `\nLooked up first: what lies from ${start} to ${end}. The rest is where that is not enough.\n`;
}

export const EMPTY: Record<QueryResult['type'], QueryResult> = {
  streams: { type: 'streams', streams: [] },
  vector: { type: 'vector', samples: [] },
  matrix: { type: 'matrix', series: [] },
  scalar: { type: 'scalar', timeMs: 0, value: 0 },
};

/** When K rows answer the query, in which order (B16); spaced queries may need any number. */
function enoughRows(
  expr: Expr,
  { limit, direction, intervalNs }: QueryParameters,
): { rows: number; ascending: boolean } | undefined {
  if (expr.kind !== 'log' || intervalNs > 0) return undefined;
  return { rows: limit, ascending: direction === 'forward' };
}
