import { asFault, type Fault, raise } from '../wire/fault.js';
import { faultResponse, methodNotAllowed, notFound } from './errors.js';
import type { Api, ApiResponse, RawRequest } from './exchange.js';
import { Parameters } from './parameters.js';
import { findRoute, type Route } from './routes.js';
import { tenantOf } from './tenant.js';

/** Go's bound on a posted form. */
const FORM_BYTES_MAX = 10 * 1024 * 1024;

export interface Dispatched {
  readonly response: ApiResponse;
  /** The route's path for metrics and logs, e.g. `/loki/api/v1/label/{name}/values`; `other` when there is none. */
  readonly route: string;
  /** What went wrong, for the log; a response only carries the message. */
  readonly fault?: Fault;
}

/** Answers one request; whatever goes wrong becomes a response. */
export async function dispatch(request: RawRequest, api: Api): Promise<Dispatched> {
  const mark = request.url.indexOf('?');
  const path = mark === -1 ? request.url : request.url.slice(0, mark);
  const search = mark === -1 ? '' : request.url.slice(mark + 1);
  const found = findRoute(path);
  if (found === undefined) return { response: notFound(), route: 'other' };
  const { route, name } = found;
  // HEAD is GET without the body, which node:http leaves out by itself.
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (!route.methods.includes(method)) return { response: methodNotAllowed(route.methods), route: route.path };
  try {
    return { response: await serve(request, api, route, name, search), route: route.path };
  } catch (error) {
    const fault = asFault(error);
    return { response: faultResponse(fault, route.errors), route: route.path, fault };
  }
}

async function serve(
  request: RawRequest,
  api: Api,
  route: Route,
  segment: string,
  search: string,
): Promise<ApiResponse> {
  const many = route.manyTenants === true && api.multiTenantQueries;
  const tenant = route.tenant ? tenantOf(request.header('x-scope-orgid'), api.authEnabled, many) : '';
  const parameters = new Parameters(search, route.body === 'form' ? await formOf(request) : '');
  const pathName = decodeSegment(segment);
  const { method, url, header, readBody, freeBody } = request;
  const asked = {
    method,
    url,
    header,
    readBody,
    freeBody,
    tenant,
    parameters,
    pathName,
    now: api.now(),
    get signal() {
      return request.signal;
    },
  };
  return await route.handler(asked, api);
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return raise('bad-request', `invalid URL escape in '${segment}'`);
  }
}

/** A posted form; a body of any other content type is ignored, as Go does. */
async function formOf(request: RawRequest): Promise<string> {
  const contentType = request.header('content-type').split(';')[0]!.trim().toLowerCase();
  if (request.method !== 'POST' || contentType !== 'application/x-www-form-urlencoded') return '';
  const body = await request.readBody(FORM_BYTES_MAX);
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
}
