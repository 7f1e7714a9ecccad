/** What a query's headers and its `explain` parameter ask for besides the query itself. */
import { raise } from '../wire/fault.js';
import type { QueryRequest } from '../wire/query.js';
import type { ApiRequest } from './exchange.js';

export function categorizesLabels(request: ApiRequest): boolean {
  const flags = request.header('x-loki-response-encoding-flags').split(',');
  return flags.some((flag) => flag.trim() === 'categorize-labels');
}

/** X-Query-Tags, e.g. `Source=logvolhist`. */
export function queryTags(request: ApiRequest): string {
  return request.header('x-query-tags');
}

export function explainOf(request: ApiRequest): QueryRequest['explain'] {
  const value = request.parameters.get('explain');
  switch (value) {
    case '':
    case 'none':
      return 'none';
    case 'plan':
    case 'analyze':
      return value;
    default:
      return raise('bad-request', `invalid explain '${value}': use plan (does not run the query) or analyze`);
  }
}
