import type { Handler } from './exchange.js';
import { namesRequest, namesResponse, querySelectors } from './metadata.js';

/** `GET|POST /loki/api/v1/label/{name}/values`: values of one stream label. */
export const labelValues: Handler = async (request, api) => {
  const question = { ...namesRequest(request, querySelectors(request)), name: request.pathName };
  return namesResponse(await api.client.labelValues(question, request.signal));
};
