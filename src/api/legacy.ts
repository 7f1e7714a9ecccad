/** The names and shapes of Loki before version 1.0, under `/api/prom`. */
import { FaultError } from '../wire/fault.js';
import { formatLabels } from '../wire/labels.js';
import type { Outcome, QueryAnswer, StreamEntry, StreamResult } from '../wire/query.js';
import { formatRfc3339Nano } from '../wire/time.js';
import { type ApiResponse, type Handler, json } from './exchange.js';
import { metadataRequest, querySelectors, valueOrRaise, warningsOf } from './metadata.js';
import { rangeRequest } from './query-range.js';
import { textJson, warningsJson } from './result-json.js';
import { lokiStats } from './stats-json.js';

/** `GET|POST /api/prom/query`: a range query for log lines. */
export const legacyQuery: Handler = async (request, api) => {
  const question = { ...rangeRequest(request), categorizeLabels: false, streamsOnly: true } as const;
  const outcome = await api.client.query(question, request.signal);
  if (!outcome.ok) throw new FaultError(outcome.fault);
  return json(streamsJson(outcome.value));
};

/** `{"streams":[{"labels":"{…}","entries":[{"ts":"2026-11-01T00:00:00Z","line":"…"}]}],"stats":{…}}` in pieces, one a stream. */
function* streamsJson({ result, stats, warnings }: QueryAnswer): Generator<string, void> {
  yield '{"streams":[';
  const streams = result.type === 'streams' ? result.streams : [];
  for (let i = 0; i < streams.length; i++) {
    yield `${i > 0 ? ',' : ''}${legacyStreamJson(streams[i]!)}`;
  }
  yield `],"stats":${JSON.stringify(lokiStats(stats))}${warningsJson(warnings)}}\n`;
}

/** `{"labels":"{…}","entries":[…]}`. */
export function legacyStreamJson({ labels, entries }: StreamResult): string {
  return `{"labels":${textJson(formatLabels(labels))},"entries":[${entries.map(entryJson).join(',')}]}`;
}

function entryJson({ time, line }: StreamEntry): string {
  return `{"ts":"${formatRfc3339Nano(time)}","line":${textJson(line)}}`;
}

/** `GET|POST /api/prom/label`. */
export const legacyLabels: Handler = async (request, api) => {
  const question = metadataRequest(request, querySelectors(request));
  return valuesResponse(await api.client.labels(question, request.signal));
};

/** `GET|POST /api/prom/label/{name}/values`. */
export const legacyLabelValues: Handler = async (request, api) => {
  const question = { ...metadataRequest(request, querySelectors(request)), name: request.pathName };
  return valuesResponse(await api.client.labelValues(question, request.signal));
};

/** `{"values":[…]}`, and without any `{}`. */
function valuesResponse(outcome: Outcome<readonly string[]>): ApiResponse {
  const values = valueOrRaise(outcome);
  return json(`${JSON.stringify({ ...(values.length > 0 && { values }), ...warningsOf(outcome) })}\n`);
}
