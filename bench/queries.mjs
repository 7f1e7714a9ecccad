// The questions of the benchmark, over a day of traffic in `copies` copies. Each names what it exercises.
export const START = '2026-11-01T00:00:00Z';
export const END = '2026-11-02T00:00:00Z';
const ALL = '{cluster=~".+"}';
/** What Logs Drilldown puts before every filter on a field. */
const MIXED = '| json | logfmt | drop __error__, __error_details__';
/** One stream out of all. */
export const ONE = '{copy="1", service_name="nginx", pod="pod-4712"}';

const log = (name, query, limit = 100) => ({ name, path: 'query_range', params: { query, limit } });
const instant = (name, query) => ({ name, path: 'query', params: { query, time: END } });
const range = (name, query, step) => ({ name, path: 'query_range', params: { query, step } });

export const QUERIES = [
  log('needle in a line', `${ALL} |= "338d416ce27053cb1c861f7271bb7290"`),
  log('no match', `${ALL} |= "zzz_not_there_zzz"`),
  log('metadata filter: trace id', `${ALL} | trace_id="4f87b70e3f94de5d6039ed03c5bd0b5e"`),
  log('newest 100', ALL),
  instant('count of a substring', `sum(count_over_time(${ALL} |= "error" [24h]))`),
  instant('count of a regex', `sum(count_over_time(${ALL} |~ "status\\":5\\\\d\\\\d" [24h]))`),
  range('counts by 5 minutes', `sum(count_over_time(${ALL}[5m]))`, '5m'),
  range('rate by label', `sum by (service_name) (rate(${ALL}[5m]))`, '5m'),
  range('counts by level (metadata)', `sum by (detected_level) (count_over_time(${ALL}[5m]))`, '5m'),
  range('logs volume', `sum by (level, detected_level) (count_over_time(${ALL} | drop __error__[5m]))`, '5m'),
  range('json and logfmt by level', `sum by (detected_level) (count_over_time(${ALL} ${MIXED}[5m]))`, '5m'),
  range('json and logfmt by field', `sum by (status) (count_over_time(${ALL} ${MIXED} | status!="" [5m]))`, '5m'),
  log('json and logfmt, newest 1,000', `${ALL} ${MIXED}`, 1000),
  log('json and logfmt, one status', `${ALL} ${MIXED} | status="503"`, 1000),
  instant('logfmt aggregation', `sum by (method) (count_over_time({service_name="mimir"} | logfmt [24h]))`),
  instant(
    'json aggregation',
    `sum by (status) (count_over_time({service_name="web-server"} | json | __error__="" [24h]))`,
  ),
  instant(
    'quantile over unwrap',
    `quantile_over_time(0.99, {service_name="database"} | json | unwrap duration_ms | __error__="" [24h]) by (query_type)`,
  ),
  log('one stream: newest 1,000', ONE, 1000),
  log('one stream: filter', `${ONE} |= "POST"`),
  instant('one stream: count', `sum(count_over_time(${ONE}[24h]))`),
  instant(
    'one stream: quantile',
    `quantile_over_time(0.99, ${ONE} | pattern \`<_> "<_>" <_> <size> <_>\` | unwrap size | __error__="" [24h]) by (service_name)`,
  ),
];

/** `fresh`: without results kept of earlier queries, as all figures are but those of the cache itself. */
export async function ask(url, { path, params }, { fresh = true } = {}) {
  const target = new URL(`${url}/loki/api/v1/${path}`);
  const bounds = path === 'query_range' ? { start: START, end: END } : {};
  for (const [name, value] of Object.entries({ ...bounds, ...params })) target.searchParams.set(name, String(value));
  const before = performance.now();
  const response = await fetch(target, fresh ? { headers: { 'cache-control': 'no-cache' } } : {});
  const text = await response.text();
  const milliseconds = performance.now() - before;
  if (response.status !== 200) throw new Error(`${response.status}: ${text.slice(0, 500)}`);
  return { milliseconds, body: JSON.parse(text) };
}
