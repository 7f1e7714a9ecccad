import type { Matcher } from '../planning/logql/ast.js';
import type { Labels } from '../wire/labels.js';
import { isManyTenants, MOVED_TENANT_LABEL, TENANT_LABEL, tenantsOf, withTenantLabel } from '../wire/tenant.js';
import { compileMatch } from './matchers.js';

/** What is looked up in one tenant. */
export interface TenantSelector {
  readonly tenant: string;
  readonly matchers: readonly Matcher[];
  /** How the labels of the tenant's streams are shown. */
  readonly shown: (labels: Labels) => Labels;
}

/**
 * A selector by tenant. In a request of several its matchers on `__tenant_id__` pick among the tenants that the request
 * names, and the others are about streams; those on `original___tenant_id__` mean a stream's own label of that name.
 */
export function tenantSelectors(asked: string, matchers: readonly Matcher[]): TenantSelector[] {
  if (!isManyTenants(asked)) return [{ tenant: asked, matchers, shown: (labels) => labels }];
  const wanted = matchers.filter(({ name }) => name === TENANT_LABEL).map(({ op, value }) => compileMatch(op, value));
  const others = matchers.filter(({ name }) => name !== TENANT_LABEL);
  const own = others.map((matcher) => (isTenantLabel(matcher.name) ? { ...matcher, name: TENANT_LABEL } : matcher));
  return tenantsOf(asked)
    .filter((tenant) => wanted.every((matches) => matches(tenant)))
    .map((tenant) => ({ tenant, matchers: own, shown: (labels) => withTenantLabel(labels, tenant) }));
}

/** Labels that a query over several tenants sees and that no stored stream has under that name. */
export function isTenantLabel(name: string): boolean {
  return name === TENANT_LABEL || name === MOVED_TENANT_LABEL;
}
