import type { Expr, LogExpr, MetricExpr } from '../../planning/logql/ast.js';
import { walkExpr } from '../../planning/logql/walk.js';
import { formatIBytes } from '../../wire/bytesize.js';
import { formatGoDuration, formatPrometheusDuration } from '../../wire/duration.js';
import { type Fault, fault } from '../../wire/fault.js';
import type { TenantLimits } from '../../wire/limits.js';
import type { QueryRequest } from '../../wire/query.js';
import type { TimeRange } from '../../wire/time.js';
import { checkBlocked } from './blocked.js';

/** What a query may not exceed before anything is looked up (B3, B7, B11, B12). Undefined = it may run. */
export function checkLimits(request: QueryRequest, expr: Expr, limits: TenantLimits): Fault | undefined {
  if (expr.kind === 'log' && request.mode === 'instant') {
    return fault(
      'bad-request',
      'log queries are not supported as an instant query type, please change your query to a range query type',
    );
  }
  if (expr.kind !== 'log' && request.streamsOnly) {
    return fault('bad-request', 'legacy endpoints only support streams result type');
  }
  return (
    checkEntries(request, expr, limits) ??
    checkLength(request, limits) ??
    checkMatchers(expr, limits) ??
    checkRange(expr, limits) ??
    checkApproximate(request, expr, limits) ??
    checkBlocked(request, expr, limits.blocked_queries)
  );
}

function checkEntries(request: QueryRequest, expr: Expr, limits: TenantLimits): Fault | undefined {
  const max = limits.max_entries_limit_per_query;
  if (expr.kind !== 'log' || max === 0 || request.limit <= max) return undefined;
  return fault(
    'bad-request',
    `max entries limit per query exceeded, limit > max_entries_limit_per_query (${request.limit} > ${max})`,
  );
}

/** B11. */
export function checkLength({ start, end }: TimeRange, limits: TenantLimits): Fault | undefined {
  const max = limits.max_query_length_ms;
  const lengthMs = Number((end - start) / 1_000_000n);
  if (max === 0 || lengthMs <= max) return undefined;
  const [length, limit] = [lengthMs, max].map((ms) => formatGoDuration(ms * 1e6));
  return fault('bad-request', `the query time range exceeds the limit (query length: ${length}, limit: ${limit})`);
}

function checkMatchers(expr: Expr, limits: TenantLimits): Fault | undefined {
  for (const { matchers } of logsIn(expr)) {
    const names = matchers.map(({ name }) => name);
    if (matchers.length > limits.max_streams_matchers_per_query) {
      return fault(
        'bad-request',
        `max streams matchers per query exceeded, matchers-count > limit (${matchers.length} > ${limits.max_streams_matchers_per_query})`,
      );
    }
    const missing = limits.required_labels.filter((name) => !names.includes(name));
    if (missing.length > 0) {
      return fault(
        'bad-request',
        `stream selector is missing required matchers [${missing.join(', ')}], labels present in the query were [${names.join(', ')}]`,
      );
    }
    if (matchers.length < limits.minimum_labels_number) {
      return fault(
        'bad-request',
        `stream selector has less label matchers than required: (present: [${names.join(', ')}], number_present: ${names.length}, required_number_label_matchers: ${limits.minimum_labels_number})`,
      );
    }
  }
  return undefined;
}

/** A29: how far back one evaluation may look. */
function checkRange(expr: Expr, { max_query_range_ms: max }: TenantLimits): Fault | undefined {
  let longest = 0;
  walkExpr(expr, (each) => {
    if (each.kind === 'range-aggregation') longest = Math.max(longest, each.range.rangeNs);
  });
  if (max === 0 || longest <= max * 1e6) return undefined;
  const [length, limit] = [longest, max * 1e6].map(formatPrometheusDuration);
  return fault('bad-request', `[interval] value exceeds limit: [${length}] > [${limit}]`);
}

/** A28: approx_topk is for instant queries of tenants that have it. */
function checkApproximate({ mode }: QueryRequest, expr: Expr, limits: TenantLimits): Fault | undefined {
  let isApproximate = false;
  walkExpr(expr, (each) => {
    if (each.kind === 'vector-aggregation' && each.op === 'approx_topk') isApproximate = true;
  });
  if (!isApproximate) return undefined;
  if (!limits.shard_aggregations.includes('approx_topk')) {
    return fault('bad-request', 'approx_topk is not enabled. See -limits.shard_aggregations');
  }
  return mode === 'range'
    ? fault('bad-request', 'count min sketches are only supported on instant queries')
    : undefined;
}

/** B12: bytes of the lines that a query would look at; `max` 0 = no limit. */
export function checkBytes(bytes: number, max: number): Fault | undefined {
  if (max === 0 || bytes <= max) return undefined;
  return fault(
    'bad-request',
    `the query would read too many bytes (query: ${formatIBytes(bytes)}, limit: ${formatIBytes(max)}); consider adding more specific stream selectors or reduce the time range of the query`,
  );
}

/** Every log selector of a query. */
export function logsIn(expr: Expr): LogExpr[] {
  if (expr.kind === 'log') return [expr];
  const inner = (metric: MetricExpr): LogExpr[] => {
    switch (metric.kind) {
      case 'range-aggregation':
        return [metric.range.log];
      case 'vector-aggregation':
      case 'label-replace':
        return inner(metric.inner);
      case 'binary':
        return [...inner(metric.left), ...inner(metric.right)];
      case 'literal':
      case 'vector':
        return [];
    }
  };
  return inner(expr);
}

/** Text of B10. */
export function seriesLimitMessage(limit: number): string {
  return `maximum number of series (${limit}) reached for a single query; consider reducing query cardinality by adding more specific stream selectors, reducing the time range, or aggregating results with functions like sum(), count() or topk()`;
}
