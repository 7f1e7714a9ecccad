/** What the pages of rings and members show: what gossip says, in the process's own words. */
import type { Gossiper, RingMember, RingName } from '../../api/process.js';
import type { Role } from '../../wire/address.js';
import { type Fault, fault } from '../../wire/fault.js';
import type { Peers } from './peers.js';

export interface Watched {
  readonly peers: Peers;
  /** Undefined in a process that is alone. */
  readonly silenceMs: ((name: string) => number | undefined) | undefined;
}

const ROLES: Partial<Record<RingName, Role>> = {
  ingester: 'ingester',
  distributor: 'distributor',
  scheduler: 'scheduler',
  pattern: 'patterns',
};

/** Undefined where there is no such ring; empty while it is not known yet. */
export function ringMembers(name: RingName, watched: Watched | undefined, nowMs: number): RingMember[] | undefined {
  const role = ROLES[name];
  if (role === undefined) return undefined;
  if (watched === undefined) return [];
  const { peers } = watched;
  const instances = peers.instances(role);
  // Patterns need not be kept at all.
  if (role === 'patterns' && instances.length === 0) return undefined;
  const shares = role === 'ingester' ? peers.shares() : undefined;
  return instances.map(({ name: id, state, address, zone, registeredMs }) => ({
    ...{ id, state, address, zone, registeredMs },
    heardMs: heardMs(watched, id, nowMs),
    ...(shares && { share: shares.get(id) ?? 0 }),
  }));
}

/** Why an instance must not be forgotten, if so: what is alive would only come back, and be missed until then. */
export function refusedToForget(id: string, members: readonly RingMember[] | undefined): Fault | undefined {
  const member = members?.find((one) => one.id === id);
  if (member === undefined) return fault('not-found', `there is no instance '${id}' in this ring`);
  if (member.state === 'UNHEALTHY') return undefined;
  return fault(
    'bad-request',
    `instance '${id}' is ${member.state}: only UNHEALTHY ones can be forgotten; stop it first`,
  );
}

/** Undefined in a process that is alone. */
export function gossipers(watched: Watched | undefined, nowMs: number): Gossiper[] | undefined {
  if (watched?.silenceMs === undefined) return undefined;
  const members = watched.peers.members.map(({ name, incarnation, status, details }) => ({
    ...{ name, incarnation, status, ...details },
    heardMs: heardMs(watched, name, nowMs),
  }));
  return members.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whoever is alone hears itself. */
function heardMs({ silenceMs }: Watched, name: string, nowMs: number): number | undefined {
  const silence = silenceMs === undefined ? 0 : silenceMs(name);
  return silence === undefined ? undefined : Math.round(nowMs - silence);
}
