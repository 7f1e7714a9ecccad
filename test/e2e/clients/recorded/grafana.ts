/**
 * Requests of Grafana's Loki datasource (13.1): its backend writes queries as Go does, and hands on what its browser
 * side asks for as resources.
 */
import type { z } from 'zod';
import { HOUR, SECOND } from '../../../support/client.js';
import { browserSearch, goSearch, type Pairs, type RecordedRequest } from './request.js';
import * as shapes from './shapes.js';

/** A request, and what its decoder needs. */
export interface Exchange extends RecordedRequest {
  readonly answer: z.ZodType;
}

const GO_HEADERS = { 'user-agent': 'Go-http-client/1.1', 'accept-encoding': 'gzip' };
const DATA_HEADERS = { ...GO_HEADERS, 'x-loki-response-encoding-flags': 'categorize-labels' };
/** Grafana hands on the browser's headers. */
const RESOURCE_HEADERS = {
  'user-agent': 'Grafana/13.1.0',
  accept: 'application/json, text/plain, */*',
  'accept-encoding': 'gzip, deflate, br',
  'accept-language': 'en-GB,en;q=0.5',
};

export const tagged = (source: string): Record<string, string> => ({ 'x-query-tags': `Source=${source}` });

export interface RangeQuery {
  readonly query: string;
  readonly start: bigint;
  readonly end: bigint;
  readonly limit?: number;
  readonly direction?: 'backward' | 'forward';
  readonly stepMs?: number;
}

export function rangeRequest(name: string, asked: RangeQuery, headers: Record<string, string> = {}): RecordedRequest {
  const { query, start, end, limit, direction = 'backward', stepMs = 1000 } = asked;
  const search = goSearch([
    ['query', query],
    ['direction', direction],
    ...(limit === undefined ? [] : [['limit', limit] as const]),
    ['start', start],
    ['end', end],
    ['step', `${stepMs}ms`],
  ]);
  return { name, path: '/loki/api/v1/query_range', search, headers: { ...DATA_HEADERS, ...headers } };
}

export function instantRequest(
  name: string,
  query: string,
  time: bigint,
  headers: Record<string, string> = {},
): RecordedRequest {
  const search = goSearch([
    ['query', query],
    ['direction', 'backward'],
    ['time', time],
  ]);
  return { name, path: '/loki/api/v1/query', search, headers: { ...DATA_HEADERS, ...headers } };
}

export function resourceRequest(
  name: string,
  path: string,
  parameters: Pairs,
  headers: Record<string, string> = {},
): RecordedRequest {
  const search = browserSearch(parameters);
  return { name, path: `/loki/api/v1/${path}`, search, headers: { ...RESOURCE_HEADERS, ...headers } };
}

export const ALWAYS = 'sum(count_over_time({service_name="absent"}[5m])) or vector(0)';

export const HEALTH_CHECK: RecordedRequest = {
  ...instantRequest('Save & test', 'vector(1)+vector(1)', 4n * SECOND),
};

/** Over the hour that begins at `epoch`. */
export function grafanaExchanges(epoch: bigint): readonly Exchange[] {
  const start = epoch;
  const end = epoch + HOUR;
  const range: Pairs = [
    ['start', start],
    ['end', end],
  ];
  const logs = (name: string, query: string, limit: number, headers?: Record<string, string>): Exchange => ({
    ...rangeRequest(name, { query, start, end, limit }, headers),
    answer: shapes.categorizedStreams,
  });
  const metric = (name: string, query: string, stepMs: number, headers?: Record<string, string>): Exchange => ({
    ...rangeRequest(name, { query, start, end, stepMs }, headers),
    answer: shapes.matrix,
  });
  const resource = (name: string, path: string, parameters: Pairs, answer: z.ZodType): Exchange => ({
    ...resourceRequest(name, path, parameters),
    answer,
  });
  const context = {
    'x-loki-query-limits-context': JSON.stringify({
      Expr: '{service_name="billing"}',
      From: new Date(Number(start / 1_000_000n)).toISOString().replace('.000Z', 'Z'),
      To: new Date(Number((start + 72n * HOUR) / 1_000_000n)).toISOString().replace('.000Z', '+00:00'),
    }),
  };
  return [
    { ...HEALTH_CHECK, answer: shapes.vector },
    logs('range query', '{service_name="checkout"}', 1000),
    logs('range query with a parser', '{service_name="checkout"} | json', 1000),
    logs('range query with a line filter, highlighted', '{service_name="gateway"} |= `status=500` | logfmt', 1000),
    logs('first slice of a split', '{service_name="billing"}', 1000, context),
    metric('metric query', 'sum by (level) (count_over_time({env="prod"} | logfmt [10s]))', 10_000),
    metric('metric query that finds nothing', 'rate({service_name="absent"}[1m])', 60_000),
    {
      ...instantRequest('instant query', 'sum by (service_name) (count_over_time({env=~".+"}[1h]))', end),
      answer: shapes.vector,
    },
    {
      ...instantRequest('alert rule', 'sum(rate({env="prod"} |= `error` [10m])) > 0', end, { fromalert: 'true' }),
      answer: shapes.vector,
    },
    {
      ...instantRequest('alert rule that always has a value', ALWAYS, end, { fromalert: 'true' }),
      answer: shapes.vector,
    },
    metric('metric query that always has a value', ALWAYS, 60_000),
    metric(
      'logs volume',
      'sum by (level, detected_level) (count_over_time({env="prod"} | drop __error__[10s]))',
      10_000,
      tagged('logvolhist'),
    ),
    logs('logs sample of a metric query', '{env="prod"} | json', 100, tagged('logsample')),
    logs('data sample of the builder', '{service_name="gateway"}', 10, tagged('datasample')),
    logs('infinite scroll', '{service_name="gateway"}', 1000, tagged('infinitescroll')),
    resource('size estimate', 'index/stats', [['query', '{env="prod"}'], ...range], shapes.indexStats),
    resource('label names', 'labels', range, shapes.nameList),
    resource('label names of a selector', 'labels', [...range, ['query', '{env="prod"}']], shapes.nameList),
    resource(
      'label names of the row whose context is shown',
      'labels',
      [
        ['start', start],
        ['end', start],
      ],
      shapes.nameList,
    ),
    resource('label values', 'label/service_name/values', range, shapes.nameList),
    resource(
      'label values of a selector',
      'label/service_name/values',
      [...range, ['query', '{env="prod"}']],
      shapes.nameList,
    ),
    resource('values of a label with an odd name', 'label/%C3%A4%2Fb/values', range, shapes.nameList),
    resource(
      'stream shards',
      'label/__stream_shard__/values',
      [...range, ['query', '{service_name="checkout"}']],
      shapes.nameList,
    ),
    resource('label browser', 'series', [['match[]', '{env="prod"}'], ...range], shapes.series),
    resource(
      'detected fields for completion',
      'detected_fields',
      [...range, ['limit', 1000], ['query', '{service_name="checkout"}']],
      shapes.detectedFields,
    ),
    resource(
      'values of a detected field',
      'detected_field/method/values',
      [...range, ['limit', 1000], ['query', '{service_name="checkout"}']],
      shapes.detectedValues,
    ),
    resource('build information', 'status/buildinfo', [], shapes.buildInfo),
  ];
}
