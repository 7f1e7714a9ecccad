import { asFault, FaultError, httpStatus, raise } from '../wire/fault.js';
import type { BodyEncoding, PushFormat, PushRequest } from '../wire/query.js';
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
    const reason = asFault(error);
    const status = reason.status ?? httpStatus(reason.code);
    // Of these only 502 to 504 are sent again by exporters (opentelemetry.io/docs/specs/otlp); others would be lost.
    if (status < 500 || (status >= 502 && status <= 504)) throw error;
    throw new FaultError({ ...reason, status: 503, retryable: true });
  }
};

async function pushBody(request: ApiRequest, api: Api, format: PushFormat): Promise<ApiResponse> {
  const contentType = request.header('content-type').trim();
  if (format !== 'otlp' && !MEDIA_TYPE.test(contentType)) raise('bad-request', 'mime: no media type');
  const encoded = await request.readBody(api.bodyBytesMax);
  const encoding = request.header('content-encoding');
  const left = format === 'otlp' ? leftOn(encoding) : undefined;
  const decoded = await decodeContent(encoded, left === undefined ? encoding : '', {
    decompressedBytesMax: api.decompressedBytesMax,
  });
  if (!decoded.ok) throw new FaultError(decoded.fault);
  const push: PushRequest = { tenant: request.tenant, contentType, body: decoded.value, format };
  const outcome = await api.client.push(left === undefined ? push : { ...push, encoding: left });
  // After a fault it may be on its way still, to be looked at later.
  if (!outcome.ok) throw new FaultError(outcome.fault);
  request.freeBody?.();
  return noContent();
}

/** Only OpenTelemetry's exporters know these, and they are undone where the body is decoded. */
function leftOn(encoding: string): BodyEncoding | undefined {
  return encoding === 'zstd' || encoding === 'lz4' ? encoding : undefined;
}
