import HashRing from 'hashring';

/** Says which instances own a key. Owners follow from the names of the members alone. */
export interface Ring {
  readonly members: readonly string[];
  /** The first `count` distinct owners of a key, fewer when there are fewer members. */
  owners(key: string, count: number): readonly string[];
  /** The part of all keys, up to 1, that each member is the first owner of. */
  shares(): ReadonlyMap<string, number>;
}

/** Four points each. With so many, of a hundred members the busiest has less than a twentieth above its share. */
const VNODES = 1500;

/** Consistent hashing (Karger et al., 1997) with ketama points: adding or losing a member moves only its share of keys. */
export function hashRing(members: readonly string[]): Ring {
  if (members.length <= 1) {
    const shares = new Map(members.map((name) => [name, 1]));
    return { members, owners: (_, count) => (count > 0 ? members : []), shares: () => shares };
  }
  const ring = new HashRing(members, 'md5', { 'vnode count': VNODES, 'max cache size': 10_000 });
  return {
    members,
    owners: (key, count) => ring.range(key, Math.min(count, members.length), true),
    shares: () => sharesOf(ring),
  };
}

function sharesOf({ ring }: HashRing): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  // Hashes above the last point belong to the first one.
  let before = (ring.at(-1)?.value ?? 0) - HASHES;
  for (const { value, server } of ring) {
    shares.set(server, (shares.get(server) ?? 0) + (value - before) / HASHES);
    before = value;
  }
  return shares;
}

const HASHES = 2 ** 32;
