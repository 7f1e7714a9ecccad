import { type Fault, httpStatus } from '../wire/fault.js';
import { type ApiResponse, json, TEXT_TYPE } from './exchange.js';

/**
 * How an endpoint writes its errors. Loki answers with the bare message; push ends it with a newline, and format_query
 * wraps it in JSON; OTLP's exporters read a google.rpc.Status in protobuf.
 */
export type ErrorStyle = 'plain' | 'line' | 'json' | 'status';

const RETRY_AFTER_SECONDS = '1';

/** Grafana and logcli show the text as it is, so a 4xx body is the message and nothing else. */
export function faultResponse(fault: Fault, style: ErrorStyle): ApiResponse {
  const status = fault.status ?? httpStatus(fault.code);
  if (style === 'json') return json(JSON.stringify({ status: 'invalid-query', error: fault.message }), status);
  return {
    status,
    headers: {
      'content-type': style === 'status' ? 'application/octet-stream' : TEXT_TYPE,
      'x-content-type-options': 'nosniff',
      ...(fault.retryable ? { 'retry-after': RETRY_AFTER_SECONDS } : {}),
    },
    body: style === 'status' ? statusMessage(fault.message) : style === 'line' ? `${fault.message}\n` : fault.message,
  };
}

/** google.rpc.Status { int32 code = 1; string message = 2; }; the code is in HTTP's status, and left out as OTLP wants it. */
function statusMessage(message: string): Uint8Array {
  const text = Buffer.from(message);
  return Buffer.concat([Buffer.from([(2 << 3) | 2, ...varint(text.length)]), text]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
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
