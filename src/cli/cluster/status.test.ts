import { describe, expect, it } from 'vitest';
import { activeByRole, type ClusterSample, type ProcessTotals, statusLine, totalsOf } from './status.js';

const sample = (atMs: number, totals: Record<string, ProcessTotals>, members?: [string, number][]): ClusterSample => ({
  ...{ atMs, byProcess: new Map(Object.entries(totals)), members: members && new Map(members) },
});

describe('the status of a cluster', () => {
  it('shows members by role and what happened in a second', () => {
    const before = sample(1_000, {
      d: { lines: 100, bytes: 5_000, queries: 0 },
      q: { lines: 0, bytes: 0, queries: 7 },
    });
    const now = sample(
      3_000,
      { d: { lines: 4_100, bytes: 3_005_000, queries: 0 }, q: { lines: 0, bytes: 0, queries: 10 } },
      [
        ['distributor', 2],
        ['ingester', 3],
        ['worker', 1],
      ],
    );
    expect(statusLine(before, now, 0)).toBe(
      'distributor 2  ingester 3  querier 0  scheduler 0  worker 1 | 1.5 MB/s, 2,000 lines/s | 1.5 queries/s',
    );
  });

  it('counts a process that has started anew from zero, and one that was not there before not at all', () => {
    const before = sample(0, { a: { lines: 900, bytes: 0, queries: 0 } });
    const now = sample(1_000, {
      a: { lines: 100, bytes: 0, queries: 0 },
      b: { lines: 5_000, bytes: 0, queries: 0 },
    });
    expect(statusLine(before, now, 2)).toBe('no process answers | 0 B/s, 100 lines/s | 0.0 queries/s | 2 restarted');
  });

  it('reads lines, bytes and queries of all tenants from metrics', () => {
    const metrics = [
      '# HELP loki_distributor_lines_received_total The total number of lines received per tenant',
      'loki_distributor_lines_received_total{tenant="a"} 3',
      'loki_distributor_lines_received_total{tenant="b"} 4',
      'loki_distributor_bytes_received_total{tenant="a"} 70',
      'loki_request_duration_seconds_count{method="GET",route="loki_api_v1_query_range",status_code="200"} 5',
      'loki_request_duration_seconds_count{method="GET",route="loki_api_v1_query",status_code="200"} 1',
      'loki_request_duration_seconds_count{method="POST",route="loki_api_v1_push",status_code="204"} 9',
      'loki_request_duration_seconds_bucket{le="0.005",method="GET",route="loki_api_v1_query",status_code="200"} 1',
    ];
    expect(totalsOf(metrics.join('\n'))).toEqual({ lines: 7, bytes: 70, queries: 6 });
  });

  it('counts who is alive and works', () => {
    const member = (status: string, state: string, ...roles: string[]) => ({ status, state, roles });
    const members = [
      member('alive', 'ACTIVE', 'querier', 'scheduler'),
      member('alive', 'ACTIVE', 'querier'),
      member('alive', 'LEAVING', 'querier'),
      member('dead', 'ACTIVE', 'worker'),
    ];
    expect([...activeByRole(members)]).toEqual([
      ['querier', 2],
      ['scheduler', 1],
    ]);
  });
});
