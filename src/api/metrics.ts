import type { Handler } from './exchange.js';

/** `GET /metrics`: Prometheus text. */
export const metrics: Handler = async (_request, api) => {
  const { contentType, text } = await api.client.metrics();
  return { status: 200, headers: { 'content-type': contentType }, body: text };
};
