import { beforeAll, describe, expect, it } from 'vitest';
import { BASE, HOUR, jsonOf, type LokiClient, numbered } from '../support/client.js';
import { startServer } from '../support/server.js';

const RANGE = { start: BASE - HOUR, end: BASE + HOUR };

describe.each(['in memory', 'in objects'])('a query over several tenants %s', (place) => {
  let both: LokiClient;
  let anonymous: LokiClient;

  beforeAll(async () => {
    const server = await startServer({
      settings: ['auth_enabled=true', 'querier.multi_tenant_queries_enabled=true'],
    });
    anonymous = server.client;
    both = anonymous.as('red|blue');
    const shared = (name: string, count: number) => [
      { labels: { app: 'shared', only: name }, entries: numbered(count, (i) => `${name} v=${i}`) },
    ];
    await anonymous.as('red').push(shared('red', 10));
    await anonymous.as('blue').push(shared('blue', 20));
    await anonymous.as('green').push(shared('green', 40));
    await anonymous.as('blue').push([{ labels: { app: 'odd', __tenant_id__: 'own' }, entries: numbered(1) }]);
    if (place === 'in objects') await anonymous.flush();
  });

  const tenants = (all: readonly { labels: Readonly<Record<string, string>> }[]): string[] =>
    [...new Set(all.map(({ labels }) => labels.__tenant_id__ ?? ''))].sort();

  it('has every line with its tenant, and of nobody else', async () => {
    const { entries } = await both.range('{app="shared"}');
    expect(entries).toHaveLength(30);
    expect(entries.every(({ labels, line }) => line.startsWith(`${labels.__tenant_id__} `))).toBe(true);
    expect(tenants(entries)).toEqual(['blue', 'red']);
  });

  it('has the limit in common', async () => {
    const { entries } = await both.range('{app="shared"}', { limit: 14 });
    expect(entries.filter(({ labels }) => labels.__tenant_id__ === 'blue')).toHaveLength(12);
    expect(entries.filter(({ labels }) => labels.__tenant_id__ === 'red')).toHaveLength(2);
  });

  it('joins tenants where it aggregates, and tells them apart where it does not', async () => {
    const total = await both.instant('sum(count_over_time({app="shared"}[24h]))');
    expect(total.series).toEqual([{ metric: {}, points: [[expect.any(Number), '30']] }]);
    const by = await both.instant('sum by (__tenant_id__) (count_over_time({app="shared"}[24h]))');
    expect(by.series.map(({ metric, points }) => [metric, points[0]![1]])).toEqual([
      [{ __tenant_id__: 'blue' }, '20'],
      [{ __tenant_id__: 'red' }, '10'],
    ]);
    const each = await both.instant('max_over_time({app="shared"} | logfmt | keep v | unwrap v [24h]) by (app)');
    expect(each.series.map(({ metric, points }) => [metric, points[0]![1]])).toEqual([
      [{ __tenant_id__: 'blue' }, '19'],
      [{ __tenant_id__: 'red' }, '9'],
    ]);
    const kept = await both.range('{app="shared"} | keep app', { limit: 1 });
    expect(kept.entries[0]!.labels).toEqual({ app: 'shared', __tenant_id__: 'blue' });
  });

  it('is narrowed by matchers on the tenant, never widened', async () => {
    expect(tenants((await both.range('{app="shared", __tenant_id__="red"}')).entries)).toEqual(['red']);
    expect(tenants((await both.range('{app="shared", __tenant_id__!="red"}')).entries)).toEqual(['blue']);
    expect(tenants((await both.range('{app="shared", __tenant_id__=~"green|blue"}')).entries)).toEqual(['blue']);
    expect((await both.range('{app="shared", __tenant_id__="green"}')).entries).toEqual([]);
    const quotient =
      'sum(count_over_time({__tenant_id__="blue", app="shared"}[24h])) / sum(count_over_time({__tenant_id__="red", app="shared"}[24h]))';
    expect((await both.instant(quotient)).series[0]!.points[0]![1]).toBe('2');
    expect(await both.count('{app="shared"} | __tenant_id__="red"')).toBe(10);
  });

  it('moves a label that has the tenant’s name away, and finds it there', async () => {
    const { entries } = await both.range('{app="odd"}');
    expect(entries[0]!.labels).toMatchObject({ __tenant_id__: 'blue', original___tenant_id__: 'own' });
    expect(await both.count('{original___tenant_id__="own"}')).toBe(1);
    // Whoever asks for one tenant sees labels as they were pushed.
    const alone = await anonymous.as('blue|blue').range('{__tenant_id__="own"}');
    expect(alone.entries[0]!.labels).toMatchObject({ app: 'odd', __tenant_id__: 'own' });
  });

  it('names labels, values, series and sizes of all', async () => {
    expect(await both.names('labels')).toEqual(expect.arrayContaining(['__tenant_id__', 'app', 'only']));
    expect(await both.names('label/__tenant_id__/values')).toEqual(['blue', 'red']);
    expect(await both.names('label/only/values')).toEqual(['blue', 'red']);
    expect(await both.names('label/only/values', { query: '{__tenant_id__="red"}' })).toEqual(['red']);
    const series = await both.names('series', { match: '{app="shared"}' });
    expect(series).toEqual(
      expect.arrayContaining(
        ['blue', 'red'].map((name) => ({
          ...{ __tenant_id__: name, app: 'shared', only: name, service_name: 'shared' },
        })),
      ),
    );
    expect(series).toHaveLength(2);
    const stats = jsonOf(await both.get('/loki/api/v1/index/stats', { query: '{app="shared"}', ...RANGE }));
    expect(stats).toMatchObject({ streams: 2, entries: 30 });
  });

  it('is for reading only', async () => {
    const push = await both.tryPush([{ labels: { app: 'shared' }, entries: numbered(1) }]);
    expect(push).toMatchObject({ status: 400, body: 'multiple org IDs present\n' });
    expect(await both.get('/config/tenant/v1/limits')).toMatchObject({ status: 400 });
  });

  it('has categories of labels too', async () => {
    const headers = { 'x-loki-response-encoding-flags': 'categorize-labels' };
    const parameters = { query: '{app="shared"} | logfmt', limit: 1, ...RANGE };
    const answer = jsonOf(await both.get('/loki/api/v1/query_range', parameters, { headers }));
    expect(answer).toMatchObject({
      data: { result: [{ stream: { __tenant_id__: 'blue', app: 'shared' }, values: [[{}, {}, { parsed: {} }]] }] },
    });
  });
});
