import { type RingInstance, ringInstances } from '../../actors/ring/instances.js';
import { PartitionRing, partitionAddress, partitionOwners } from '../../actors/ring/partitions.js';
import { ReplicaRing } from '../../actors/ring/replicas.js';
import { hashRing } from '../../actors/ring/ring.js';
import { type Address, address, type Role } from '../../wire/address.js';
import type { MemberRecord } from '../../wire/membership.js';

/** Who else there is, by role. Changes while the process runs, so whoever needs it asks anew. */
export class Peers {
  /** Ingesters that every entry is sent to. */
  readonly replicationFactor: number;
  readonly #partitions: PartitionRing | undefined;
  #members: readonly MemberRecord[] = [];
  #ring: ReplicaRing;
  readonly #byRole = new Map<Role, readonly Address[]>();
  readonly #watchers: (() => void)[] = [];

  /** `partitions`: how many logs others keep for all ingesters; 0 where each keeps its own. */
  constructor(replicationFactor: number, partitions = 0) {
    this.replicationFactor = replicationFactor;
    this.#partitions = partitions > 0 ? new PartitionRing(partitions) : undefined;
    this.#ring = new ReplicaRing([], replicationFactor);
  }

  /** Takes the place of what was known. */
  update(members: readonly MemberRecord[]): void {
    const before = placement(this.instances('ingester'));
    this.#members = members;
    this.#byRole.clear();
    const ingesters = this.instances('ingester');
    // Building a ring costs milliseconds, and most news is about somebody else.
    if (placement(ingesters) !== before) this.#ring = new ReplicaRing(ingesters, this.replicationFactor);
    for (const watcher of this.#watchers) watcher();
  }

  /** Calls back after every update. */
  watch(watcher: () => void): void {
    this.#watchers.push(watcher);
  }

  get members(): readonly MemberRecord[] {
    return this.#members;
  }

  /** Ingesters for streams with this token, owner first; or the partition. */
  owners(token: number): readonly string[] {
    return (this.#partitions ?? this.#ring).owners(token);
  }

  /** The part of all streams, up to 1, that each ingester owns. */
  shares(): ReadonlyMap<string, number> {
    if (!this.#partitions) return this.#ring.shares();
    const { names } = this.#partitions;
    const shares = new Map<string, number>();
    for (const owner of partitionOwners(names, this.instances('ingester')).values()) {
      shares.set(owner, (shares.get(owner) ?? 0) + 1 / names.length);
    }
    return shares;
  }

  instances(role: Role): RingInstance[] {
    return ringInstances(this.#members, role);
  }

  /** Who takes new work: those that work, or, where there are none, those that are about to stop. */
  addresses(role: Role): readonly Address[] {
    const known = this.#byRole.get(role);
    if (known) return known;
    const all = this.instances(role);
    const active = all.filter(({ state }) => state === 'ACTIVE');
    const takers = active.length > 0 ? active : all.filter(({ state }) => state === 'LEAVING');
    const found = takers.map(({ name }) => address(role, name));
    this.#byRole.set(role, found);
    return found;
  }

  /** Who may hold entries in memory, whatever they are about: ingesters, or all partitions, whoever reads them. */
  get holders(): readonly Address[] {
    if (this.#partitions) return this.#partitions.names.map(partitionAddress);
    return this.instances('ingester')
      .filter(({ state }) => state !== 'UNHEALTHY')
      .map(({ name }) => address('ingester', name));
  }

  /** Ingesters that are given up and not forgotten: what they hold is missing where no other has it. */
  get lostHolders(): readonly Address[] {
    if (this.#partitions) return [];
    return this.instances('ingester')
      .filter(({ state }) => state === 'UNHEALTHY')
      .map(({ name }) => address('ingester', name));
  }

  /** Of so many ingesters that are given up at once, fewer than a majority, another one has what they held. */
  get lostHoldersMax(): number {
    return this.#partitions ? Number.POSITIVE_INFINITY : Math.floor(this.replicationFactor / 2);
  }

  /** Ingesters that left in order, while they are remembered and have not come back. */
  get leftHolders(): readonly Address[] {
    if (this.#partitions) return [];
    return this.#members
      .filter(({ status, details }) => status === 'left' && details.roles.includes('ingester'))
      .map(({ name }) => address('ingester', name));
  }

  /** The one instance of the role that keeps something for a key, as all see it who see the same instances. */
  keeper(role: Role, key: string): Address | undefined {
    const all = this.addresses(role);
    return all.length < 2 ? all[0] : hashRing(all).owners(key, 1)[0];
  }

  /** Where actors of the role answer, or are about to. */
  reachable(role: Role): readonly Address[] {
    return this.instances(role)
      .filter(({ state }) => state !== 'UNHEALTHY')
      .map(({ name }) => address(role, name));
  }

  active(role: Role): number {
    return this.instances(role).filter(({ state }) => state === 'ACTIVE').length;
  }
}

function placement(instances: readonly RingInstance[]): string {
  return instances.map(({ name, zone, state }) => `${name} ${zone} ${state}`).join('\n');
}
