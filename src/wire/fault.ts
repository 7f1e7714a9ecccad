/** Why a request could not be served, as data: thrown classes do not survive a thread or a wire. */
export type FaultCode =
  | 'bad-request' // 400: the caller must change the request
  | 'unauthorized' // 401: no tenant
  | 'not-found' // 404
  | 'too-large' // 413: body, line or batch over its bound
  | 'empty' // 422: a push without streams
  | 'limited' // 429: rate, stream or queue bound; try later
  | 'cancelled' // 499: the caller went away
  | 'internal' // 500
  | 'unimplemented' // 501: known, named, not yet built
  | 'unavailable' // 503: starting, stopping, or a dependency is gone
  | 'timeout' // 504
  | 'storage-full'; // 507: the disk refused bytes

export interface Fault {
  readonly code: FaultCode;
  /** True when the same request may succeed later without being changed. */
  readonly retryable: boolean;
  /** For people; says what to do next where that is known. */
  readonly message: string;
  readonly detail?: string;
  /** HTTP status where an operator wants another one than the code's. */
  readonly status?: number;
  /** What was to be read from memory is no longer where it was said to be: looked up anew, it may be. */
  readonly stale?: true;
}

const HTTP_STATUS: Record<FaultCode, number> = {
  'bad-request': 400,
  unauthorized: 401,
  'not-found': 404,
  'too-large': 413,
  empty: 422,
  limited: 429,
  cancelled: 499,
  internal: 500,
  unimplemented: 501,
  unavailable: 503,
  timeout: 504,
  'storage-full': 507,
};

const RETRYABLE: ReadonlySet<FaultCode> = new Set(['limited', 'unavailable', 'timeout', 'storage-full']);

export function fault(code: FaultCode, message: string, detail?: string): Fault {
  return { code, retryable: RETRYABLE.has(code), message, ...(detail === undefined ? {} : { detail }) };
}

export function httpStatus(code: FaultCode): number {
  return HTTP_STATUS[code];
}

/** Carries a fault through code that unwinds by exception; caught and turned back into data at the boundary. */
export class FaultError extends Error {
  override readonly name = 'FaultError';
  readonly fault: Fault;

  constructor(value: Fault) {
    super(value.message);
    this.fault = value;
  }
}

export function raise(code: FaultCode, message: string, detail?: string): never {
  throw new FaultError(fault(code, message, detail));
}

/** Whatever was thrown, as a fault: unknown errors become `internal`, keeping their message. */
export function asFault(error: unknown): Fault {
  if (error instanceof FaultError) return error.fault;
  if (error instanceof Error) return fault('internal', error.message, error.stack);
  return fault('internal', String(error));
}
