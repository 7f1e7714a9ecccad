import type { Overlap } from '../../planning/physical/node.js';

/** A stream within a scan target; `key` is its canonical label text, the same in every object and memtable. */
export interface TargetStream {
  readonly id: number;
  readonly key: string;
  readonly minTime: bigint;
  readonly maxTime: bigint;
}

export interface TargetStreams {
  readonly other: Overlap['other'];
  /** Targets of one origin hold no entry twice: the sections of an object, a memtable. */
  readonly origin: string;
  readonly streams: readonly TargetStream[];
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

/** Times as float64, which round; pairs of targets are many, and this is only to tell most of them apart. */
const ROUNDING_NS = 1024;

class LookedAt {
  readonly target: TargetStreams;
  readonly #from: number;
  readonly #to: number;
  #byKey: Map<string, TargetStream> | undefined;

  constructor(target: TargetStreams) {
    this.target = target;
    const [first] = target.streams;
    let from = first?.minTime ?? 0n;
    let to = first?.maxTime ?? -1n;
    for (const { minTime, maxTime } of target.streams) {
      if (minTime < from) from = minTime;
      if (maxTime > to) to = maxTime;
    }
    this.#from = Number(from) - ROUNDING_NS;
    this.#to = Number(to) + ROUNDING_NS;
  }

  mayShareWith(other: LookedAt): boolean {
    return this.#from <= other.#to && other.#from <= this.#to && other.target.origin !== this.target.origin;
  }

  stream(key: string): TargetStream | undefined {
    this.#byKey ??= new Map(this.target.streams.map((stream) => [stream.key, stream]));
    return this.#byKey.get(key);
  }
}

function overlapOf({ target }: LookedAt, older: LookedAt): Overlap | undefined {
  const [streams, otherStreams]: [number[], number[]] = [[], []];
  let [from, to] = [0n, -1n];
  for (const stream of target.streams) {
    const other = older.stream(stream.key);
    if (!other) continue;
    const minTime = stream.minTime > other.minTime ? stream.minTime : other.minTime;
    const maxTime = stream.maxTime < other.maxTime ? stream.maxTime : other.maxTime;
    if (minTime > maxTime) continue;
    if (streams.length === 0 || minTime < from) from = minTime;
    if (streams.length === 0 || maxTime > to) to = maxTime;
    streams.push(stream.id);
    otherStreams.push(other.id);
  }
  if (streams.length === 0) return undefined;
  const ids = { streams: Int32Array.from(streams), otherStreams: Int32Array.from(otherStreams) };
  return { other: older.target.other, ...ids, minTime: from, maxTime: to };
}
