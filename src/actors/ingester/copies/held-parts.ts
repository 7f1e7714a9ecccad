import type { BatchId, OriginRanges } from '../../../wire/batch-copy.js';
import { getOrCreate } from '../../../wire/get-or-create.js';
import type { TimeRange } from '../../../wire/time.js';
import type { SealedMemtable } from '../memtable.js';
import { type HeldPart, heldMemory } from './held-part.js';
import { HeldTable } from './held-table.js';
import { PartMap } from './part-ranges.js';

/** Parts of one tenant that one instance owns. */
interface Group {
  readonly tenant: string;
  readonly owner: string;
  readonly parts: Set<HeldPart>;
  /** Bounds of all parts that were in it since it was empty. */
  minTime: bigint;
  maxTime: bigint;
  /** Made when a query asks for it; null when it may have parts that are no longer held. */
  table: HeldTable | null;
}

/** What this instance keeps for others: in its log and in memory, but in no memtable of its own. */
export class HeldParts {
  readonly #parts = new PartMap<HeldPart>();
  /** In order of the log. */
  readonly #bySeq = new Map<number, HeldPart>();
  readonly #groups = new Map<string, Map<string, Group>>();
  #bytes = 0;

  get size(): number {
    return this.#bySeq.size;
  }

  get memoryBytes(): number {
    return this.#bytes;
  }

  /** Records of the log below are not needed by any. */
  get oldestSeq(): number {
    for (const seq of this.#bySeq.keys()) return seq;
    return Number.POSITIVE_INFINITY;
  }

  readonly get = this.#parts.get.bind(this.#parts);
  readonly has = this.#parts.has.bind(this.#parts);
  readonly within = this.#parts.within.bind(this.#parts);

  all(): Iterable<HeldPart> {
    return this.#bySeq.values();
  }

  /** In order of the log, none twice. */
  add(part: HeldPart): void {
    this.#parts.set(part.copy, part);
    this.#bySeq.set(part.seq, part);
    this.#bytes += heldMemory(part);
    this.#join(part);
  }

  remove(id: BatchId): HeldPart | undefined {
    const part = this.#parts.get(id);
    if (!part) return undefined;
    this.#parts.delete(id);
    this.#bySeq.delete(part.seq);
    this.#bytes -= heldMemory(part);
    this.#leave(part);
    return part;
  }

  setOwner(part: HeldPart, owner: string): void {
    if (part.owner === owner) return;
    this.#leave(part);
    part.owner = owner;
    this.#join(part);
  }

  /** Parts that are held among those named. */
  named(batches: readonly OriginRanges[]): HeldPart[] {
    return batches.flatMap((ranges) => this.#parts.within(ranges)).map((id) => this.#parts.get(id)!);
  }

  /** Owners of parts of a tenant that may have entries within a range. */
  owners(tenant: string, range: TimeRange): string[] {
    const groups = [...(this.#groups.get(tenant)?.values() ?? [])];
    return groups.filter((group) => overlaps(group, range)).map(({ owner }) => owner);
  }

  /** What is held of one owner, for queries, without duplicates; null when that is nothing. */
  table(tenant: string, owner: string, nowMs: number): SealedMemtable | null {
    const group = this.#groups.get(tenant)?.get(owner);
    if (!group) return null;
    group.table ??= new HeldTable(nowMs);
    return group.table.upTo(group.parts, nowMs);
  }

  #join(part: HeldPart): void {
    const { tenant, owner, minTime, maxTime } = part;
    const groups = getOrCreate(this.#groups, tenant, () => new Map<string, Group>());
    const group = getOrCreate(groups, owner, () => {
      return { tenant, owner, parts: new Set<HeldPart>(), minTime, maxTime, table: null };
    });
    group.parts.add(part);
    if (minTime < group.minTime) group.minTime = minTime;
    if (maxTime > group.maxTime) group.maxTime = maxTime;
  }

  #leave(part: HeldPart): void {
    const groups = this.#groups.get(part.tenant)!;
    const group = groups.get(part.owner)!;
    group.parts.delete(part);
    group.table?.drop();
    group.table = null;
    if (group.parts.size > 0) return;
    groups.delete(part.owner);
    if (groups.size === 0) this.#groups.delete(part.tenant);
  }
}

function overlaps({ minTime, maxTime }: Group, { start, end }: TimeRange): boolean {
  return minTime < end && maxTime >= start;
}
