import { FaultError, raise } from '../wire/fault.js';
import { decodeContent } from './content-encoding.js';
import { type Api, type ApiRequest, type ApiResponse, type Handler, noContent } from './exchange.js';

const MEDIA_TYPE = /^[\w!#$%&'*+.^`|~-]+(?:\/[\w!#$%&'*+.^`|~-]+)?\s*(?:;.*)?$/;

/** `POST /loki/api/v1/push`: answers 204 once every entry is durable. */
export const push: Handler = (request, api) => pushBody(request, api, false);

/** `POST /api/prom/push`: the same, with the older JSON shape. */
export const legacyPush: Handler = (request, api) => pushBody(request, api, true);

async function pushBody(request: ApiRequest, api: Api, legacy: boolean): Promise<ApiResponse> {
  const contentType = request.header('content-type').trim();
  if (!MEDIA_TYPE.test(contentType)) raise('bad-request', 'mime: no media type');
  const encoded = await request.readBody(api.bodyBytesMax);
  const decoded = await decodeContent(encoded, request.header('content-encoding'), {
    decompressedBytesMax: api.decompressedBytesMax,
  });
  if (!decoded.ok) throw new FaultError(decoded.fault);
  const outcome = await api.client.push(
    { tenant: request.tenant, contentType, body: decoded.value, legacy },
    request.signal,
  );
  if (!outcome.ok) throw new FaultError(outcome.fault);
  return noContent();
}
