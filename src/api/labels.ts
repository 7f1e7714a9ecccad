import type { Handler } from './exchange.js';
import { namesRequest, namesResponse, querySelectors } from './metadata.js';

/** `GET|POST /loki/api/v1/labels` and `/label`: names of stream labels. */
export const labels: Handler = async (request, api) => {
  const question = namesRequest(request, querySelectors(request));
  return namesResponse(await api.client.labels(question, request.signal));
};
