// The questions of the benchmark, over a day of traffic. `loki` and `victoria` are milliseconds measured for the same kind of
// question over 2.0 GB of such traffic on two cores (docs/benchmarks.md); `aim` is what ours should take.
export const START = '2026-11-01T00:00:00Z';
export const END = '2026-11-02T00:00:00Z';
const ALL = '{cluster=~".+"}';
/** What Logs Drilldown puts before every filter on a field. */
const MIXED = '| json | logfmt | drop __error__, __error_details__';
/** One stream out of all. */
export const ONE = '{copy="1", service_name="nginx", pod="pod-3305"}';
const ONE_JSON = '{copy="1", service_name="web-server", pod="pod-4518"}';
export const NEEDLE = '338d416ce27053cb1c861f7271bb7290';
export const TRACE_ID = '4f87b70e3f94de5d6039ed03c5bd0b5e';
const SIZE = '| pattern `<_> "<_>" <_> <size> <_>` | unwrap size | __error__=""';

const log = (name, query, more = {}) => ({ name, path: 'query_range', params: { query, limit: 100 }, ...more });
const newest = (name, query, limit, more = {}) => ({ ...log(name, query, more), params: { query, limit } });
const instant = (name, query, more = {}) => ({ name, path: 'query', params: { query, time: END }, ...more });
const range = (name, query, step, more = {}) => ({ name, path: 'query_range', params: { query, step }, ...more });
const peers = (loki, victoria, aim) => ({ loki, victoria, aim });

export const QUERIES = [
  log('needle in a line', `${ALL} |= "${NEEDLE}"`, peers(6544, 5.6, 10)),
  log('metadata filter: trace id', `${ALL} | trace_id="${TRACE_ID}"`, peers(6324, 5.1, 5)),
  log('no match', `${ALL} |= "zzz_not_there_zzz"`, peers(6021, 5.5, 5)),
  newest('newest 100', ALL, 100, peers(218, 498, 20)),
  newest('newest 100 with a substring', `${ALL} |= "error"`, 100, peers(441, 458, 20)),
  instant('count of a substring', `sum(count_over_time(${ALL} |= "error" [24h]))`, peers(6638, 336, 300)),
  instant(
    'count of words in any case',
    `sum(count_over_time(${ALL} |~ "(?i)timeout|refused" [24h]))`,
    peers(8040, 7199, 500),
  ),
  instant(
    'count of a regex like an address',
    `sum(count_over_time(${ALL} |~ "\\\\d+\\\\.\\\\d+\\\\.\\\\d+\\\\.\\\\d+" [24h]))`,
    peers(21802, 3842, 1500),
  ),
  instant('count of a regex', `sum(count_over_time(${ALL} |~ "status\\":5\\\\d\\\\d" [24h]))`),
  range('counts by 5 minutes', `sum(count_over_time(${ALL}[5m]))`, '5m', peers(8109, 62, 20)),
  range('rate by service', `sum by (service_name) (rate(${ALL}[5m]))`, '5m', peers(11237, 145, 40)),
  range(
    'metadata equality by 5 minutes',
    `sum(count_over_time(${ALL} | detected_level="error" [5m]))`,
    '5m',
    peers(6804, 73, 60),
  ),
  range('counts by level (metadata)', `sum by (detected_level) (count_over_time(${ALL}[5m]))`, '5m'),
  range('logs volume', `sum by (level, detected_level) (count_over_time(${ALL} | drop __error__[5m]))`, '5m'),
  range('json and logfmt by level', `sum by (detected_level) (count_over_time(${ALL} ${MIXED}[5m]))`, '5m'),
  range('json and logfmt by field', `sum by (status) (count_over_time(${ALL} ${MIXED} | status!="" [5m]))`, '5m'),
  newest('json and logfmt, newest 1,000', `${ALL} ${MIXED}`, 1000),
  newest('json and logfmt, one status', `${ALL} ${MIXED} | status="503"`, 1000),
  instant(
    'logfmt by level',
    `sum by (level) (count_over_time({service_name="mimir"} | logfmt [24h]))`,
    peers(781, 252, 150),
  ),
  instant(
    'json by status',
    `sum by (status) (count_over_time({service_name="web-server"} | json | __error__="" [24h]))`,
    peers(1092, 36, 150),
  ),
  range(
    'p99 of an unwrapped duration',
    `quantile_over_time(0.99, {service_name="database"} | json | unwrap duration_ms | __error__="" [5m]) by (query_type)`,
    '5m',
    peers(848, 363, 250),
  ),
  range('top 10 pods by hour', `topk(10, sum by (pod) (count_over_time(${ALL}[1h])))`, '1h', peers(17238, 78, 40)),
  newest('one stream: newest 1,000', ONE, 1000, peers(50, 63, 15)),
  newest('one stream: newest 1,000 with a substring', `${ONE} |= "POST"`, 1000, peers(208, 29, 10)),
  range('one stream: count by 5 minutes', `sum(count_over_time(${ONE}[5m]))`, '5m', peers(523, 5, 5)),
  instant(
    'one stream: p99 of unwrap',
    `quantile_over_time(0.99, ${ONE} ${SIZE} [24h]) by (service_name)`,
    peers(94, 31, 25),
  ),
  instant(
    'one stream: json by status',
    `sum by (status) (count_over_time(${ONE_JSON} | json | __error__="" [24h]))`,
    peers(152, 8, 20),
  ),
  { name: 'labels', path: 'labels', params: {}, ...peers(1.4, undefined, 2) },
  { name: 'series', path: 'series', params: { 'match[]': '{service_name="nginx"}' }, ...peers(3.2, undefined, 5) },
];

/** `fresh`: without results kept of earlier queries, as all figures are but those of the cache itself. */
export async function ask(url, { path, params }, { fresh = true } = {}) {
  const target = new URL(`${url}/loki/api/v1/${path}`);
  const bounds = path === 'query' ? {} : { start: START, end: END };
  for (const [name, value] of Object.entries({ ...bounds, ...params })) target.searchParams.set(name, String(value));
  const before = performance.now();
  const response = await fetch(target, fresh ? { headers: { 'cache-control': 'no-cache' } } : {});
  const text = await response.text();
  const milliseconds = performance.now() - before;
  if (response.status !== 200) throw new Error(`${response.status}: ${text.slice(0, 500)}`);
  return { milliseconds, body: JSON.parse(text) };
}
