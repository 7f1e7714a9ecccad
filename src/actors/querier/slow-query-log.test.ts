import { describe, expect, it } from 'vitest';
import { requestOf } from '../../../test/support/query-system.js';
import { fault } from '../../wire/fault.js';
import type { QueryAnswer } from '../../wire/query.js';
import { fnv32 } from './blocked.js';
import { SlowQueryLog } from './slow-query-log.js';
import { queryStats } from './stats.js';

const RESULT = { type: 'streams', streams: [] } as const;
const ANSWER: QueryAnswer = {
  result: RESULT,
  stats: { ...queryStats(undefined, RESULT, 1, 12), queueSeconds: 0.25, cache: { asked: 5, found: 4, stored: 1 } },
  warnings: [],
};

function logged(
  longerThanMs: number,
  tookMs: number,
  outcome: Parameters<ReturnType<SlowQueryLog['begin']>['end']>[0],
) {
  const lines: { message: string; detail: Readonly<Record<string, unknown>> }[] = [];
  let nowMs = 1000;
  const clock = { now: () => 0n, monotonicMs: () => nowMs, after: () => () => {} };
  const log = new SlowQueryLog(clock, longerThanMs, (message, detail) => lines.push({ message, detail }));
  const request = requestOf(`{app="x"} |= "${'y'.repeat(10_000)}"`, { tags: 'Source=grafana,Panel=7' });
  const query = log.begin(request);
  nowMs += tookMs;
  query.phase({ resolveMs: 10 });
  query.phase({ planMs: 2.00049, runMs: tookMs - 12 });
  query.end(outcome);
  return { lines, request };
}

describe('the log of slow queries', () => {
  it('has one line for a query that took longer than the bound, with what it asked, did and cost', () => {
    const { lines, request } = logged(500, 800, ANSWER);
    expect(lines).toHaveLength(1);
    const { message, detail } = lines[0]!;
    expect(message).toBe('slow query');
    expect(detail).toMatchObject({
      ...{ tenant: 'test', query_type: 'range', direction: 'backward', limit: 100, step_ms: 60_000 },
      ...{ start: '2026-11-01T01:00:00Z', end: '2026-11-01T02:00:00Z', length_ms: 3_600_000 },
      ...{ duration_ms: 800, resolve_ms: 10, plan_ms: 2, run_ms: 788, queue_ms: 250 },
      ...{ status: 200, sections: 12, total_bytes: 0, cache_asked: 5, cache_found: 4, splits: 1 },
      ...{ query_tags: 'Source=grafana,Panel=7', query_hash: fnv32(request.query) },
    });
    expect(String(detail.query).length).toBe(4097);
    expect(JSON.stringify(detail)).not.toContain('undefined');
  });

  it('says why a query failed', () => {
    const { lines } = logged(500, 800, fault('timeout', 'too slow'));
    expect(lines[0]!.detail).toMatchObject({ status: 504, fault: 'timeout', reason: 'too slow', run_ms: 788 });
    expect(lines[0]!.detail).not.toHaveProperty('total_bytes');
  });

  it.each<[string, number, number, number]>([
    ['none of a query that took as long', 500, 500, 0],
    ['none where it is off', 0, 100_000, 0],
    ['all where the bound is below 0', -1, 0, 1],
  ])('has %s', (_, longerThanMs, tookMs, lines) => {
    expect(logged(longerThanMs, tookMs, ANSWER).lines).toHaveLength(lines);
  });
});
