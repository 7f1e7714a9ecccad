/** What labels, label values, series and index/stats share: a span of time, selectors, and a list for an answer. */
import { FaultError } from '../wire/fault.js';
import type { MetadataRequest, Outcome } from '../wire/query.js';
import { NS_PER_MS } from '../wire/time.js';
import { type ApiRequest, type ApiResponse, json } from './exchange.js';
import { orderedTimeBounds } from './parameters.js';
import { partialOf } from './query-headers.js';

export function metadataRequest(request: ApiRequest, selectors: readonly string[]): MetadataRequest {
  const bounds = orderedTimeBounds(request.parameters, request.now);
  return { tenant: request.tenant, ...bounds, selectors, ...partialOf(request) };
}

/**
 * As `metadataRequest`, for questions about which labels there are. Grafana asks for those of a row with its time, cut to
 * milliseconds, as both ends: such a moment stands for its whole millisecond, Loki's resolution here.
 */
export function namesRequest(request: ApiRequest, selectors: readonly string[]): MetadataRequest {
  const question = metadataRequest(request, selectors);
  const { start, end } = question;
  if (start < end) return question;
  const beginning = start - (start % NS_PER_MS);
  return { ...question, start: beginning, end: beginning + NS_PER_MS };
}

/** A selector that excludes nothing: absent, blank or `{}`. */
export function selectsEverything(selector: string): boolean {
  return /^\s*(?:\{\s*\}\s*)?$/.test(selector);
}

/** The `query` parameter as a list of selectors, empty for everything. */
export function querySelectors(request: ApiRequest): readonly string[] {
  return request.parameters.all('query').filter((selector) => !selectsEverything(selector));
}

export function valueOrRaise<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new FaultError(outcome.fault);
  return outcome.value;
}

/** `{"status":"success","data":[...]}`; Loki leaves `data` out when there is none. */
export function namesResponse(outcome: Outcome<readonly string[]>): ApiResponse {
  const names = valueOrRaise(outcome);
  const data = names.length === 0 ? {} : { data: names };
  return json(`${JSON.stringify({ status: 'success', ...data, ...warningsOf(outcome) })}\n`);
}

/** `warnings` of an answer, where there are any. */
export function warningsOf(outcome: Outcome<unknown>): { readonly warnings?: readonly string[] } {
  return outcome.ok && outcome.warnings?.length ? { warnings: outcome.warnings } : {};
}
