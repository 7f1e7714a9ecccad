/** What members of a cluster know of each other, as gossip carries it. */

/** `left` went by itself, or was given up and then forgotten by hand; `dead` was given up by others. */
export type MemberStatus = 'alive' | 'suspect' | 'dead' | 'left';

/** Where an instance is in its life, as in Loki's ring; what nobody can reach is unhealthy whatever it says of itself. */
export type InstanceState = 'JOINING' | 'ACTIVE' | 'LEAVING' | 'READONLY';

/** What a member says of itself; nobody else changes it. */
export interface MemberDetails {
  /** Roles of the process, e.g. `ingester`. */
  readonly roles: readonly string[];
  readonly zone: string;
  /** Host and port where its HTTP is reached. */
  readonly address: string;
  readonly state: InstanceState;
  /** When the instance first registered, ms since the epoch. */
  readonly registeredMs: number;
}

/** One member at one incarnation. Only the member itself raises its incarnation. */
export interface MemberRecord {
  readonly name: string;
  readonly incarnation: number;
  readonly status: MemberStatus;
  readonly details: MemberDetails;
  /** Who could not reach it; with status `suspect` only. */
  readonly suspectedBy?: string;
}

const RANK: Record<MemberStatus, number> = { alive: 0, suspect: 1, dead: 2, left: 3 };

/**
 * Which of two records of one member says more: the higher incarnation, and within one the worse status (SWIM, Das et
 * al., DSN 2002, section 4.2). That is a total order, so merging is commutative, associative and idempotent.
 */
export function supersedes(a: MemberRecord, b: MemberRecord): boolean {
  return a.incarnation > b.incarnation || (a.incarnation === b.incarnation && RANK[a.status] > RANK[b.status]);
}
