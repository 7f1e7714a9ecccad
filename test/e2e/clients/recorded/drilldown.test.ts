/** One walk through Logs Drilldown: services, labels, fields, patterns, each with what the step before it found. */
import { beforeAll, describe, expect, it } from 'vitest';
import { BASE, HOUR, SECOND } from '../../../support/client.js';
import { type Server, startServer } from '../../../support/server.js';
import { checkoutLine, dataset, gatewayLine, levelOf, PODS, pushHalves, SECONDS } from './data.js';
import { drilldownLogs, drilldownMetric, drilldownResource, drilldownValues, MIXED } from './drilldown.js';
import { rangeRequest, resourceRequest } from './grafana.js';
import { decode, grafanaRows } from './loops.js';
import { send } from './request.js';
import * as shapes from './shapes.js';

const RANGE = { start: BASE, end: BASE + HOUR };
const LINES = SECONDS * PODS.length;
const CHECKOUT = '{service_name="checkout"}';
const PIPELINE = `${CHECKOUT}     ${MIXED} `;
const DRILLED = `${CHECKOUT}    | json user_id="[\\"user\\"][\\"id\\"]"| json | logfmt | drop __error__, __error_details__ `;

const bytesOf = (line: (i: number) => string): number =>
  Array.from({ length: SECONDS }, (_, i) => Buffer.byteLength(line(i))).reduce((sum, bytes) => sum + bytes, 0);

let server: Server;

beforeAll(async () => {
  server = await startServer();
  await pushHalves(server.client, dataset(BASE));
});

/** A metric query's series: the sum of each over the range by its only label. */
async function totals(query: string): Promise<Record<string, number>> {
  const { data } = await decode(
    server.url,
    drilldownMetric('panel', query, { ...RANGE, end: BASE + 11n * 60n * SECOND }, 10_000),
    shapes.matrix,
  );
  const summed = data.result.map(({ metric, values }) => {
    expect(Object.keys(metric).length).toBeLessThanOrEqual(1);
    return [Object.values(metric)[0] ?? '', values.reduce((sum, [, value]) => sum + Number(value), 0)] as const;
  });
  return Object.fromEntries(summed);
}

describe('the landing page', () => {
  const volumes = async (query: string, label: string): Promise<(readonly [string | undefined, number])[]> => {
    const request = drilldownResource('volume', 'index/volume', RANGE, [
      ['limit', 5000],
      ['query', query],
    ]);
    const { data } = await decode(server.url, request, shapes.vector);
    return data.result.map(({ metric, value }) => [metric[label], Number(value[1])]);
  };

  it('lists services, those with the most bytes first', async () => {
    const listed = await volumes('{service_name=~`.+`}', 'service_name');
    expect(listed.map(([service]) => service)).toEqual(['checkout', 'gateway', 'worker']);
    expect(listed[0]).toEqual(['checkout', 2 * bytesOf(checkoutLine)]);
    expect(listed[1]).toEqual(['gateway', bytesOf(gatewayLine)]);
  });

  it('searches services without caring for case', async () => {
    expect((await volumes('{service_name=~`(?i).*CHECK.*`}', 'service_name')).map(([service]) => service)).toEqual([
      'checkout',
    ]);
  });

  it('lists another label in place of services', async () => {
    expect((await volumes('{env=~`.+`}', 'env')).map(([env]) => env)).toEqual(['prod', 'dev']);
  });

  it('counts the lines of a service by level', async () => {
    const counts = await totals(`sum by (detected_level) (count_over_time(${CHECKOUT} | drop __error__ [10s]))`);
    expect(counts).toEqual({ info: LINES / 4, warn: LINES / 4, error: LINES / 4, debug: LINES / 4 });
  });
});

