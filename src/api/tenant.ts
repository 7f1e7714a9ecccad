import { raise } from '../wire/fault.js';

const DEFAULT_TENANT = 'fake';
const TENANT_BYTES_MAX = 150;
const UNSUPPORTED = /[^A-Za-z0-9!\-_.*'()]/u;

/**
 * The tenant a request belongs to: the value of X-Scope-OrgID, which may carry metadata after a colon
 * (`team:key=value`) that is not part of the name. Raises `unauthorized` when it is missing, `bad-request` when it is
 * no name or several.
 */
export function tenantOf(header: string, authEnabled: boolean): string {
  if (!authEnabled) return DEFAULT_TENANT;
  if (header === '') return raise('unauthorized', 'no org id');
  if (header.includes('|')) return raise('bad-request', 'multiple org IDs present');
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
