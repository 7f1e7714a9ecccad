import { type Fault, httpStatus } from '../wire/fault.js';
import { type ApiResponse, json, TEXT_TYPE } from './exchange.js';

/**
 * How an endpoint writes its errors. Loki answers with the bare message; push ends it with a newline, and format_query
 * wraps it in JSON.
 */
export type ErrorStyle = 'plain' | 'line' | 'json';

const RETRY_AFTER_SECONDS = '1';

/** Grafana and logcli show the text as it is, so a 4xx body is the message and nothing else. */
export function faultResponse(fault: Fault, style: ErrorStyle): ApiResponse {
  const status = fault.status ?? httpStatus(fault.code);
  if (style === 'json') return json(JSON.stringify({ status: 'invalid-query', error: fault.message }), status);
  return {
    status,
    headers: {
      'content-type': TEXT_TYPE,
      'x-content-type-options': 'nosniff',
      ...(fault.retryable ? { 'retry-after': RETRY_AFTER_SECONDS } : {}),
    },
    body: style === 'line' ? `${fault.message}\n` : fault.message,
  };
}

export function methodNotAllowed(allowed: readonly string[]): ApiResponse {
  return {
    status: 405,
    headers: { 'content-type': TEXT_TYPE, allow: allowed.join(', ') },
    body: `method not allowed; use ${allowed.join(' or ')}\n`,
  };
}

export function notFound(): ApiResponse {
  return { status: 404, headers: { 'content-type': TEXT_TYPE }, body: '404 page not found\n' };
}
