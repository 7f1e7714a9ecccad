import { type Address, address } from '../../wire/address.js';
import type { RingInstance } from './instances.js';
import { ReplicaRing } from './replicas.js';

export function partitionNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, partition) => `partition-${partition}`);
}

/** Where a partition answers, whichever process reads it. */
export function partitionAddress(partition: string): Address {
  return address('ingester', partition);
}

/**
 * Places streams on partitions by consistent hashing, so that a change of their number moves few streams. Partitions are
 * all always there: which process reads one is another matter.
 */
export class PartitionRing {
  readonly names: readonly string[];
  readonly #ring: ReplicaRing;

  constructor(partitions: number) {
    this.names = partitionNames(partitions);
    const always = { zone: '', address: '', state: 'ACTIVE', registeredMs: 0 } as const;
    this.#ring = new ReplicaRing(
      this.names.map((name) => ({ name, ...always })),
      1,
    );
  }

  /** The name of the stream's partition, as the only one of a list. */
  owners(token: number): readonly string[] {
    return this.#ring.owners(token);
  }
}

/**
 * Which ACTIVE instance reads each partition: the one of the highest weight (rendezvous hashing; Thaler and Ravishankar,
 * 1998) that has not got its share yet, so none has more than one partition above another. Follows from names alone.
 */
export function partitionOwners(
  partitions: readonly string[],
  instances: readonly RingInstance[],
): ReadonlyMap<string, string> {
  const names = instances.flatMap(({ name, state }) => (state === 'ACTIVE' ? name : []));
  const shares = new Map(names.map((name) => [name, Math.ceil(partitions.length / names.length)]));
  // The last of these shares must not be taken by more instances than there are partitions left over.
  let full = partitions.length % names.length || names.length;
  const owners = new Map<string, string>();
  for (const partition of partitions) {
    const owner = heaviest(partition, shares);
    if (owner === undefined) break;
    owners.set(partition, owner);
    const left = shares.get(owner)! - 1;
    shares.set(owner, left);
    if (left > 0) continue;
    shares.delete(owner);
    if (--full === 0) for (const [name, share] of shares) lessen(shares, name, share);
  }
  return owners;
}

function lessen(shares: Map<string, number>, name: string, share: number): void {
  if (share <= 1) shares.delete(name);
  else shares.set(name, share - 1);
}

function heaviest(key: string, among: ReadonlyMap<string, number>): string | undefined {
  let best: string | undefined;
  let most = -1;
  for (const name of among.keys()) {
    const weight = hash(`${key}/${name}`);
    if (weight > most || (weight === most && name > best!)) [best, most] = [name, weight];
  }
  return best;
}

/** FNV-1a with MurmurHash3's finish, 32 bits: names that differ in their last character alone must weigh differently. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
