import { expect, it } from 'vitest';
import { DEFAULT_LIMITS, type TenantLimits } from './limits.js';
import { strictestLimits } from './strictest-limits.js';

const limits = (more: Partial<TenantLimits>): TenantLimits => ({ ...DEFAULT_LIMITS, ...more });

it('the smallest bound that is set counts, and 0 sets none', () => {
  const combined = strictestLimits([
    limits({ max_query_series: 7, max_query_bytes_read: 0, max_query_range_ms: 0 }),
    limits({ max_query_series: 0, max_query_bytes_read: 5, max_query_range_ms: 0 }),
    limits({ max_query_series: 9, max_query_bytes_read: 4, max_query_range_ms: 0 }),
  ]);
  expect([combined.max_query_series, combined.max_query_bytes_read, combined.max_query_range_ms]).toEqual([7, 4, 0]);
});

it('what one tenant demands or forbids holds for all', () => {
  const block = { pattern: 'x', regex: false, types: [], hash: 0, tags: {} };
  const combined = strictestLimits([
    limits({ required_labels: ['a'], minimum_labels_number: 1, shard_aggregations: ['approx_topk'] }),
    limits({ required_labels: ['b', 'a'], volume_enabled: false, blocked_queries: [block] }),
  ]);
  expect(combined).toMatchObject({
    ...{ required_labels: ['a', 'b'], minimum_labels_number: 1, shard_aggregations: [], volume_enabled: false },
    blocked_queries: [block],
  });
});

it('limits of nobody are a mistake', () => {
  expect(() => strictestLimits([])).toThrow('no limits given');
});