describe('the tab of labels', () => {
  it('lists labels with how many values they have', async () => {
    const request = drilldownResource('labels', 'detected_labels', RANGE, [['query', CHECKOUT]]);
    const { detectedLabels = [] } = await decode(server.url, request, shapes.detectedLabels);
    expect(detectedLabels).toContainEqual({ label: 'pod', cardinality: PODS.length });
    expect(detectedLabels).toContainEqual({ label: 'env', cardinality: 1 });
    expect(detectedLabels.map(({ label }) => label)).not.toContain('trace_id');
  });

  it('counts the lines of each value', async () => {
    const counts = await totals('sum(count_over_time({service_name="checkout",pod!=""}      [10s])) by (pod)');
    expect(counts).toEqual(Object.fromEntries(PODS.map((pod) => [pod, SECONDS])));
  });
});

describe('the tab of fields', () => {
  it('lists fields with type, parser and path; structured metadata has no parser at all', async () => {
    const request = drilldownResource('fields', 'detected_fields', RANGE, [['query', PIPELINE]]);
    const { fields = [] } = await decode(server.url, request, shapes.detectedFields);
    const byLabel = new Map(fields.map((field) => [field.label, field]));
    expect(byLabel.get('trace_id')).toEqual({ label: 'trace_id', type: 'string', cardinality: 20, parsers: null });
    expect(byLabel.get('user_id')).toMatchObject({ type: 'int', cardinality: 7, jsonPath: ['user', 'id'] });
    expect(byLabel.get('user_id')!.parsers).toContain('json');
    expect(byLabel.get('took')).toMatchObject({ type: 'duration', jsonPath: ['took'] });
    expect(byLabel.get('size')).toMatchObject({ type: 'bytes', cardinality: 9 });
    expect(byLabel.get('ratio')).toMatchObject({ type: 'float', cardinality: 10 });
    expect(byLabel.get('detected_level')).toMatchObject({ parsers: null });
  });

  it('offers the values of a field', async () => {
    const values = async (field: string, query: string): Promise<readonly string[]> =>
      (await decode(server.url, drilldownValues(field, RANGE, query), shapes.detectedValues)).values ?? [];
    expect([...(await values('method', PIPELINE))].sort()).toEqual(['GET', 'POST']);
    expect([...(await values('user_id', PIPELINE))].sort()).toEqual(['0', '1', '2', '3', '4', '5', '6']);
    expect([...(await values('detected_level', `${CHECKOUT}   `))].sort()).toEqual(['debug', 'error', 'info', 'warn']);
    expect(await values('method', `${PIPELINE}| method="PUT"`)).toEqual([]);
  });

  it('counts the lines of each value of a field', async () => {
    const path = `${CHECKOUT}    | json method="[\\"method\\"]"| drop __error__, __error_details__ `;
    expect(await totals(`sum by (method) (count_over_time(${path} | method!="" [10s]))`)).toEqual({
      ...{ GET: LINES / 2, POST: LINES / 2 },
    });
    const users = await totals(`sum by (user_id) (count_over_time(${DRILLED} | user_id!="" [10s]))`);
    expect(Object.keys(users).sort()).toEqual(['0', '1', '2', '3', '4', '5', '6']);
    expect(Object.values(users).reduce((sum, count) => sum + count, 0)).toBe(LINES);
    const traces = await totals(`sum by (trace_id) (count_over_time(${CHECKOUT} | trace_id!=""     [10s]))`);
    expect(Object.values(traces)).toEqual(Array.from({ length: 20 }, () => LINES / 20));
  });

  it.each([
    ['durations in seconds', 'took', 'duration(took)', (i: number) => (i % 50) / 1000],
    ['sizes in bytes', 'size', 'bytes(size)', (i: number) => ((i % 9) + 1) * 1000],
    ['fractions', 'ratio', 'ratio', (i: number) => (i % 10) / 10 + 0.05],
  ])('averages %s', async (_, field, unwrapped, value) => {
    const query = `avg_over_time(${PIPELINE} | ${field}!="" | unwrap ${unwrapped} | __error__="" [10s]) by ()`;
    const request = drilldownMetric('panel', query, { start: BASE + 10n * SECOND, end: BASE + 60n * SECOND }, 10_000);
    const { data } = await decode(server.url, request, shapes.matrix);
    expect(data.result.map(({ metric }) => metric)).toEqual([{}]);
    // A point has what lies in the ten seconds up to it, the first of them left out.
    const averages = data.result[0]!.values.map(([, text]) => Number(text));
    expect(averages).toHaveLength(6);
    for (const [step, average] of averages.entries()) {
      const window = Array.from({ length: 10 }, (_, i) => value(10 * step + 1 + i));
      expect(average).toBeCloseTo(window.reduce((sum, each) => sum + each) / 10, 9);
    }
  });
});

