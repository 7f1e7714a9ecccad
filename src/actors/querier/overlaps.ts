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
      if (target.mayShareWith(looked[older]!)) addShared(target, looked[older]!, overlaps);
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

function addShared({ target }: LookedAt, older: LookedAt, overlaps: Overlap[]): void {
  for (const stream of target.streams) {
    const other = older.stream(stream.key);
    if (!other) continue;
    const minTime = stream.minTime > other.minTime ? stream.minTime : other.minTime;
    const maxTime = stream.maxTime < other.maxTime ? stream.maxTime : other.maxTime;
    if (minTime > maxTime) continue;
    overlaps.push({ stream: stream.id, other: older.target.other, otherStream: other.id, minTime, maxTime });
  }
}
