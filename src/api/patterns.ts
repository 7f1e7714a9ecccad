import { raise } from '../wire/fault.js';
import { type Handler, json } from './exchange.js';
import { valueOrRaise, warningsOf } from './metadata.js';
import { orderedTimeBounds, stepOf } from './parameters.js';
import { partialOf } from './query-headers.js';

/** Lines are counted by 10 seconds. */
const STEP_NS_MIN = 10e9;

/** `GET|POST /loki/api/v1/patterns`: the log patterns of a selector's streams, and how many lines each had by step. */
export const patterns: Handler = async (request, api) => {
  const { parameters, tenant, signal } = request;
  const bounds = orderedTimeBounds(parameters, request.now);
  const stepNs = Math.max(STEP_NS_MIN, stepOf(parameters, bounds));
  const selector = parameters.get('query');
  if (selector.trim() === '') raise('bad-request', 'parse error : syntax error: unexpected $end');
  const question = { tenant, selector, ...bounds, stepNs, ...partialOf(request) };
  const outcome = await api.client.patterns(question, signal);
  const data = valueOrRaise(outcome);
  return json(`${JSON.stringify({ status: 'success', data, ...warningsOf(outcome) })}\n`);
};
