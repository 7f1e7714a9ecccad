/** Address of an actor: `<role>/<instance>`, e.g. `ingester/0` or `stream/01J…`. Maps 1:1 to a NATS subject. */
export type Address = string;

export type Role =
  | 'api'
  | 'distributor'
  | 'ingester'
  | 'querier'
  | 'scheduler'
  | 'worker'
  | 'stream'
  | 'patterns'
  | 'tailer'
  | 'membership';

/** Whether an actor of the instance listens there. */
export function isOf(instance: string, to: Address): boolean {
  return to.slice(to.indexOf('/') + 1) === instance;
}

/** The address all actors of a role listen to beside their own; over NATS only. */
export function everyone(role: string): Address {
  return `${role}/${EVERYONE}`;
}

/** As a name to join by: whoever is there. */
export function everyMember(): string {
  return EVERYONE;
}

export function isEveryone(to: Address): boolean {
  return to.endsWith(`/${EVERYONE}`);
}

const EVERYONE = '*';

export function address(role: Role, instance: string): Address {
  return `${role}/${instance}`;
}
