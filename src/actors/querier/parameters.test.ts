import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestOf } from '../../../test/support/query-system.js';
import type { QueryParameters } from '../../planning/facts.js';
import { parseLogQL } from '../../planning/logql/parser.js';
import { DEFAULT_LIMITS } from '../../wire/limits.js';
import type { QueryRequest } from '../../wire/query.js';
import { isTooOld, queryParameters } from './parameters.js';

const SECOND = 1_000_000_000n;
const COUNT = 'count_over_time({app="x"}[1m])';

function parametersOf(query: string, request: Partial<QueryRequest>, lookbackMs = 0, now = 0n): QueryParameters {
  const limits = { ...DEFAULT_LIMITS, max_query_lookback_ms: lookbackMs };
  return queryParameters(requestOf(query, request), parseLogQL(query), limits, now);
}

describe('a metric range query', () => {
  it.each([
    ['starts at the multiple before and ends at the one after', 7n, 31n, 0n, 45n],
    ['stays where it is at multiples', 15n, 30n, 15n, 30n],
    ['does so before 1970, too', -7n, -1n, -15n, 0n],
    ['stays at negative multiples', -30n, -15n, -30n, -15n],
  ])('%s', (_, start, end, from, to) => {
    const request = { start: start * SECOND, end: end * SECOND, stepNs: 15e9 };
    expect(parametersOf(COUNT, request)).toMatchObject({ start: from * SECOND, end: to * SECOND, stepNs: 15e9 });
  });

  it('has a step of whole milliseconds, one at least', () => {
    const stepOf = (stepNs: number): number => parametersOf(COUNT, { stepNs }).stepNs;
    expect([1_999_999, 2_000_000, 1, 999_999].map(stepOf)).toEqual([1e6, 2e6, 1e6, 1e6]);
  });

  it('covers what was asked for, with less than a step more at either end', () => {
    const times = fc.bigInt({ min: -(2n ** 61n), max: 2n ** 61n });
    fc.assert(
      fc.property(
        times,
        fc.bigInt({ min: 0n, max: 2n ** 50n }),
        fc.integer({ min: 1, max: 1e13 }),
        (at, length, stepNs) => {
          const { start, end, stepNs: step } = parametersOf(COUNT, { start: at, end: at + length, stepNs });
          const wide = BigInt(step);
          expect([
            start % wide,
            end % wide,
            start <= at,
            at - start < wide,
            end >= at + length,
            end - at - length < wide,
          ]).toEqual([0n, 0n, true, true, true, true]);
        },
      ),
    );
  });
});

describe('other queries', () => {
  it('for lines have no step and keep their range and interval', () => {
    const request = { start: 7n, end: 9n, stepNs: 15e9, intervalNs: 5, limit: 3, direction: 'forward' } as const;
    expect(parametersOf('{app="x"}', request)).toEqual({
      ...{ start: 7n, end: 9n, stepNs: 0, intervalNs: 5, limit: 3, direction: 'forward' },
    });
  });

  it('at an instant have no step', () => {
    const request = { mode: 'instant', start: 7n, end: 7n, stepNs: 15e9, intervalNs: 5 } as const;
    expect(parametersOf(COUNT, request)).toMatchObject({ start: 7n, end: 7n, stepNs: 0, intervalNs: 0 });
  });
});

describe('max_query_lookback', () => {
  const now = 1000n * SECOND;
  const start = (query: string, request: Partial<QueryRequest>) => parametersOf(query, request, 60_000, now).start;

  it('moves the start of a range up, and aligns it', () => {
    expect(start('{app="x"}', { start: 0n, end: now })).toBe(940n * SECOND);
    expect(start('{app="x"}', { start: 950n * SECOND, end: now })).toBe(950n * SECOND);
    expect(start(COUNT, { start: 0n, end: now, stepNs: 15e9 })).toBe(930n * SECOND);
  });

  it('leaves an instant where it is', () => {
    expect(start(COUNT, { mode: 'instant', start: 0n, end: 0n })).toBe(0n);
  });

  it('calls a request too old when all of it is', () => {
    const tooOld = (end: bigint, lookbackMs = 60_000): boolean =>
      isTooOld(requestOf(COUNT, { end }), { ...DEFAULT_LIMITS, max_query_lookback_ms: lookbackMs }, now);
    expect([tooOld(940n * SECOND - 1n), tooOld(940n * SECOND), tooOld(0n, 0)]).toEqual([true, false, false]);
  });
});
