import { getOrCreate } from '../../wire/get-or-create.js';
import type { SchedulerState, WorkflowEntry } from './state.js';

/** A tenant's queries here; exists while it has any. */
export interface TenantEntry {
  /** Not let in yet, oldest first. */
  readonly waiting: WorkflowEntry[];
  /** Let in and not at their end. */
  running: number;
  /** Estimated bytes of scans started: who had least goes first. */
  servedBytes: number;
  /** The turn in which its last query was let in. */
  lastTurn: number;
}

/** Of all queries that a tenant ever had here. */
export interface TenantCounts {
  queries: number;
  refused: number;
  /** Sum of the times from a query's start to its first scan, ms. */
  queueMs: number;
}

/** Tenants counted by name; the rest are counted together, or every new name would take memory for ever. */
const COUNTED_MAX = 100;
const OTHERS = '(others)';

export function countsOf({ counts }: SchedulerState, tenant: string): TenantCounts {
  const name = counts.has(tenant) || counts.size < COUNTED_MAX ? tenant : OTHERS;
  return getOrCreate(counts, name, () => ({ queries: 0, refused: 0, queueMs: 0 }));
}

/** Queries that wait, by the names they are counted under. */
export function queueLengths({ tenants, counts }: SchedulerState): Map<string, number> {
  const lengths = new Map<string, number>();
  for (const name of counts.keys()) lengths.set(name, 0);
  for (const [tenant, { waiting }] of tenants) {
    const name = counts.has(tenant) ? tenant : OTHERS;
    lengths.set(name, (lengths.get(name) ?? 0) + waiting.length);
  }
  return lengths;
}

/** A query has come: it waits behind the others of its tenant. */
export function enqueue(state: SchedulerState, workflow: WorkflowEntry): void {
  countsOf(state, workflow.tenant).queries++;
  getOrCreate(state.tenants, workflow.tenant, () => newTenant(state)).waiting.push(workflow);
}

/**
 * Whoever comes back begins where those are that have had least: what it had before is past, and what it did not ask for it
 * cannot claim now (start-time fair queueing, Goyal et al., 1996).
 */
function newTenant({ tenants, turns }: SchedulerState): TenantEntry {
  let servedBytes = Number.POSITIVE_INFINITY;
  for (const tenant of tenants.values()) servedBytes = Math.min(servedBytes, tenant.servedBytes);
  return { waiting: [], running: 0, servedBytes: tenants.size > 0 ? servedBytes : 0, lastTurn: turns };
}

/** Of the tenants with a waiting query that with the fewest running; of equal ones that whose turn is longest ago. */
export function nextTenant({ tenants }: SchedulerState): TenantEntry | undefined {
  let best: TenantEntry | undefined;
  for (const tenant of tenants.values()) {
    if (tenant.waiting.length === 0) continue;
    const fewer = best ? best.running - tenant.running : 1;
    if (fewer > 0 || (fewer === 0 && tenant.lastTurn < best!.lastTurn)) best = tenant;
  }
  return best;
}

/** A query has been let in. */
export function dequeue(state: SchedulerState, tenant: TenantEntry): WorkflowEntry {
  tenant.running++;
  tenant.lastTurn = ++state.turns;
  return tenant.waiting.shift()!;
}

/** A query has come to its end, let in or not. */
export function leave(state: SchedulerState, workflow: WorkflowEntry): void {
  const tenant = state.tenants.get(workflow.tenant)!;
  if (workflow.admitted) tenant.running--;
  else tenant.waiting.splice(tenant.waiting.indexOf(workflow), 1);
  if (workflow.firstScanAt !== undefined)
    countsOf(state, workflow.tenant).queueMs += workflow.firstScanAt - workflow.startedAt;
  if (tenant.running === 0 && tenant.waiting.length === 0) state.tenants.delete(workflow.tenant);
}
