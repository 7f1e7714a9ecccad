import { ConfigError } from './config-error.js';

export const ROLES = [
  'all',
  'write',
  'read',
  'backend',
  'distributor',
  'ingester',
  'querier',
  'scheduler',
  'worker',
  'compactor',
] as const;

export type Role = (typeof ROLES)[number];

/** Parses `read,write`. Throws a ConfigError that lists the roles there are. */
export function parseRoles(text: string): readonly Role[] {
  const wanted = text
    .split(',')
    .map((role) => role.trim())
    .filter((role) => role !== '');
  const unknown = wanted.filter((role) => !ROLES.some((known) => known === role));
  if (unknown.length > 0 || wanted.length === 0) {
    throw new ConfigError([`role: ${unknown[0] ?? 'none given'}: choose from ${ROLES.join(', ')}`]);
  }
  return ROLES.filter((role) => wanted.includes(role));
}

/** Every role but `all` is part of a cluster. */
export function requireSingleProcess(roles: readonly Role[]): void {
  const others = roles.filter((role) => role !== 'all');
  if (others.length === 0) return;
  throw new ConfigError([
    `role: ${others.join(',')}: roles for a cluster come with a later version; run everything in one process with --role=all`,
  ]);
}
