import { type Handler, json } from './exchange.js';
import { valueOrRaise } from './metadata.js';

/** `GET|POST /loki/api/v1/format_query`: the query, pretty-printed. */
export const formatQuery: Handler = (request, api) => {
  const data = valueOrRaise(api.client.formatQuery(request.parameters.get('query')));
  return json(`${JSON.stringify({ status: 'success', data })}\n`);
};
