import type { BatchId, OriginRanges } from '../../../wire/batch-copy.js';
import { getOrCreate } from '../../../wire/get-or-create.js';
import { includesSeq, joinRanges } from '../../../wire/origin-ranges.js';

/** A set of parts that is cheap as long as it is a few ranges. With a bound it forgets what was added to longest ago. */
export class PartRanges {
  readonly #rangesMax: number;
  /** Disjoint, ascending. In order of the last addition, oldest first. */
  readonly #origins = new Map<string, [number, number][]>();
  #ranges = 0;

  constructor(rangesMax = Number.POSITIVE_INFINITY) {
    this.#rangesMax = rangesMax;
  }

  static of(parts: readonly OriginRanges[]): PartRanges {
    const made = new PartRanges();
    made.addAll(parts);
    return made;
  }

  get ranges(): number {
    return this.#ranges;
  }

  has({ origin, seq }: BatchId): boolean {
    const ranges = this.#origins.get(origin);
    return ranges !== undefined && includesSeq(ranges, seq);
  }

  add({ origin, seq }: BatchId): void {
    const ranges = this.#origins.get(origin);
    const last = ranges?.at(-1);
    if (ranges && last && last[1] + 1 === seq) {
      last[1] = seq;
      this.#origins.delete(origin);
      this.#origins.set(origin, ranges);
    } else this.addAll([{ origin, ranges: [[seq, seq]] }]);
  }

  addAll(parts: readonly OriginRanges[]): void {
    for (const { origin, ranges } of parts) {
      const known = this.#origins.get(origin) ?? [];
      const joined = joinRanges([...known, ...ranges]);
      this.#ranges += joined.length - known.length;
      this.#origins.delete(origin);
      this.#origins.set(origin, joined);
    }
    if (this.#ranges > this.#rangesMax) this.#forget();
  }

  /** What of the ranges of one origin is in the set. */
  within({ origin, ranges }: OriginRanges): (readonly [number, number])[] {
    const found: (readonly [number, number])[] = [];
    for (const [ownFrom, ownTo] of this.#origins.get(origin) ?? []) {
      for (const [from, to] of ranges) {
        if (from <= ownTo && to >= ownFrom) found.push([Math.max(from, ownFrom), Math.min(to, ownTo)]);
      }
    }
    return joinRanges(found);
  }

  #forget(): void {
    for (const [origin, ranges] of this.#origins) {
      const surplus = this.#ranges - this.#rangesMax;
      if (surplus <= 0) return;
      this.#ranges -= ranges.splice(0, surplus).length;
      if (ranges.length === 0) this.#origins.delete(origin);
    }
  }
}

/** Something for each part of a set. */
export class PartMap<T> {
  readonly #origins = new Map<string, Map<number, T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get({ origin, seq }: BatchId): T | undefined {
    return this.#origins.get(origin)?.get(seq);
  }

  has(part: BatchId): boolean {
    return this.get(part) !== undefined;
  }

  /** Replaces what was there. */
  set({ origin, seq }: BatchId, value: T): void {
    const parts = getOrCreate(this.#origins, origin, () => new Map<number, T>());
    if (!parts.has(seq)) this.#size++;
    parts.set(seq, value);
  }

  delete({ origin, seq }: BatchId): void {
    const parts = this.#origins.get(origin);
    if (!parts?.delete(seq)) return;
    this.#size--;
    if (parts.size === 0) this.#origins.delete(origin);
  }

  /** The parts there are within the ranges of one origin. Costs as many steps as there are parts, however wide the ranges. */
  within({ origin, ranges }: OriginRanges): BatchId[] {
    const sorted = joinRanges(ranges);
    const found: BatchId[] = [];
    for (const seq of this.#origins.get(origin)?.keys() ?? []) {
      if (includesSeq(sorted, seq)) found.push({ origin, seq });
    }
    return found;
  }

  values(): T[] {
    return [...this.#origins.values()].flatMap((parts) => [...parts.values()]);
  }
}
