import type { InstanceState, MemberRecord } from '../../wire/membership.js';

/** An instance of one role, as the ring shows it. */
export interface RingInstance {
  readonly name: string;
  readonly zone: string;
  /** Host and port where its HTTP is reached. */
  readonly address: string;
  /** UNHEALTHY: others cannot reach it, whatever it says of itself. */
  readonly state: InstanceState | 'UNHEALTHY';
  readonly registeredMs: number;
}

/** The instances of a role among the members, by name. Those that left, or are given up and forgotten, are not in it. */
export function ringInstances(members: Iterable<MemberRecord>, role: string): RingInstance[] {
  const instances: RingInstance[] = [];
  for (const { name, status, details } of members) {
    if (status === 'left' || !details.roles.includes(role)) continue;
    const { zone, address, state, registeredMs } = details;
    // A suspect is served on: most suspicions are refuted.
    instances.push({ name, zone, address, state: status === 'dead' ? 'UNHEALTHY' : state, registeredMs });
  }
  return instances.sort((a, b) => (a.name < b.name ? -1 : 1));
}
