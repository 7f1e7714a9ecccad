/** What one process takes the cluster for, from its membership: the rings, and who else there is. */
import type { DistributorRing } from '../../src/actors/distributor/events.js';
import type { Membership } from '../../src/actors/membership/actor.js';
import { type RingInstance, ringInstances } from '../../src/actors/ring/instances.js';
import { PartitionRing, partitionAddress } from '../../src/actors/ring/partitions.js';
import { ReplicaRing } from '../../src/actors/ring/replicas.js';
import { address } from '../../src/wire/address.js';
import { getOrCreate } from '../../src/wire/get-or-create.js';
import type { MemberRecord } from '../../src/wire/membership.js';

/** Building a ring takes milliseconds, and is a function of its instances: all runs share them. */
const rings = new Map<string, ReplicaRing>();

export class ClusterView implements DistributorRing {
  readonly #membership: () => Membership;
  readonly #replicationFactor: number;
  #members: readonly MemberRecord[] | undefined;
  #ring: ReplicaRing | undefined;
  readonly #watchers: (() => void)[] = [];

  constructor(membership: () => Membership, replicationFactor: number) {
    this.#membership = membership;
    this.#replicationFactor = replicationFactor;
  }

  changed(): void {
    this.#members = undefined;
    this.#ring = undefined;
    for (const watcher of this.#watchers) watcher();
  }

  watch(watcher: () => void): void {
    this.#watchers.push(watcher);
  }

  members(): readonly MemberRecord[] {
    this.#members ??= this.#membership().members();
    return this.#members;
  }

  owners(token: number): readonly string[] {
    this.#ring ??= ringOf(ringInstances(this.members(), 'ingester'), this.#replicationFactor);
    return this.#ring.owners(token);
  }

  get distributors(): number {
    return Math.max(1, this.#up('distributor').length);
  }

  schedulers(): readonly string[] {
    return this.#up('querier').map((name) => address('scheduler', name));
  }

  /** All whose memory may hold what no object has yet, and who may answer. */
  holders(): readonly string[] {
    return this.#up('ingester').map((name) => address('ingester', name));
  }

  /** Those who are given up. */
  lostHolders(): readonly string[] {
    return ringInstances(this.members(), 'ingester')
      .filter(({ state }) => state === 'UNHEALTHY')
      .map(({ name }) => address('ingester', name));
  }

  leftHolders(): readonly string[] {
    return this.members()
      .filter(({ status, details }) => status === 'left' && details.roles.includes('ingester'))
      .map(({ name }) => address('ingester', name));
  }

  #up(role: string): string[] {
    return ringInstances(this.members(), role)
      .filter(({ state }) => state !== 'UNHEALTHY')
      .map(({ name }) => name);
  }
}

/** Where others keep the logs of all ingesters. */
export class PartitionView extends ClusterView {
  readonly #partitions: PartitionRing;

  constructor(membership: () => Membership, partitions: number) {
    super(membership, 1);
    this.#partitions = partitionRingOf(partitions);
  }

  override owners(token: number): readonly string[] {
    return this.#partitions.owners(token);
  }

  override holders(): readonly string[] {
    return this.#partitions.names.map(partitionAddress);
  }

  override lostHolders(): readonly string[] {
    return [];
  }

  override leftHolders(): readonly string[] {
    return [];
  }
}

const partitionRings = new Map<number, PartitionRing>();

function partitionRingOf(partitions: number): PartitionRing {
  return getOrCreate(partitionRings, partitions, () => new PartitionRing(partitions));
}

function ringOf(instances: readonly RingInstance[], replicationFactor: number): ReplicaRing {
  const active = instances.filter(({ state }) => state === 'ACTIVE').map(({ name, zone }) => `${name} ${zone}`);
  const key = `${replicationFactor} ${active.join(',')}`;
  const known = rings.get(key) ?? new ReplicaRing(instances, replicationFactor);
  rings.set(key, known);
  return known;
}
