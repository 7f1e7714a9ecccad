/** Requests of Grafana's Logs Drilldown (2.x): times of resources are ISO 8601 with milliseconds. */
import type { z } from 'zod';
import { HOUR } from '../../../support/client.js';
import { type Exchange, instantRequest, rangeRequest, resourceRequest, tagged } from './grafana.js';
import type { Pairs, RecordedRequest } from './request.js';
import * as shapes from './shapes.js';

const TAGS = tagged('grafana-lokiexplore-app');
/** What it puts between the filters on lines and the filters on fields. */
export const MIXED = '| json  | logfmt | drop __error__, __error_details__ ';

export const iso = (time: bigint): string => new Date(Number(time / 1_000_000n)).toISOString();

export interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

export function drilldownResource(
  name: string,
  path: string,
  { start, end }: Range,
  parameters: Pairs,
): RecordedRequest {
  return resourceRequest(name, path, [['end', iso(end)], ...parameters, ['start', iso(start)]], TAGS);
}

/** Fields, values and tags of variables go through the datasource, which writes nanoseconds. */
export function drilldownValues(field: string, { start, end }: Range, query: string): RecordedRequest {
  const parameters: Pairs = [
    ['start', start],
    ['end', end],
    ['limit', 1000],
    ['query', query],
  ];
  return resourceRequest(`values of ${field}`, `detected_field/${field}/values`, parameters);
}

export function drilldownLogs(name: string, query: string, range: Range, limit = 1000): RecordedRequest {
  return rangeRequest(name, { query, ...range, limit }, TAGS);
}

export function drilldownMetric(name: string, query: string, range: Range, stepMs: number): RecordedRequest {
  return rangeRequest(name, { query, ...range, stepMs }, TAGS);
}

/** Over the hour that begins at `epoch`. */
export function drilldownExchanges(epoch: bigint): readonly Exchange[] {
  const range = { start: epoch, end: epoch + HOUR };
  const resource = (name: string, path: string, parameters: Pairs, answer: z.ZodType): Exchange => ({
    ...drilldownResource(name, path, range, parameters),
    answer,
  });
  const metric = (name: string, query: string): Exchange => ({
    ...drilldownMetric(name, query, range, 10_000),
    answer: shapes.matrix,
  });
  const logs = (name: string, query: string, limit?: number): Exchange => ({
    ...drilldownLogs(name, query, range, limit),
    answer: shapes.categorizedStreams,
  });
  const checkout = '{service_name="checkout"}';
  const pipeline = `${checkout}     ${MIXED} `;
  const userId = `${checkout}    | json user_id="[\\"user\\"][\\"id\\"]"| json | logfmt | drop __error__, __error_details__ `;
  return [
    resource(
      'landing page',
      'index/volume',
      [
        ['limit', 5000],
        ['query', '{service_name=~`.+`}'],
      ],
      shapes.vector,
    ),
    resource(
      'landing page, searched',
      'index/volume',
      [
        ['limit', 5000],
        ['query', '{service_name=~`(?i).*check.*`}'],
      ],
      shapes.vector,
    ),
    resource(
      'landing page by another label',
      'index/volume',
      [
        ['limit', 5000],
        ['query', '{env=~`.+`}'],
      ],
      shapes.vector,
    ),
    resource('labels search', 'labels', [], shapes.nameList),
    metric('service tile', `sum by (detected_level) (count_over_time(${checkout} | drop __error__ [10s]))`),
    metric(
      'service tile with aggregated metrics',
      'sum by (detected_level) (sum_over_time({__aggregated_metric__="checkout"} | logfmt | unwrap count [10s]))',
    ),
    logs('log sample of a tile', '{service_name="checkout"} ', 100),
    resource('labels tab', 'detected_labels', [['query', checkout]], shapes.detectedLabels),
    resource('labels of everything', 'detected_labels', [['query', '']], shapes.detectedLabels),
    resource('fields tab', 'detected_fields', [['query', pipeline]], shapes.detectedFields),
    { ...drilldownValues('method', range, pipeline), answer: shapes.detectedValues },
    { ...drilldownValues('detected_level', range, `${checkout}   `), answer: shapes.detectedValues },
    { ...drilldownValues('trace_id', range, pipeline), answer: shapes.detectedValues },
    metric('label panel', 'sum(count_over_time({service_name="checkout",pod!=""}      [10s])) by (pod)'),
    metric('level panel', `sum(count_over_time(${checkout} | detected_level != ""      [10s])) by (detected_level)`),
    metric(
      'string field panel',
      `sum by (method) (count_over_time(${checkout}    | json method="[\\"method\\"]"| drop __error__, __error_details__  | method!="" [10s]))`,
    ),
    metric('int field panel', `sum by (user_id) (count_over_time(${userId} | user_id!="" [10s]))`),
    metric('structured metadata panel', `sum by (trace_id) (count_over_time(${checkout} | trace_id!=""     [10s]))`),
    metric(
      'duration field panel',
      `avg_over_time(${pipeline} | took!="" | unwrap duration(took) | __error__="" [10s]) by ()`,
    ),
    metric(
      'bytes field panel',
      `avg_over_time(${pipeline} | size!="" | unwrap bytes(size) | __error__="" [10s]) by ()`,
    ),
    metric('float field panel', `avg_over_time(${pipeline} | ratio!="" | unwrap ratio | __error__="" [10s]) by ()`),
    {
      ...instantRequest(
        'field distribution',
        `sum by (method) (count_over_time(${pipeline} | keep method [3600s]))`,
        range.end,
        TAGS,
      ),
      answer: shapes.vector,
    },
    {
      ...instantRequest('total count', `sum(count_over_time(${pipeline} [3600s]))`, range.end, TAGS),
      answer: shapes.vector,
    },
    {
      ...instantRequest(
        'levels with lines',
        `sum(count_over_time(${checkout}   [3600s])) by (detected_level)`,
        range.end,
        TAGS,
      ),
      answer: shapes.vector,
    },
    resource(
      'patterns tab',
      'patterns',
      [
        ['query', checkout],
        ['step', '10s'],
      ],
      shapes.patterns,
    ),
    resource(
      'patterns of a day',
      'patterns',
      [
        ['query', checkout],
        ['step', '1d'],
      ],
      shapes.patterns,
    ),
    logs('logs panel', pipeline),
    logs(
      'logs panel with filters',
      `${checkout} | detected_level="error" | trace_id="trace-2"  |~ "(?i)ORDER" ${MIXED}| method="GET" or method="POST" | user_id!="3"`,
    ),
    logs(
      'logs panel with patterns',
      '{service_name="gateway"}   |> "level=<_> method=GET <_>" or "nothing <_>" !> "<_> status=500 <_>"  | logfmt',
    ),
    logs(
      'JSON view, drilled in',
      `${checkout}    | json user="[\\"user\\"]"| json  | logfmt | drop __error__, __error_details__  | line_format "{{.user}}"`,
    ),
    { ...resourceRequest('tenant limits', 'drilldown-limits', [], TAGS), answer: shapes.drilldownLimits },
  ];
}
