/** Address of an actor: `<role>/<instance>`, e.g. `ingester/0` or `stream/01J…`. Maps 1:1 to a NATS subject. */
export type Address = string;

export type Role = 'api' | 'distributor' | 'ingester' | 'querier' | 'scheduler' | 'worker' | 'stream' | 'patterns';

export function address(role: Role, instance: string): Address {
  return `${role}/${instance}`;
}
