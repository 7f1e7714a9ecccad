import { FaultError } from '../wire/fault.js';
import { type Handler, text } from './exchange.js';

/** `GET /ready`: 200 when pushes and queries are served, else 503 with the reason. */
export const ready: Handler = (_request, api) => {
  const reason = api.client.readiness();
  if (reason !== undefined) throw new FaultError({ ...reason, code: 'unavailable', retryable: true });
  return text('ready\n');
};
