import { raise } from '../wire/fault.js';
import type { DetectRequest, Outcome } from '../wire/query.js';
import { type ApiRequest, type ApiResponse, type Handler, json } from './exchange.js';
import { metadataRequest, querySelectors, valueOrRaise, warningsOf } from './metadata.js';
import { orderedTimeBounds, positiveOf, stepOf } from './parameters.js';
import { partialOf, queryTags } from './query-headers.js';

/** `GET|POST /loki/api/v1/detected_labels`: labels of streams that are worth showing, and how many values they have. */
export const detectedLabels: Handler = async (request, api) => {
  const question = metadataRequest(request, querySelectors(request).slice(0, 1));
  const outcome = await api.client.detectedLabels(question, request.signal);
  const detected = valueOrRaise(outcome);
  return answer(detected.length === 0 ? {} : { detectedLabels: detected }, outcome);
};

/** `GET|POST /loki/api/v1/detected_fields`: what is in the latest lines of a query besides the labels of streams. */
export const detectedFields: Handler = async (request, api) => {
  const question = detectRequest(request);
  const outcome = await api.client.detectedFields(question, request.signal);
  const fields = valueOrRaise(outcome);
  if (fields.length === 0) return answer({}, outcome);
  const shown = fields.map(({ label, type, cardinality, parsers, jsonPath }) => ({
    ...{ label, type, cardinality },
    parsers: parsers.length === 0 ? null : parsers,
    ...(jsonPath.length === 0 ? {} : { jsonPath }),
  }));
  return answer({ fields: shown, limit: question.limit }, outcome);
};

/** `GET|POST /loki/api/v1/detected_field/{name}/values`: values of one of them. */
export const detectedFieldValues: Handler = async (request, api) => {
  const question = { ...detectRequest(request), name: request.pathName };
  const outcome = await api.client.detectedFieldValues(question, request.signal);
  const values = valueOrRaise(outcome);
  return answer(values.length === 0 ? {} : { values, limit: question.limit }, outcome);
};

/** Loki gives none of these a status wrapper, and leaves out what is empty. */
function answer(body: object, outcome: Outcome<unknown>): ApiResponse {
  return json(`${JSON.stringify({ ...body, ...warningsOf(outcome) })}\n`);
}

const DEFAULT_LINE_LIMIT = 100;
const DEFAULT_LIMIT = 1000;

function detectRequest(request: ApiRequest): DetectRequest {
  const { parameters, tenant } = request;
  const query = parameters.get('query');
  if (query.trim() === '') raise('bad-request', 'parse error : syntax error: unexpected $end');
  const bounds = orderedTimeBounds(parameters, request.now);
  stepOf(parameters, bounds); // not used, and refused like that of a range query
  const lineLimit = positiveOf(parameters, 'line_limit', DEFAULT_LINE_LIMIT);
  const limitName = parameters.get('limit') === '' ? 'field_limit' : 'limit';
  const limit = positiveOf(parameters, limitName, DEFAULT_LIMIT);
  return { tenant, query, ...bounds, lineLimit, limit, tags: queryTags(request), ...partialOf(request) };
}
