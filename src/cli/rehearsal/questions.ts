/** Questions of every kind that the engine has a way of its own for. */
import type { Nanos } from '../../wire/time.js';
import { REHEARSED_NS } from './pushes.js';

const ALL = '{cluster=~".+"}';
const ONE = '{service_name="proxy", pod="proxy-1"}';
const WEB = '{service_name="web"}';
const ENGINE = '{service_name="engine"}';

const LOGS = [
  ALL,
  `${ALL} |= "timeout"`,
  `${ALL} |= "3f9c2d71e0b84a56"`,
  `${ALL} | trace_id="3f9c2d71e0b84a563f9c2d71e0b84a56"`,
  `${ALL} | json | logfmt | drop __error__, __error_details__`,
  `${ALL} | level="error" | line_format "{{.pod}} {{__line__}}"`,
  ONE,
  `${ONE} |= "POST"`,
  `${WEB} | json | status="503"`,
];

const SERIES = [
  `sum(count_over_time(${ALL}[5m]))`,
  `sum by (service_name) (rate(${ALL}[5m]))`,
  `sum by (level) (count_over_time(${ALL} | drop __error__[5m]))`,
  `sum(count_over_time(${ALL} | level="error" [5m]))`,
  `topk(3, sum by (pod) (count_over_time(${ALL}[10m])))`,
  `sum by (level) (count_over_time(${ALL} | json | logfmt | drop __error__, __error_details__ [5m]))`,
  `quantile_over_time(0.99, ${WEB} | json | unwrap duration_ms | __error__="" [5m]) by (method)`,
  `sum(count_over_time(${ONE}[5m]))`,
];

const VECTORS = [
  `sum(count_over_time(${ALL} |= "error" [1h]))`,
  `sum(count_over_time(${ALL} |~ "(?i)timeout|refused" [1h]))`,
  `sum(count_over_time(${ALL} |~ "\\\\d+\\\\.\\\\d+\\\\.\\\\d+\\\\.\\\\d+" [1h]))`,
  `sum by (tenant) (count_over_time(${ENGINE} | logfmt [1h]))`,
  `sum by (status) (count_over_time(${WEB} | json | __error__="" [1h]))`,
  `quantile_over_time(0.99, ${ONE} | pattern \`<_> "<_>" <_> <size> <_>\` | unwrap size | __error__="" [1h]) by (service_name)`,
];

/** Paths with their parameters. */
export function rehearsedQuestions(now: Nanos): readonly string[] {
  const range = { start: String(now - REHEARSED_NS), end: String(now) };
  const asked = (path: string, parameters: Record<string, string>): string =>
    `/loki/api/v1/${path}?${new URLSearchParams(parameters)}`;
  return [
    ...LOGS.map((query) => asked('query_range', { ...range, query, limit: '1000' })),
    ...SERIES.map((query) => asked('query_range', { ...range, query, step: '300' })),
    ...VECTORS.map((query) => asked('query', { query, time: String(now) })),
    asked('labels', range),
    asked('label/service_name/values', range),
    asked('series', { ...range, 'match[]': WEB }),
  ];
}
