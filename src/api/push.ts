import { asFault, FaultError, raise } from '../wire/fault.js';
import type { PushFormat, PushRequest } from '../wire/query.js';
import { decodeContent } from './content-encoding.js';
import { type Api, type ApiRequest, type ApiResponse, type Handler, noContent } from './exchange.js';

const MEDIA_TYPE = /^[\w!#$%&'*+.^`|~-]+(?:\/[\w!#$%&'*+.^`|~-]+)?\s*(?:;.*)?$/;

/** `POST /loki/api/v1/push`: answers 204 once every entry is durable. */
export const push: Handler = (request, api) => pushBody(request, api, 'loki');

/** `POST /api/prom/push`: the same, with the older JSON shape. */
export const legacyPush: Handler = (request, api) => pushBody(request, api, 'legacy');

/** `POST /otlp/v1/logs`: OpenTelemetry's records, protobuf or JSON. */
export const otlpPush: Handler = async (request, api) => {
  try {
    return await pushBody(request, api, 'otlp');
  } catch (error) {
    const fault = asFault(error);
    // Exporters try again what is unavailable, and drop what is an internal error.
    throw fault.code === 'internal' ? new FaultError({ ...fault, code: 'unavailable', retryable: true }) : error;
  }
};

async function pushBody(request: ApiRequest, api: Api, format: PushFormat): Promise<ApiResponse> {
  const contentType = request.header('content-type').trim();
  if (!MEDIA_TYPE.test(contentType)) raise('bad-request', 'mime: no media type');
  const encoded = await request.readBody(api.bodyBytesMax);
  const encoding = request.header('content-encoding');
  const zstd = encoding === 'zstd' && format === 'otlp';
  const decoded = await decodeContent(encoded, zstd ? '' : encoding, {
    decompressedBytesMax: api.decompressedBytesMax,
  });
  if (!decoded.ok) throw new FaultError(decoded.fault);
  const push: PushRequest = { tenant: request.tenant, contentType, body: decoded.value, format };
  const outcome = await api.client.push(zstd ? { ...push, encoding: 'zstd' } : push, request.signal);
  if (!outcome.ok) throw new FaultError(outcome.fault);
  return noContent();
}
