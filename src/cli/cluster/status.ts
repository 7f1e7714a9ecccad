/** One line about a running cluster, from what its processes say of themselves. */
import { formatBytes, formatCount } from '../human.js';

/** Totals since each process has started, and who is there. */
export interface ClusterSample {
  /** Milliseconds of a clock that only rises. */
  readonly atMs: number;
  readonly byProcess: ReadonlyMap<string, ProcessTotals>;
  /** Processes that work, by role; undefined when none of them answered. */
  readonly members: ReadonlyMap<string, number> | undefined;
}

export interface ProcessTotals {
  readonly lines: number;
  readonly bytes: number;
  readonly queries: number;
}

const ROLES = ['distributor', 'ingester', 'querier', 'scheduler', 'worker'];

/** `distributor 2  ingester 3 … │ 1.2 MB/s, 3,400 lines/s │ 2.0 queries/s` */
export function statusLine(before: ClusterSample, now: ClusterSample, restarts: number): string {
  const members =
    now.members === undefined
      ? 'no process answers'
      : ROLES.map((role) => `${role} ${now.members?.get(role) ?? 0}`).join('  ');
  const rate = (of: keyof ProcessTotals): number => perSecond(before, now, of);
  return [
    members,
    `${formatBytes(rate('bytes'))}/s, ${formatCount(rate('lines'))} lines/s`,
    `${rate('queries').toFixed(1)} queries/s`,
    ...(restarts === 0 ? [] : [`${restarts} restarted`]),
  ].join(' | ');
}

function perSecond(before: ClusterSample, now: ClusterSample, of: keyof ProcessTotals): number {
  let sum = 0;
  for (const [name, totals] of now.byProcess) {
    const earlier = before.byProcess.get(name);
    // One that started anew counts from zero.
    if (earlier) sum += totals[of] >= earlier[of] ? totals[of] - earlier[of] : totals[of];
  }
  return (sum * 1000) / Math.max(1, now.atMs - before.atMs);
}

/** From the text of `/metrics`. */
export function totalsOf(metrics: string): ProcessTotals {
  const totals = { lines: 0, bytes: 0, queries: 0 };
  for (const line of metrics.split('\n')) {
    if (line.startsWith('loki_distributor_lines_received_total')) totals.lines += sampleValue(line);
    else if (line.startsWith('loki_distributor_bytes_received_total')) totals.bytes += sampleValue(line);
    else if (QUERIES.test(line)) totals.queries += sampleValue(line);
  }
  return totals;
}

const QUERIES =
  /^loki_request_duration_seconds_count\{.*route="(?:loki_api_v1_query|loki_api_v1_query_range|api_prom_query)"/;

function sampleValue(line: string): number {
  return Number(line.slice(line.lastIndexOf(' ') + 1));
}

/** From the JSON of `/memberlist`: how many are alive and ACTIVE, by role. */
export function activeByRole(members: readonly MemberJson[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { status, state, roles } of members) {
    if (status !== 'alive' || state !== 'ACTIVE') continue;
    for (const role of roles) counts.set(role, (counts.get(role) ?? 0) + 1);
  }
  return counts;
}

export interface MemberJson {
  readonly status: string;
  readonly state: string;
  readonly roles: readonly string[];
}
