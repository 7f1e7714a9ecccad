/** Requests of logcli 3.x: nanoseconds, directions in capitals, steps in float seconds. */
import type { z } from 'zod';
import { HOUR } from '../../../support/client.js';
import type { Exchange } from './grafana.js';
import { goSearch, type Pairs, type RecordedRequest } from './request.js';
import * as shapes from './shapes.js';

export const LOGCLI_HEADERS = { 'user-agent': 'loki-logcli/3.6.2', 'accept-encoding': 'gzip' };

export interface LogcliRange {
  readonly query: string;
  readonly limit: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly forward?: boolean;
}

export function logcliRequest(
  name: string,
  path: string,
  parameters: Pairs,
  headers: Record<string, string> = {},
): RecordedRequest {
  const search = goSearch(parameters);
  return { name, path: `/loki/api/v1/${path}`, search, headers: { ...LOGCLI_HEADERS, ...headers } };
}

export function logcliRange(name: string, asked: LogcliRange, further: Pairs = []): RecordedRequest {
  const { query, limit, start, end, forward = false } = asked;
  return logcliRequest(name, 'query_range', [
    ['query', query],
    ['limit', limit],
    ['start', start],
    ['end', end],
    ['direction', forward ? 'FORWARD' : 'BACKWARD'],
    ...further,
  ]);
}

/** Over the hour that begins at `epoch`. */
export function logcliExchanges(epoch: bigint): readonly Exchange[] {
  const end = epoch + HOUR;
  const asked = { query: '{service_name="checkout"}', limit: 30, start: epoch, end };
  const range: Pairs = [
    ['start', epoch],
    ['end', end],
  ];
  const all: Pairs = [...range, ['query', '{env="prod"}']];
  const exchange = (
    name: string,
    path: string,
    parameters: Pairs,
    answer: z.ZodType,
    headers?: Record<string, string>,
  ): Exchange => ({ ...logcliRequest(name, path, parameters, headers), answer });
  const rate = { ...asked, query: 'sum by (level) (rate({service_name="checkout"} | json [1m]))' };
  const instant: Pairs = [
    ['query', 'sum(count_over_time({env="prod"}[1h]))'],
    ['limit', 30],
    ['time', end],
    ['direction', 'BACKWARD'],
  ];
  return [
    { ...logcliRange('query', asked), answer: shapes.streams },
    { ...logcliRange('query --forward', { ...asked, forward: true }), answer: shapes.streams },
    { ...logcliRange('query --interval', asked, [['interval', 5]]), answer: shapes.streams },
    {
      ...logcliRange('query with a parser', { ...asked, query: '{env="dev"} | pattern `<severity> <_>`' }),
      answer: shapes.streams,
    },
    { ...logcliRange('query of a metric', rate, [['step', 60]]), answer: shapes.matrix },
    {
      ...logcliRange('query --step of half a second', { ...rate, end: epoch + 60n * 1_000_000_000n }, [['step', 0.5]]),
      answer: shapes.matrix,
    },
    exchange('instant-query', 'query', instant, shapes.vector),
    exchange('instant-query --nocache --query-tags', 'query', instant, shapes.vector, {
      'cache-control': 'no-cache',
      'x-query-tags': 'Source=cron,Feature=report',
    }),
    exchange('instant-query --username --org-id', 'query', instant, shapes.vector, {
      authorization: `Basic ${Buffer.from('me:secret').toString('base64')}`,
      'x-scope-orgid': 'fake',
    }),
    exchange('labels', 'labels', range, shapes.nameList),
    exchange('labels of a name', 'label/service_name/values', range, shapes.nameList),
    exchange('labels of a name nobody has', 'label/absent/values', range, shapes.nameList),
    exchange('series', 'series', [...range, ['match', '{env="prod"}'], ['match', '{app="worker"}']], shapes.series),
    exchange('stats', 'index/stats', all, shapes.indexStats),
    exchange('volume', 'index/volume', [...all, ['limit', 30]], shapes.vector),
    exchange(
      'volume --targetLabels',
      'index/volume',
      [...all, ['limit', 30], ['targetLabels', 'env,service_name']],
      shapes.vector,
    ),
    exchange(
      'volume --aggregateByLabels',
      'index/volume',
      [...all, ['limit', 30], ['aggregateBy', 'labels']],
      shapes.vector,
    ),
    exchange('volume_range', 'index/volume_range', [...all, ['limit', 30], ['step', 3600]], shapes.volumeRange),
    exchange(
      'detected-fields',
      'detected_fields',
      [...all, ['field_limit', 100], ['line_limit', 1000], ['step', '10s']],
      shapes.detectedFields,
    ),
    exchange(
      'detected-fields of a name',
      'detected_field/method/values',
      [...all, ['limit', 100], ['line_limit', 1000], ['step', '10s']],
      shapes.detectedValues,
    ),
  ];
}
