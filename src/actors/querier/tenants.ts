import { compileMatch } from '../../execution/matchers.js';
import type { Matcher } from '../../planning/logql/ast.js';
import { MOVED_TENANT_LABEL, TENANT_LABEL, tenantsOf } from '../../wire/tenant.js';

/**
 * What a selector asks for in a request of several tenants: its matchers on `__tenant_id__` pick among the tenants that
 * the request names, and the others are about streams. Those on `original___tenant_id__` mean a stream's own label.
 */
export function selectTenants(
  tenant: string,
  matchers: readonly Matcher[],
): { readonly tenants: readonly string[]; readonly matchers: readonly Matcher[] } {
  const wanted = matchers.filter(({ name }) => name === TENANT_LABEL).map(({ op, value }) => compileMatch(op, value));
  const others = matchers.filter(({ name }) => name !== TENANT_LABEL);
  return {
    tenants: tenantsOf(tenant).filter((name) => wanted.every((matches) => matches(name))),
    matchers: others.map((matcher) => (isTenantLabel(matcher.name) ? { ...matcher, name: TENANT_LABEL } : matcher)),
  };
}

/** Labels that a query over several tenants sees and that no stored stream has under that name. */
export function isTenantLabel(name: string): boolean {
  return name === TENANT_LABEL || name === MOVED_TENANT_LABEL;
}
