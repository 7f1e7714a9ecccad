import { raise } from '../wire/fault.js';
import { isManyTenants, joinTenants, tenantsOf } from '../wire/tenant.js';

const DEFAULT_TENANT = 'fake';
const TENANT_BYTES_MAX = 150;
const UNSUPPORTED = /[^A-Za-z0-9!\-_.*'()]/u;

/** A header can hold a megabyte of them, and each costs look-ups. */
const TENANTS_MAX = 128;

/**
 * Whom a request belongs to, from X-Scope-OrgID: a tenant's name, or where `many` allows it several joined by `|`. Raises
 * `unauthorized` when there is none, `bad-request` when one is no name or there are more than allowed.
 */
export function tenantOf(header: string, authEnabled: boolean, many: boolean): string {
  if (!authEnabled) return DEFAULT_TENANT;
  const tenant = joinTenants(header.split('|').map(tenantName));
  if (!isManyTenants(tenant)) return tenant;
  if (!many) return raise('bad-request', 'multiple org IDs present');
  if (tenantsOf(tenant).length > TENANTS_MAX) return raise('bad-request', `too many org IDs: max ${TENANTS_MAX}`);
  return tenant;
}

/** The name may be followed by metadata that is not part of it: `team:key=value`. */
function tenantName(header: string): string {
  const colon = header.indexOf(':');
  const tenant = colon === -1 ? header : header.slice(0, colon);
  const unsupported = UNSUPPORTED.exec(tenant);
  if (unsupported !== null) {
    return raise('bad-request', `tenant ID '${tenant}' contains unsupported character '${unsupported[0]}'`);
  }
  if (tenant.length > TENANT_BYTES_MAX) {
    return raise('bad-request', `tenant ID is too long: max ${TENANT_BYTES_MAX} characters`);
  }
  // Tenants become folder names.
  if (tenant === '.' || tenant === '..') return raise('bad-request', "tenant ID is '.' or '..'");
  if (tenant === '') return raise('unauthorized', 'no org id');
  return tenant;
}
