import HashRing from 'hashring';

/** Says which instances own a key. Owners follow from the names of the members alone. */
export interface Ring {
  readonly members: readonly string[];
  /** The first `count` distinct owners of a key, fewer when there are fewer members. */
  owners(key: string, count: number): readonly string[];
}

/** Four points each. With so many, of a hundred members the busiest has less than a twentieth above its share. */
const VNODES = 1500;

/** Consistent hashing (Karger et al., 1997) with ketama points: adding or losing a member moves only its share of keys. */
export function hashRing(members: readonly string[]): Ring {
  if (members.length <= 1) return { members, owners: (_, count) => (count > 0 ? members : []) };
  const ring = new HashRing(members, 'md5', { 'vnode count': VNODES, 'max cache size': 10_000 });
  return { members, owners: (key, count) => ring.range(key, Math.min(count, members.length), true) };
}
