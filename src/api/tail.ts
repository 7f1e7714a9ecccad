/** Following a query over a WebSocket: everything but the socket. */
import { type Fault, raise } from '../wire/fault.js';
import { formatLabels } from '../wire/labels.js';
import type { DroppedEntry, TailFrame, TailRequest } from '../wire/tail.js';
import { formatRfc3339Nano } from '../wire/time.js';
import type { TailReader } from './client.js';
import type { Api, ApiRequest, ApiResponse, Handler, TailTexts } from './exchange.js';
import { legacyStreamJson } from './legacy.js';
import { goInteger, limitOf, timeBounds } from './parameters.js';
import { categorizesLabels, queryTags } from './query-headers.js';
import { labelsJson, streamJson, textJson } from './result-json.js';

const DELAY_SECONDS_MAX = 5;

/** `GET /loki/api/v1/tail`: entries of the past, oldest first, then those that are pushed. */
export const tail: Handler = (request, api) => open(request, api, frameJson(categorizesLabels(request)));

/** `GET /api/prom/tail`: the same in the older shape. */
export const legacyTail: Handler = (request, api) => open(request, api, legacyFrameJson);

type FrameText = (frame: TailFrame) => string;

/** Whatever is wrong with the request is answered; too many tails are said over the socket, where clients show it. */
async function open(request: ApiRequest, api: Api, text: FrameText): Promise<ApiResponse> {
  const question = tailRequest(request);
  if (!isWebSocket(request)) {
    return raise('bad-request', 'websocket: the client is not using the websocket protocol');
  }
  const outcome = await api.client.tail(question, request.signal);
  if (outcome.ok) return { status: 101, headers: {}, body: '', tail: texts(outcome.value, text) };
  const { fault } = outcome;
  if (fault.code !== 'limited') return raise(fault.code, fault.message, fault.detail);
  return { status: 101, headers: {}, body: '', tail: texts(refused(fault), text) };
}

function isWebSocket(request: ApiRequest): boolean {
  const tokens = request.header('connection').toLowerCase().split(',');
  return request.header('upgrade').toLowerCase() === 'websocket' && tokens.some((token) => token.trim() === 'upgrade');
}

function tailRequest(request: ApiRequest): TailRequest {
  const { parameters, tenant, now } = request;
  const delay = goInteger(parameters.get('delay_for') || '0');
  if (delay > DELAY_SECONDS_MAX) return raise('bad-request', `delay_for can't be greater than ${DELAY_SECONDS_MAX}`);
  return {
    tenant,
    query: parameters.get('query'),
    start: timeBounds(parameters, now).start,
    limit: limitOf(parameters),
    delayMs: Math.max(0, Number(delay)) * 1000,
    categorizeLabels: categorizesLabels(request),
    tags: queryTags(request),
  };
}

function texts(reader: TailReader, text: FrameText): TailTexts {
  return {
    next: async (signal) => {
      for (;;) {
        const outcome = await reader.next(signal);
        if (!outcome.ok) return outcome;
        const { streams, dropped } = outcome.value;
        if (streams.length > 0 || dropped.length > 0) return { ok: true, value: text(outcome.value) };
      }
    },
    close: () => reader.close(),
  };
}

function refused(fault: Fault): TailReader {
  return { next: async () => ({ ok: false, fault }), close: () => undefined };
}

/** `{"streams":[{"stream":{…},"values":[["ns","line"]]}],"dropped_entries":[{"timestamp":"ns","labels":{…}}]}`. */
function frameJson(categorized: boolean): FrameText {
  const flags = categorized ? ',"encodingFlags":["categorize-labels"]' : '';
  const entry = ({ time, labels }: DroppedEntry): string => `{"timestamp":"${time}","labels":${labelsJson(labels)}}`;
  return ({ streams, dropped }) => `{"streams":[${streams.map(streamJson)}]${droppedJson(dropped, entry)}${flags}}`;
}

function legacyFrameJson({ streams, dropped }: TailFrame): string {
  const entry = ({ time, labels }: DroppedEntry): string =>
    `{"timestamp":"${formatRfc3339Nano(time)}","labels":${textJson(formatLabels(labels))}}`;
  return `{"streams":[${streams.map(legacyStreamJson)}]${droppedJson(dropped, entry)}}`;
}

function droppedJson(dropped: readonly DroppedEntry[], entry: (dropped: DroppedEntry) => string): string {
  return dropped.length === 0 ? '' : `,"dropped_entries":[${dropped.map(entry)}]`;
}