describe('the panel of logs', () => {
  it('has labels of both parsers, and no errors of the one that does not fit', async () => {
    const rows = await grafanaRows(server.url, drilldownLogs('logs', PIPELINE, RANGE, 10));
    expect(rows).toHaveLength(10);
    for (const { parsed } of rows) {
      expect(parsed).toMatchObject({ method: expect.any(String), user_id: expect.any(String), msg: 'order "placed"' });
      expect(Object.keys(parsed).filter((name) => name.startsWith('__error'))).toEqual([]);
    }
  });

  it('has just the lines that all filters let through', async () => {
    const filters = '| detected_level="error" | trace_id="trace-2"  |~ "(?i)ORDER"';
    const query = `${CHECKOUT} ${filters} ${MIXED}| method="GET" or method="POST" | user_id!="3"`;
    const rows = await grafanaRows(server.url, drilldownLogs('logs', query, RANGE));
    const expected = Array.from({ length: SECONDS }, (_, i) => i).filter(
      (i) => levelOf(i) === 'error' && i % 20 === 2 && i % 7 !== 3,
    );
    expect(rows.map(({ line }) => line).sort()).toEqual(
      expected.flatMap((i) => PODS.map(() => checkoutLine(i))).sort(),
    );
  });

  it.each([
    ['| method="GET" or method="PUT"', (i: number) => i % 2 === 0],
    ['| method!="GET" | method!="PUT"', (i: number) => i % 2 === 1],
    ['| method=~"G.+" | method!~"P.+|D.+"', (i: number) => i % 2 === 0],
    ['| took>10ms | took<=20ms', (i: number) => i % 50 > 10 && i % 50 <= 20],
    ['| took>=0.049s', (i: number) => i % 50 === 49],
    ['| size>=8KB', (i: number) => i % 9 >= 7],
    ['| user_id>4 | user_id!="6"', (i: number) => i % 7 === 5],
    ['| ratio<0.2', (i: number) => i % 10 < 2],
    ['| absent=""', () => true],
    ['| absent!=""', () => false],
    ['| msg=~"order \\"placed\\"" | took!~"((25[0-5]|(2[0-4]|1\\\\d|[1-9]|)\\\\d)\\\\.?\\\\b){4}"', () => true],
  ])('filters fields with %s', async (filters, passes) => {
    const query = `{service_name="checkout", pod="checkout-0"}     ${MIXED}${filters} `;
    const rows = await grafanaRows(server.url, drilldownLogs('logs', query, RANGE));
    const expected = Array.from({ length: SECONDS }, (_, i) => SECONDS - 1 - i).filter(passes);
    expect(rows.map(({ line }) => line).sort()).toEqual(expected.map(checkoutLine).sort());
  });

  it.each([
    ['| detected_level="error" or detected_level="warn"', 300],
    ['| detected_level=~"error|warn"', 300],
    ['| detected_level!="error"', 450],
    ['| trace_id="trace-1" or trace_id="trace-2"', 60],
    ['| trace_id!="" | trace_id!="trace-1"', 570],
    ['|= "order" != "absent" |~ "PO[S]T" !~ "(?i)\\"GET\\""', 300],
    ['|= `\\"placed\\"`', 600],
  ])('filters metadata and lines with %s', async (filters, lines) => {
    const query = `{service_name="checkout", pod="checkout-0"} ${filters}     ${MIXED} `;
    const rows = await grafanaRows(server.url, drilldownLogs('logs', query, RANGE));
    expect(rows).toHaveLength(lines);
  });

  it('shows a part of JSON when drilled into', async () => {
    const drilled = `${CHECKOUT}    | json user="[\\"user\\"]"| json  | logfmt | drop __error__, __error_details__ `;
    const query = `${drilled} | line_format "{{.user}}"`;
    const rows = await grafanaRows(server.url, drilldownLogs('logs', query, RANGE, 2));
    expect(rows.map(({ line }) => line)).toEqual(['{"id":4}', '{"id":4}']);
  });
});

