import { FaultError } from '../wire/fault.js';
import type { QueryRequest } from '../wire/query.js';
import { type Api, type ApiRequest, type ApiResponse, type Handler, json } from './exchange.js';
import { directionOf, evaluationTime, limitOf } from './parameters.js';
import { cacheOf, categorizesLabels, explainOf, partialOf, queryTags, slicedFromOf } from './query-headers.js';
import { queryJson } from './result-json.js';

/** `GET|POST /loki/api/v1/query`: a metric query at one moment. */
export const query: Handler = (request, api) => {
  const { parameters } = request;
  const limit = limitOf(parameters);
  const time = evaluationTime(parameters, request.now);
  return runQuery(request, api, {
    tenant: request.tenant,
    query: parameters.get('query'),
    mode: 'instant',
    start: time,
    end: time,
    stepNs: 0,
    limit,
    direction: directionOf(parameters),
    intervalNs: 0,
    categorizeLabels: categorizesLabels(request),
    explain: explainOf(request),
    tags: queryTags(request),
    ...cacheOf(request),
    ...partialOf(request),
    ...slicedFromOf(request),
  });
};

export async function runQuery(request: ApiRequest, api: Api, query: QueryRequest): Promise<ApiResponse> {
  const outcome = await api.client.query(query, request.signal);
  if (!outcome.ok) throw new FaultError(outcome.fault);
  return json(queryJson(outcome.value, query.categorizeLabels));
}
