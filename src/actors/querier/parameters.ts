import type { QueryParameters } from '../../planning/facts.js';
import type { Expr } from '../../planning/logql/ast.js';
import type { TenantLimits } from '../../wire/limits.js';
import type { QueryRequest } from '../../wire/query.js';

/**
 * How a request is evaluated. Metric range queries run at multiples of their step, as Loki's frontend makes them (B5):
 * the step is cut to milliseconds, the start moved down and the end up. `max_query_lookback` moves the start of a range up.
 */
export function queryParameters(request: QueryRequest, expr: Expr, limits: TenantLimits, now: bigint): QueryParameters {
  const { limit, direction, intervalNs } = request;
  const { start } = withinLookback(request, limits, now);
  const common = { limit, direction, intervalNs: expr.kind === 'log' ? intervalNs : 0 };
  if (expr.kind === 'log') return { ...common, start, end: request.end, stepNs: 0 };
  if (request.mode === 'instant') return { ...common, start, end: start, stepNs: 0 };
  const step = BigInt(Math.max(1, Math.floor(request.stepNs / 1e6))) * 1_000_000n;
  return { ...common, start: floorTo(start, step), end: ceilTo(request.end, step), stepNs: Number(step) };
}

/** A request without the part of its range that is older than `max_query_lookback` allows. */
export function withinLookback(request: QueryRequest, limits: TenantLimits, now: bigint): QueryRequest {
  return request.mode === 'instant' ? request : { ...request, start: startWithinLookback(request.start, limits, now) };
}

export function startWithinLookback(start: bigint, limits: TenantLimits, now: bigint): bigint {
  const oldest = oldestTime(limits, now);
  return oldest === undefined || start >= oldest ? start : oldest;
}

/** B11: true when all of a request is older than `max_query_lookback` allows; nothing is read then. */
export function isTooOld({ end }: QueryRequest, limits: TenantLimits, now: bigint): boolean {
  const oldest = oldestTime(limits, now);
  return oldest !== undefined && end < oldest;
}

function oldestTime({ max_query_lookback_ms: lookbackMs }: TenantLimits, now: bigint): bigint | undefined {
  return lookbackMs > 0 ? now - BigInt(lookbackMs) * 1_000_000n : undefined;
}

function floorTo(time: bigint, step: bigint): bigint {
  const rest = time % step;
  return time - (rest < 0n ? rest + step : rest);
}

function ceilTo(time: bigint, step: bigint): bigint {
  return -floorTo(-time, step);
}
