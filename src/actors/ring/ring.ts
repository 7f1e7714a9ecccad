import HashRing from 'hashring';
import { raise } from '../../wire/fault.js';
import { getOrCreate } from '../../wire/get-or-create.js';

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
/** Members whose points are remembered, 24 KB each: a ring that gains or loses one hashes nobody's name again. */
const REMEMBERED_MAX = 300;
/** Members are numbered in what is sorted. */
const MEMBERS_MAX = 2 ** 16;
const HASHES = 2 ** 32;

/** Consistent hashing (Karger et al., 1997) with ketama points: adding or losing a member moves only its share of keys. */
export function hashRing(members: readonly string[]): Ring {
  if (members.length > 1) return new Points(members);
  const shares = new Map(members.map((name) => [name, 1]));
  return { members, owners: (_, count) => (count > 0 ? members : []), shares: () => shares };
}

/** Ascending points; each takes the hashes (32 bits) from the one before it, exclusive, up to its own. */
class Points implements Ring {
  readonly members: readonly string[];
  readonly #values: Uint32Array;
  /** Of each point, an index into `members`. */
  readonly #owners: Uint16Array;

  constructor(members: readonly string[]) {
    if (members.length > MEMBERS_MAX) raise('too-large', `a ring has no more than ${MEMBERS_MAX} members`);
    this.members = [...members].sort();
    const points = sortedPoints(this.members);
    this.#values = new Uint32Array(points.length);
    this.#owners = new Uint16Array(points.length);
    for (let at = 0; at < points.length; at++) {
      const value = Math.floor(points[at]! / MEMBERS_MAX);
      this.#values[at] = value;
      this.#owners[at] = points[at]! - value * MEMBERS_MAX;
    }
  }

  owners(key: string, count: number): readonly string[] {
    const chosen = new Set<number>();
    const wanted = Math.min(count, this.members.length);
    for (let at = this.#find(HASHER.hashValue(key)); chosen.size < wanted; at++) {
      chosen.add(this.#owners[at % this.#owners.length]!);
    }
    return Array.from(chosen, (member) => this.members[member]!);
  }

  shares(): ReadonlyMap<string, number> {
    const sums = new Float64Array(this.members.length);
    // Hashes above the last point belong to the first one.
    let before = this.#values.at(-1)! - HASHES;
    for (let at = 0; at < this.#values.length; at++) {
      const member = this.#owners[at]!;
      sums[member] = sums[member]! + (this.#values[at]! - before) / HASHES;
      before = this.#values[at]!;
    }
    return new Map(this.members.map((name, member) => [name, sums[member]!]));
  }

  /** The first point at or above a hash; as many as there are when all are below. */
  #find(hash: number): number {
    let low = 0;
    let high = this.#values.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#values[middle]! < hash) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** All points of all members as one number each, which sort without a comparison of our own: the value, then the member. */
function sortedPoints(members: readonly string[]): Float64Array {
  const all = members.map(pointsOf);
  const points = new Float64Array(all.reduce((sum, own) => sum + own.length, 0));
  let at = 0;
  for (const [member, own] of all.entries()) {
    for (let i = 0; i < own.length; i++) points[at++] = own[i]! * MEMBERS_MAX + member;
  }
  return points.sort();
}

const remembered = new Map<string, Uint32Array>();

function pointsOf(name: string): Uint32Array {
  if (remembered.size >= REMEMBERED_MAX && !remembered.has(name)) remembered.clear();
  return getOrCreate(remembered, name, () => {
    const { ring } = new HashRing([name], 'md5', { 'vnode count': VNODES });
    return Uint32Array.from(ring, ({ value }) => value);
  });
}

/** Hashes keys; its own member is of no consequence. */
const HASHER = new HashRing(['any'], 'md5', { 'vnode count': 1 });
