import type { QueryParameters } from '../../planning/facts.js';
import type { Expr } from '../../planning/logql/ast.js';
import type { ScanTarget } from '../../planning/physical/node.js';
import { selectorsOf } from '../../planning/selectors.js';
import type { TimeRange } from '../../wire/time.js';
import type { ResolvedTargets } from './resolve.js';

export interface SliceBounds {
  /** Slices begin at multiples of it; 0 = the query is never cut. */
  readonly intervalNs: bigint;
  /** Tasks that are planned and run at once, where cutting at those multiples can keep to it. */
  readonly tasksMax: number;
}

/** However short the interval and long the query. */
const CUTS_MAX = 4096;
/** Windows that reach back over several slices have them read the same sections again; beyond this it does not pay. */
const REPEATED_MAX = 2;

/**
 * A query over very many sections is evaluated piece by piece, so that neither the querier nor the scheduler nor the task
 * which reads all streams holds more than a bound; a log query that has enough leaves out the rest. Pieces are as large as
 * `tasksMax` allows and cut where Loki's `split_queries_by_interval` would. Any evaluation of a metric query depends on the
 * rows of its own windows only, and log queries read disjoint ranges, so the answers of the pieces are one after another
 * the answer. In the order in which they are to run.
 */
export function slicesOf(
  expr: Expr,
  parameters: QueryParameters,
  resolved: readonly ResolvedTargets[],
  bounds: SliceBounds,
): readonly QueryParameters[] {
  const total = resolved.reduce((sum, { targets }) => sum + targets.length, 0);
  if (total <= bounds.tasksMax || bounds.intervalNs <= 0n || !isCuttable(expr, parameters)) return [parameters];
  const pieces = piecesOf(expr, parameters, cutsOf(parameters, bounds.intervalNs));
  const tasks = taskCounter(expr, parameters, resolved);
  const slices: QueryParameters[] = [];
  let repeated = 0;
  for (let first = 0, last = 0; first < pieces.length; first = last) {
    let slice = pieces[first]!;
    for (last = first + 1; last < pieces.length; last++) {
      const longer = spanOf(slice, pieces[last]!);
      if (tasks(longer) > bounds.tasksMax) break;
      slice = longer;
    }
    repeated += tasks(slice);
    slices.push(slice);
  }
  return repeated > REPEATED_MAX * total ? [parameters] : slices;
}

/** The targets with rows that a slice reads. */
export function targetsOf(
  expr: Expr,
  slice: QueryParameters,
  resolved: readonly ResolvedTargets[],
): readonly ResolvedTargets[] {
  return selectorsOf(expr, slice).map(({ range }, i) => {
    const { targets, ...same } = resolved[i]!;
    return { ...same, targets: targets.filter((target) => isIn(target, range)) };
  });
}

function isIn({ minTime, maxTime }: ScanTarget, { start, end }: TimeRange): boolean {
  return minTime < end && maxTime >= start;
}

/** An instant query has one evaluation; entries at a distance depend on those before. */
function isCuttable(expr: Expr, { stepNs, intervalNs }: QueryParameters): boolean {
  return expr.kind === 'log' ? intervalNs === 0 : stepNs > 0;
}

/** Multiples of the interval within the range, of a multiple of it when there are very many. */
function cutsOf({ start, end }: QueryParameters, intervalNs: bigint): bigint[] {
  const distance = intervalNs * ((end - start) / (intervalNs * BigInt(CUTS_MAX)) + 1n);
  const cuts: bigint[] = [];
  for (let cut = start - (start % distance) + distance; cut < end; cut += distance) if (cut > start) cuts.push(cut);
  return cuts;
}

/** The query between two neighbouring cuts each: half-open for logs, whole steps for metrics. */
function piecesOf(expr: Expr, parameters: QueryParameters, cuts: readonly bigint[]): QueryParameters[] {
  const { start, end, direction } = parameters;
  if (expr.kind === 'log') {
    const bounds = [start, ...cuts, end];
    const pieces = cuts.concat(end).map((until, i) => ({ ...parameters, start: bounds[i]!, end: until }));
    return direction === 'forward' ? pieces : pieces.reverse();
  }
  const step = BigInt(parameters.stepNs);
  const pieces: QueryParameters[] = [];
  let first = start;
  for (const cut of [...cuts, end + 1n]) {
    const next = start + ((cut - start + step - 1n) / step) * step; // the first evaluation at or behind the cut
    const last = cut > end ? end : next - step;
    if (next > first) pieces.push({ ...parameters, start: first, end: last });
    first = next;
  }
  return pieces;
}

function spanOf(a: QueryParameters, b: QueryParameters): QueryParameters {
  return { ...a, start: a.start < b.start ? a.start : b.start, end: a.end > b.end ? a.end : b.end };
}

/** How many tasks a slice has: what begins before its end less what ends before its start. */
function taskCounter(
  expr: Expr,
  whole: QueryParameters,
  resolved: readonly ResolvedTargets[],
): (slice: QueryParameters) => number {
  const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
  const tables = selectorsOf(expr, whole).map(({ range }, i) => {
    const { targets } = resolved[i]!;
    const begins = targets.map(({ minTime }) => minTime).sort(ascending);
    const ends = targets.map(({ maxTime }) => maxTime).sort(ascending);
    // Every selector reads from and to a fixed distance of the evaluation's ends.
    return { begins, ends, before: range.start - whole.start, behind: range.end - whole.end };
  });
  return ({ start, end }) =>
    tables.reduce(
      (sum, { begins, ends, before, behind }) =>
        sum + countBelow(begins, end + behind) - countBelow(ends, start + before),
      0,
    );
}

/** Numbers below a bound in an ascending list. */
function countBelow(sorted: readonly bigint[], bound: bigint): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
