/**
 * Whom a request belongs to: one tenant's name, or several joined by `|`, which no name contains. Several ask for what
 * all of them hold, and every row then carries its tenant as a label.
 */
import type { Labels } from './labels.js';

const SEPARATOR = '|';

/** The label that tells tenants apart in answers about several (B29). */
export const TENANT_LABEL = '__tenant_id__';
/** Where a label moves that has that name already. */
export const MOVED_TENANT_LABEL = 'original___tenant_id__';

/** One text for a set of tenants: sorted, each once. */
export function joinTenants(names: readonly string[]): string {
  return [...new Set(names)].sort().join(SEPARATOR);
}

export function tenantsOf(tenant: string): readonly string[] {
  return tenant.split(SEPARATOR);
}

export function isManyTenants(tenant: string): boolean {
  return tenant.includes(SEPARATOR);
}

/** A label set as shown in an answer about several tenants. */
export function withTenantLabel(labels: Labels, tenant: string): Labels {
  const own = labels.find(([name]) => name === TENANT_LABEL);
  const pairs = new Map(labels);
  if (own !== undefined) pairs.set(MOVED_TENANT_LABEL, own[1]);
  pairs.set(TENANT_LABEL, tenant);
  return [...pairs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
