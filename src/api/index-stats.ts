import { raise } from '../wire/fault.js';
import { type Handler, json } from './exchange.js';
import { metadataRequest, valueOrRaise, warningsOf } from './metadata.js';

/** `GET|POST /loki/api/v1/index/stats`: how much a selector's streams hold. Loki gives it no status wrapper. */
export const indexStats: Handler = async (request, api) => {
  const selector = request.parameters.get('query');
  if (selector.trim() === '') raise('bad-request', 'parse error : syntax error: unexpected $end');
  const outcome = await api.client.indexStats(metadataRequest(request, [selector]), request.signal);
  const { streams, chunks, bytes, entries } = valueOrRaise(outcome);
  return json(`${JSON.stringify({ streams, chunks, bytes, entries, ...warningsOf(outcome) })}\n`);
};
