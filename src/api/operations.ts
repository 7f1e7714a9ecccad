/** Endpoints about the process: configuration, services, log level, stopping. None of them belongs to a tenant's data. */
import { raise } from '../wire/fault.js';
import { type Api, type ApiRequest, type ApiResponse, type Handler, json, noContent, text } from './exchange.js';
import { valueOrRaise } from './metadata.js';
import type { ConfigMode } from './process.js';

const YAML_TYPE = 'application/yaml; charset=utf-8';

/**
 * Lets through what changes the process only when no web page of another site asks for it: a browser would send such a
 * request even to the loopback address, and says so in `Sec-Fetch-Site`.
 */
export function ownSiteOnly(handler: Handler): Handler {
  return (request, api) => {
    const site = request.header('sec-fetch-site');
    if (site !== '' && site !== 'same-origin' && site !== 'none') return text('not for pages of other sites\n', 403);
    return handler(request, api);
  };
}

/** `GET /config[?mode=diff|defaults]`. */
export const config: Handler = (request, api) => yaml(api.process.config(configMode(request.parameters.get('mode'))));

function configMode(mode: string): ConfigMode {
  switch (mode) {
    case '':
      return 'effective';
    case 'diff':
    case 'defaults':
      return mode;
    default:
      return raise('bad-request', `unknown mode '${mode}': use diff or defaults`);
  }
}

/** `GET /config/tenant/v1/limits`: limits of the tenant that asks. */
export const tenantLimits: Handler = (request, api) => yaml(api.process.tenantLimits(request.tenant));

function yaml(body: string): ApiResponse {
  return { status: 200, headers: { 'content-type': YAML_TYPE }, body };
}

/** `GET /services`. */
export const services: Handler = (_request, api) =>
  text(
    api.process
      .services()
      .map(({ name, state }) => `${name} => ${state}\n`)
      .join(''),
  );

/** `GET /log_level` tells it, `POST /log_level?log_level=debug` changes it until the process ends. */
export const logLevel: Handler = (request, api) => {
  if (request.method !== 'POST') return message({ message: `Current log level is ${api.process.logLevel()}` });
  const level = request.parameters.get('log_level');
  return api.process.setLogLevel(level)
    ? message({ status: 'success', message: `Log level set to ${level}` })
    : message({ status: 'failed', message: `unrecognized log level "${level}"` }, 400);
};

function message(body: { readonly status?: string; readonly message: string }, status = 200): ApiResponse {
  return json(`${JSON.stringify(body)}\n`, status);
}

/** `GET|POST|DELETE /ingester/prepare_shutdown`: a mark for whoever scales down. Every stop flushes, marked or not. */
export const prepareShutdown: Handler = (request, api) => {
  if (request.method === 'POST' || request.method === 'DELETE') {
    api.process.prepareShutdown(request.method === 'POST');
    return noContent();
  }
  return text(api.process.isShutdownPrepared() ? 'set' : 'unset');
};

/** `POST /ingester/shutdown?flush=true&delete_ring_tokens=false&terminate=true`. No tokens are stored that could be deleted. */
export const shutdown: Handler = (request, api) => {
  flagOf(request, 'delete_ring_tokens', false);
  return stop(api, flagOf(request, 'flush', true), flagOf(request, 'terminate', true));
};

/** `POST /ingester/flush_shutdown`: the ingester flushes and ends, the process goes on answering queries. */
export const flushShutdown: Handler = (_request, api) => stop(api, true, false);

async function stop(api: Api, flush: boolean, terminate: boolean): Promise<ApiResponse> {
  valueOrRaise(await api.process.shutdown({ flush, terminate }));
  return noContent();
}

function flagOf(request: ApiRequest, name: string, initial: boolean): boolean {
  const value = request.parameters.get(name);
  if (value === '') return initial;
  if (value === 'true' || value === 'false') return value === 'true';
  return raise('bad-request', `invalid ${name} '${value}': use true or false`);
}

/** `GET|PUT /sync-indexes`: what is in the bucket is looked up for every query, so there is nothing to bring up to date. */
export const syncIndexes: Handler = () => noContent();

/** `GET /loki/api/v1/cache/generation_numbers`: no results are cached, so there is no generation of them. */
export const cacheGeneration: Handler = () => json('""\n');
