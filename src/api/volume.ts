import { raise } from '../wire/fault.js';
import type { VolumeRequest } from '../wire/query.js';
import { type Api, type ApiRequest, type ApiResponse, type Handler, json } from './exchange.js';
import { metadataRequest, querySelectors, valueOrRaise } from './metadata.js';
import { limitOf, type Parameters, stepOf } from './parameters.js';
import { queryJson } from './result-json.js';

/** `GET|POST /loki/api/v1/index/volume`: bytes of lines in the range by label set or label name, a vector. */
export const volume: Handler = (request, api) => answer(request, api, () => 0);

/** `GET|POST /loki/api/v1/index/volume_range`: the same for each step, a matrix. */
export const volumeRange: Handler = (request, api) =>
  answer(request, api, (bounds) => stepOf(request.parameters, bounds));

async function answer(
  request: ApiRequest,
  api: Api,
  stepOfRange: (bounds: Pick<VolumeRequest, 'start' | 'end'>) => number,
): Promise<ApiResponse> {
  if (!api.limits(request.tenant).volume_enabled) raise('not-found', 'not found');
  const { parameters } = request;
  const asked = metadataRequest(request, querySelectors(request).slice(0, 1));
  const question: VolumeRequest = {
    ...asked,
    stepNs: stepOfRange(asked),
    targetLabels: parameters.get('targetLabels').split(',').filter(isName),
    aggregateBy: aggregateByOf(parameters),
    // Here no limit, which is zero, means the default.
    limit: /^[+-]?0+$/.test(parameters.get('limit')) ? DEFAULT_LIMIT : limitOf(parameters),
  };
  return json(queryJson(valueOrRaise(await api.client.volume(question, request.signal)), false));
}

const DEFAULT_LIMIT = 100;

function isName(label: string): boolean {
  return label !== '';
}

function aggregateByOf(parameters: Parameters): VolumeRequest['aggregateBy'] {
  const value = parameters.get('aggregateBy');
  if (value === '') return 'series';
  return value === 'series' || value === 'labels' ? value : raise('bad-request', 'invalid aggregation option');
}
