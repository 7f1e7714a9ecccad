import { raise } from '../wire/fault.js';
import { type ApiRequest, type Handler, json } from './exchange.js';
import { namesRequest, selectsEverything, valueOrRaise, warningsOf } from './metadata.js';
import { labelsJson, warningsJson } from './result-json.js';

/** `GET|POST /loki/api/v1/series`: label sets of the streams that any of the selectors matches. */
export const series: Handler = async (request, api) => {
  const question = namesRequest(request, matchSelectors(request));
  const outcome = await api.client.series(question, request.signal);
  const data = valueOrRaise(outcome)
    .map((labels) => labelsJson(labels))
    .join(',');
  return json(`{"status":"success","data":[${data}]${warningsJson(warningsOf(outcome).warnings ?? [])}}\n`);
};

/** Grafana sends `match[]`, logcli `match`; none, or `{}` alone, selects everything. */
function matchSelectors(request: ApiRequest): readonly string[] {
  const { parameters } = request;
  const selectors = [...new Set([...parameters.all('match'), ...parameters.all('match[]')])];
  if (selectors.length === 1 && selectsEverything(selectors[0]!)) return [];
  if (selectors.some(selectsEverything)) raise('bad-request', '0 matchers in group: {}');
  return selectors;
}
