import { ConfigError } from './config-error.js';

/** What a process may be made of. */
export const COMPONENTS = ['distributor', 'ingester', 'querier', 'scheduler', 'worker', 'patterns'] as const;
export type Component = (typeof COMPONENTS)[number];

/** Names for several components, as Loki has them. */
const GROUPS = {
  all: COMPONENTS,
  write: ['distributor', 'ingester'],
  read: ['querier', 'worker'],
  backend: ['scheduler', 'patterns'],
} as const satisfies Record<string, readonly Component[]>;

export const ROLES = [...(Object.keys(GROUPS) as (keyof typeof GROUPS)[]), ...COMPONENTS] as const;
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

export function componentsOf(roles: readonly Role[]): ReadonlySet<Component> {
  const groups: Readonly<Record<string, readonly Component[]>> = GROUPS;
  return new Set(roles.flatMap((role) => groups[role] ?? [role as Component]));
}

interface NatsUse {
  readonly roles: readonly Role[];
  readonly nats: { readonly servers: string };
  readonly ingest: { readonly log: string };
}

/** What cannot be had without NATS: the other parts of a cluster, and a log in JetStream. Throws a ConfigError. */
export function requireNats({ roles, nats, ingest }: NatsUse): void {
  if (nats.servers !== '') return;
  if (ingest.log === 'jetstream') {
    throw new ConfigError(['ingest.log: jetstream: needs nats.servers, e.g. --nats nats://127.0.0.1:4222']);
  }
  if (COMPONENTS.every((component) => componentsOf(roles).has(component))) return;
  throw new ConfigError([
    `role: ${roles.join(',')}: a part of a cluster needs NATS to find the others, e.g. --nats nats://127.0.0.1:4222; ` +
      'without it run everything in one process with --role=all',
  ]);
}
