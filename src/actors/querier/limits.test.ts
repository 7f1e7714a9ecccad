import { describe, expect, it } from 'vitest';
import { requestOf } from '../../../test/support/query-system.js';
import { parseLogQL } from '../../planning/logql/parser.js';
import { fault } from '../../wire/fault.js';
import { DEFAULT_LIMITS, type TenantLimits } from '../../wire/limits.js';
import type { QueryRequest } from '../../wire/query.js';
import { checkBytes, checkLimits, logsIn, seriesLimitMessage } from './limits.js';

const HOUR = 3_600_000_000_000n;

function refusal(
  query: string,
  limits: Partial<TenantLimits> = {},
  request: Partial<QueryRequest> = {},
): string | undefined {
  const found = checkLimits(requestOf(query, request), parseLogQL(query), { ...DEFAULT_LIMITS, ...limits });
  if (found) expect(found).toEqual(fault('bad-request', found.message));
  return found?.message;
}

const LOG = '{app="x"}';
const COUNT = 'count_over_time({app="x"}[1m])';

describe('a query is refused', () => {
  it('when it asks for log lines at one instant', () => {
    expect(refusal(LOG, {}, { mode: 'instant' })).toBe(
      'log queries are not supported as an instant query type, please change your query to a range query type',
    );
    expect(refusal(COUNT, {}, { mode: 'instant' })).toBeUndefined();
  });

  it('when it asks for more entries than allowed, if it returns entries', () => {
    expect(refusal(LOG, {}, { limit: 5001 })).toBe(
      'max entries limit per query exceeded, limit > max_entries_limit_per_query (5001 > 5000)',
    );
    expect(refusal(LOG, {}, { limit: 5000 })).toBeUndefined();
    expect(refusal(COUNT, {}, { limit: 5001 })).toBeUndefined();
    expect(refusal(LOG, { max_entries_limit_per_query: 0 }, { limit: 1e6 })).toBeUndefined();
  });

  it('when its range is too long', () => {
    const range = (hours: bigint) => ({ start: 0n, end: hours * HOUR });
    expect(refusal(COUNT, {}, range(722n))).toBe(
      'the query time range exceeds the limit (query length: 722h0m0s, limit: 721h0m0s)',
    );
    expect(refusal(COUNT, {}, range(721n))).toBeUndefined();
    expect(refusal(COUNT, { max_query_length_ms: 0 }, range(100_000n))).toBeUndefined();
  });

  it('when a selector has too many matchers', () => {
    expect(refusal('{a="1", b="2", c="3"}', { max_streams_matchers_per_query: 2 })).toBe(
      'max streams matchers per query exceeded, matchers-count > limit (3 > 2)',
    );
    expect(refusal('{a="1", b="2"}', { max_streams_matchers_per_query: 2 })).toBeUndefined();
  });

  it('when any of its selectors lacks a required label', () => {
    const limits = { required_labels: ['env', 'team', 'app'] };
    const message =
      'stream selector is missing required matchers [env, team], labels present in the query were [app, b]';
    expect(refusal('{app="x", b="y"}', limits)).toBe(message);
    const other = 'count_over_time({app="x", env="e", team="t"}[1m])';
    expect(refusal(`${other} / sum(rate({app="x", b="y"}[1m]))`, limits)).toBe(message);
    expect(refusal(other, limits)).toBeUndefined();
  });

  it('when a selector has too few matchers', () => {
    expect(refusal(LOG, { minimum_labels_number: 2 })).toBe(
      'stream selector has less label matchers than required: (present: [app], number_present: 1, required_number_label_matchers: 2)',
    );
    expect(refusal('{app="x", b="y"}', { minimum_labels_number: 2 })).toBeUndefined();
  });
});

describe('the selectors of a query', () => {
  it.each([
    [LOG, 1],
    [`sum by (app) (topk(2, ${COUNT}))`, 1],
    [`label_replace(${COUNT}, "a", "b", "c", "d") + on() vector(1) * ${COUNT}`, 2],
    ['1 + 2', 0],
  ])('of %s are %i', (query, count) => expect(logsIn(parseLogQL(query))).toHaveLength(count));
});

it('too many series are answered with the advice of Loki', () => {
  expect(seriesLimitMessage(500)).toBe(
    'maximum number of series (500) reached for a single query; consider reducing query cardinality by adding more specific stream selectors, reducing the time range, or aggregating results with functions like sum(), count() or topk()',
  );
});

describe('a query is refused too', () => {
  it('when one evaluation would look too far back, wherever it stands', () => {
    const limits = { max_query_range_ms: 3_600_000 };
    const far = '[interval] value exceeds limit: [1h30m] > [1h]';
    expect(refusal('1 + sum(rate({app="x"}[90m]))', limits)).toBe(far);
    expect(refusal('sum(rate({app="x"}[60m]))', limits)).toBeUndefined();
    expect(refusal('sum(rate({app="x"}[90m]))')).toBeUndefined();
  });

  it('when it approximates without leave, or over a range', () => {
    const query = '1 + approx_topk(3, sum by (a) (rate({app="x"}[1m])))';
    const enabled = { shard_aggregations: ['approx_topk'] };
    expect(refusal(query, {}, { mode: 'instant' })).toBe('approx_topk is not enabled. See -limits.shard_aggregations');
    expect(refusal(query, enabled, { mode: 'instant' })).toBeUndefined();
    expect(refusal(query, enabled)).toBe('count min sketches are only supported on instant queries');
    expect(refusal('topk(3, rate({app="x"}[1m]))')).toBeUndefined();
  });

  it('when its tenant may not run it', () => {
    const blocked_queries = [{ pattern: COUNT, regex: false, types: [], hash: 0, tags: {} }];
    expect(refusal(COUNT, { blocked_queries })).toBe('query blocked by policy');
    expect(refusal(LOG, { blocked_queries })).toBeUndefined();
  });

  it('when only lines can be shown and it has none', () => {
    const legacy = 'legacy endpoints only support streams result type';
    expect(refusal(COUNT, {}, { streamsOnly: true })).toBe(legacy);
    expect(refusal(LOG, {}, { streamsOnly: true })).toBeUndefined();
  });

  it('when it would read more than it may', () => {
    expect(checkBytes(5000, 4096)).toEqual(
      fault(
        'bad-request',
        'the query would read too many bytes (query: 4.9 KiB, limit: 4.0 KiB); consider adding more specific stream selectors or reduce the time range of the query',
      ),
    );
    expect(checkBytes(4096, 4096)).toBeUndefined();
    expect(checkBytes(1e12, 0)).toBeUndefined();
  });
});
