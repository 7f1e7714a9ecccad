import type { Overlap } from '../../planning/physical/node.js';
import { type StreamLabels, sharedStreams } from './shared-streams.js';

/** The streams of a scan target in columns. */
export interface TargetStreams {
  readonly other: Overlap['other'];
  /** Targets of one origin hold no entry twice: the sections of an object, a memtable, a stretch of a log. */
  readonly origin: string;
  /** In ns; the times of streams are offsets from it, both inclusive. */
  readonly base: bigint;
  /** Ascending where there is a `table`. */
  readonly ids: Int32Array;
  readonly minTime: Float64Array;
  readonly maxTime: Float64Array;
  /** Canonical label text, the same in every object and memtable. */
  readonly key: (id: number) => string;
  /** What ids are numbers of. Memory has none. */
  readonly table?: StreamLabels;
}

/**
 * For each target (oldest first) the older ones whose rows of the same stream lie in the same stretch of time, so that
 * the same entry may be in both. Few or none: time moves on between two flushes, so most targets are told apart at a glance.
 */
export function findOverlaps(targets: readonly TargetStreams[]): Overlap[][] {
  const looked = targets.map((target) => new LookedAt(target));
  return looked.map((target, i) => {
    const overlaps: Overlap[] = [];
    for (let older = 0; older < i; older++) {
      const overlap = target.mayShareWith(looked[older]!) && overlapOf(target, looked[older]!);
      if (overlap) overlaps.push(overlap);
    }
    return overlaps;
  });
}

/** What float64 rounds away of times that are years apart. */
const ROUNDING_NS = 1024;

class LookedAt {
  readonly target: TargetStreams;
  readonly from: number;
  readonly to: number;
  #ranks: Map<string, number> | undefined;

  constructor(target: TargetStreams) {
    this.target = target;
    let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < target.ids.length; i++) {
      if (target.minTime[i]! < from) from = target.minTime[i]!;
      if (target.maxTime[i]! > to) to = target.maxTime[i]!;
    }
    this.from = from;
    this.to = to;
  }

  mayShareWith(other: LookedAt): boolean {
    if (other.target.origin === this.target.origin) return false;
    const shift = Number(other.target.base - this.target.base);
    return this.from <= other.to + shift + ROUNDING_NS && other.from + shift - ROUNDING_NS <= this.to;
  }

  rankOfKey(key: string): number {
    const { ids, key: keyOf } = this.target;
    this.#ranks ??= new Map(Array.from(ids, (id, rank) => [keyOf(id), rank]));
    return this.#ranks.get(key) ?? -1;
  }

  rankOfId(id: number): number {
    const { ids } = this.target;
    if (ids[id] === id) return id; // those before it are all there
    let [low, high] = [0, ids.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ids[middle]! < id) low = middle + 1;
      else high = middle;
    }
    return ids[low] === id ? low : -1;
  }
}

function overlapOf(ours: LookedAt, older: LookedAt): Overlap | undefined {
  const { ids, minTime, maxTime, base } = ours.target;
  const shift = Number(older.target.base - base);
  const isExact = [shift, ours.from, ours.to, older.from + shift, older.to + shift].every(Number.isSafeInteger);
  const slack = isExact ? 0 : ROUNDING_NS;
  const rankOf = ranksIn(ours.target, older);
  const [streams, otherStreams] = [new Int32Array(ids.length), new Int32Array(ids.length)];
  let count = 0;
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < ids.length; i++) {
    const rank = rankOf(ids[i]!);
    if (rank < 0) continue;
    const first = Math.max(minTime[i]!, older.target.minTime[rank]! + shift) - slack;
    const last = Math.min(maxTime[i]!, older.target.maxTime[rank]! + shift) + slack;
    if (first > last) continue;
    if (first < from) from = first;
    if (last > to) to = last;
    streams[count] = ids[i]!;
    otherStreams[count++] = older.target.ids[rank]!;
  }
  if (count === 0) return undefined;
  const both = { streams: streams.slice(0, count), otherStreams: otherStreams.slice(0, count) };
  return { other: older.target.other, ...both, minTime: base + BigInt(from), maxTime: base + BigInt(to) };
}

/** Finds a stream of ours among those of an older target: its rank there, or -1. */
function ranksIn({ key, table }: TargetStreams, older: LookedAt): (id: number) => number {
  const { table: otherTable } = older.target;
  if (!table || !otherTable) return (id) => older.rankOfKey(key(id));
  const shared = sharedStreams(table, otherTable);
  return (id) => (shared[id]! < 0 ? -1 : older.rankOfId(shared[id]!));
}
