import { quoteGo } from '../wire/labels.js';
import type { QueryRequest } from '../wire/query.js';
import type { ApiRequest, Handler } from './exchange.js';
import { directionOf, intervalOf, limitOf, orderedTimeBounds, type Parameters, stepOf } from './parameters.js';
import { runQuery } from './query.js';
import { cacheOf, categorizesLabels, explainOf, partialOf, queryTags, slicedFromOf } from './query-headers.js';

/** `GET|POST /loki/api/v1/query_range`: entries in [start, end), or a metric at every step from start to end. */
export const queryRange: Handler = (request, api) => runQuery(request, api, rangeRequest(request));

/** What the parameters of a range query ask for. */
export function rangeRequest(request: ApiRequest): QueryRequest {
  const { parameters } = request;
  const bounds = orderedTimeBounds(parameters, request.now);
  return {
    tenant: request.tenant,
    query: queryText(parameters),
    mode: 'range',
    ...bounds,
    limit: limitOf(parameters),
    direction: directionOf(parameters),
    stepNs: stepOf(parameters, bounds),
    intervalNs: intervalOf(parameters),
    categorizeLabels: categorizesLabels(request),
    explain: explainOf(request),
    tags: queryTags(request),
    ...cacheOf(request),
    ...partialOf(request),
    ...slicedFromOf(request),
  };
}

/** Clients from before LogQL had line filters send the expression for lines apart, as `regexp`. */
function queryText(parameters: Parameters): string {
  const regexp = parameters.get('regexp');
  const text = parameters.get('query');
  return regexp === '' ? text : `${text} |~ ${quoteGo(regexp)}`;
}
