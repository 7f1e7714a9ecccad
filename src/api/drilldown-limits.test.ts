import { expect, it } from 'vitest';
import { fakeApi, fakeClient, request } from '../../test/support/api.js';
import { DEFAULT_LIMITS } from '../wire/limits.js';

const limitsOf = async (overrides: Parameters<typeof fakeApi>[1] = {}) =>
  JSON.parse((await request(fakeApi(fakeClient(), overrides), '/loki/api/v1/drilldown-limits')).body);

it('tells the limits that Logs Drilldown reads, as Loki writes them', async () => {
  const { limits, ...rest } = await limitsOf();
  expect(rest).toEqual({ pattern_ingester_enabled: true, version: '1.2.3' });
  expect(limits).toMatchObject({
    discover_log_levels: true,
    discover_service_name: DEFAULT_LIMITS.discover_service_name,
    log_level_fields: DEFAULT_LIMITS.log_level_fields,
    max_entries_limit_per_query: 5000,
    max_line_size: '256KB',
    max_line_size_truncate: false,
    max_query_bytes_read: '0B',
    max_query_length: '30d1h',
    max_query_lookback: '0s',
    max_query_range: '0s',
    max_query_series: 500,
    query_timeout: '1m',
    retention_period: '0s',
    volume_enabled: true,
    volume_max_series: 1000,
  });
});

it('tells those of the tenant, and whether patterns are kept', async () => {
  const limits = (tenant: string) => ({ ...DEFAULT_LIMITS, volume_enabled: tenant !== 'fake', max_line_size: 1500 });
  const answer = await limitsOf({ limits, patternsEnabled: false });
  expect(answer).toMatchObject({
    limits: { volume_enabled: false, max_line_size: '1500B' },
    pattern_ingester_enabled: false,
  });
});