describe('a field with more values than series are allowed', () => {
  const query = `sum by (trace_id) (count_over_time(${CHECKOUT} | trace_id!=""     [10s]))`;
  let limited: Server;

  beforeAll(async () => {
    limited = await startServer({ settings: ['limits.max_query_series=7'] });
    await pushHalves(limited.client, dataset(BASE));
  });

  it('is shown in part, with a warning that the client looks for', async () => {
    const request = drilldownMetric('panel', query, RANGE, 10_000);
    const { data, warnings } = await decode(limited.url, request, shapes.matrix);
    expect(data.result).toHaveLength(7);
    expect(warnings).toEqual([expect.stringMatching(/maximum number of series \(7\) reached for a single query/)]);
  });

  it('is an error for everybody else', async () => {
    const request = rangeRequest('panel', { query, ...RANGE, stepMs: 10_000 });
    const { status, text } = await send(limited.url, request);
    expect(status).toBe(400);
    expect(text).toMatch(/^maximum number of series \(7\) reached for a single query; consider /);
  });
});

describe('the tab of patterns', () => {
  // Patterns are of the last hours.
  const epoch = (BigInt(Date.now()) / 10_000n) * 10_000_000_000n - 1200n * SECOND;
  const recent = { start: epoch, end: epoch + 1200n * SECOND };
  const gateway = '{service_name="gateway"}';
  let live: Server;

  beforeAll(async () => {
    live = await startServer();
    await pushHalves(live.client, dataset(epoch));
  });

  const patternsOf = async (step: string) => {
    const request = drilldownResource('patterns', 'patterns', recent, [
      ['query', gateway],
      ['step', step],
    ]);
    return (await decode(live.url, request, shapes.patterns)).data;
  };

  it('is not hidden, as the limits say', async () => {
    const request = resourceRequest('limits', 'drilldown-limits', []);
    expect(await decode(live.url, request, shapes.drilldownLimits)).toMatchObject({ pattern_ingester_enabled: true });
  });

  it.each(['10s', '1m', '1h'])('counts every line once by pattern and %s', async (step) => {
    const patterns = await patternsOf(step);
    const lines = patterns.flatMap(({ samples }) => samples).reduce((sum, [, count]) => sum + count, 0);
    expect(lines).toBe(SECONDS);
    for (const { samples } of patterns) {
      const times = samples.map(([time]) => time);
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    }
  });

  it('includes and excludes the lines of a pattern that is clicked on', async () => {
    const patterns = await patternsOf('10s');
    expect(patterns.length).toBeGreaterThan(0);
    for (const { pattern, samples } of patterns) {
      const literal = `"${pattern.replace(/\\/g, '\\\\').replace(/"/g, '\\"')}"`;
      const lines = samples.reduce((sum, [, count]) => sum + count, 0);
      const included = await grafanaRows(live.url, drilldownLogs('include', `${gateway}   |> ${literal}`, recent));
      expect(included.length, pattern).toBeGreaterThanOrEqual(lines);
      const excluded = await grafanaRows(live.url, drilldownLogs('exclude', `${gateway}   !> ${literal}`, recent));
      expect(included.length + excluded.length, pattern).toBe(SECONDS);
    }
    const all = patterns.map(({ pattern }) => JSON.stringify(pattern)).join(' or ');
    const rows = await grafanaRows(live.url, drilldownLogs('all', `${gateway}   |> ${all}`, recent));
    expect(rows).toHaveLength(SECONDS);
  });
});
