/** What a query's headers and its `explain` parameter ask for besides the query itself. */
import { raise } from '../wire/fault.js';
import type { AllowsPartial, QueryRequest } from '../wire/query.js';
import type { ApiRequest } from './exchange.js';
import { parseRfc3339 } from './rfc3339.js';

export function categorizesLabels(request: ApiRequest): boolean {
  const flags = request.header('x-loki-response-encoding-flags').split(',');
  return flags.some((flag) => flag.trim() === 'categorize-labels');
}

/** `Cache-Control: no-cache`: what was kept of earlier queries shall not be used. */
export function cacheOf(request: ApiRequest): Pick<QueryRequest, 'noCache'> {
  const directives = request.header('cache-control').split(',');
  return directives.some((each) => each.trim().toLowerCase() === 'no-cache') ? { noCache: true } : {};
}

/** `allow_partial=true`: with ingesters missing, what there is. */
export function partialOf(request: ApiRequest): AllowsPartial {
  return request.parameters.get('allow_partial') === 'true' ? { allowPartial: true } : {};
}

/** X-Query-Tags, e.g. `Source=logvolhist`. */
export function queryTags(request: ApiRequest): string {
  return request.header('x-query-tags');
}

/**
 * X-Loki-Query-Limits-Context: `{"expr","from","to"}`, the query of which this one is a slice. Grafana's Go structs write
 * the keys with capitals.
 */
export function slicedFromOf(request: ApiRequest): Pick<QueryRequest, 'slicedFrom'> {
  const header = request.header('x-loki-query-limits-context');
  if (header === '') return {};
  const { expr, from, to } = lowerCaseKeys(header);
  const start = parseRfc3339(from ?? '');
  const end = parseRfc3339(to ?? '');
  if (expr === undefined || start === undefined || end === undefined) return raise('bad-request', BAD_CONTEXT);
  return expr === '' ? {} : { slicedFrom: { query: expr, start, end } };
}

const BAD_CONTEXT = 'invalid X-Loki-Query-Limits-Context: must be {"expr": a query, "from": a time, "to": a time}';

/** The texts of a JSON object. */
function lowerCaseKeys(text: string): Partial<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(text);
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
    return Object.fromEntries(
      entries.filter(([, inner]) => typeof inner === 'string').map(([key, inner]) => [key.toLowerCase(), inner]),
    );
  } catch {
    return raise('bad-request', BAD_CONTEXT);
  }
}

export function explainOf(request: ApiRequest): QueryRequest['explain'] {
  const value = request.parameters.get('explain');
  switch (value) {
    case '':
    case 'none':
      return 'none';
    case 'plan':
    case 'analyze':
      return value;
    default:
      return raise('bad-request', `invalid explain '${value}': use plan (does not run the query) or analyze`);
  }
}
