import type { BatchId, OriginRanges } from '../../../wire/batch-copy.js';
import { getOrCreate } from '../../../wire/get-or-create.js';
import type { TimeRange } from '../../../wire/time.js';
import type { SealedMemtable } from '../memtable.js';
import { type HeldPart, heldMemory } from './held-part.js';
import { HeldTable } from './held-table.js';
import { PartMap } from './part-ranges.js';

/** Parts of one tenant that the same other instances were sent: one of these owns each, whatever is believed here. */
interface Group {
  readonly others: readonly string[];
  readonly parts: Set<HeldPart>;
  /** Bounds of all parts that were in it since it was empty. */
  minTime: bigint;
  maxTime: bigint;
  /** Made when a query asks for it; null when it may have parts that are no longer held. */
  table: HeldTable | null;
}

/** What this instance keeps for others: in its log and in memory, but in no memtable of its own. */
export class HeldParts {
  readonly #self: string;
  readonly #parts = new PartMap<HeldPart>();
  /** In order of the log. */
  readonly #bySeq = new Map<number, HeldPart>();
  /** By tenant, then by the names of the others. */
  readonly #groups = new Map<string, Map<string, Group>>();
  #bytes = 0;

  constructor(self: string) {
    this.#self = self;
  }

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

  /** Parts that are held among those named. */
  named(batches: readonly OriginRanges[]): HeldPart[] {
    return batches.flatMap((ranges) => this.#parts.within(ranges)).map((id) => this.#parts.get(id)!);
  }

  /**
   * Instances that may own parts of a tenant with entries within a range. Who was made the owner may not have been heard
   * here, so all that a part was sent to count.
   */
  owners(tenant: string, range: TimeRange): string[] {
    const groups = [...(this.#groups.get(tenant)?.values() ?? [])];
    return [...new Set(groups.filter((group) => overlaps(group, range)).flatMap(({ others }) => others))];
  }

  /** What is held that one of the instances may own, for queries; each table is without duplicates. */
  tables(tenant: string, owners: readonly string[], nowMs: number): (SealedMemtable & { readonly replicas: string })[] {
    const groups = [...(this.#groups.get(tenant)?.values() ?? [])];
    return groups
      .filter(({ others }) => others.some((other) => owners.includes(other)))
      .map((group) => {
        group.table ??= new HeldTable(nowMs);
        const replicas = [...group.others, this.#self].sort().join(' ');
        return { ...group.table.upTo(group.parts, nowMs), replicas };
      });
  }

  #join(part: HeldPart): void {
    const { tenant, minTime, maxTime } = part;
    const groups = getOrCreate(this.#groups, tenant, () => new Map<string, Group>());
    const others = this.#othersOf(part);
    const group = getOrCreate(groups, others.join('\n'), () => {
      return { others, parts: new Set<HeldPart>(), minTime, maxTime, table: null };
    });
    group.parts.add(part);
    if (minTime < group.minTime) group.minTime = minTime;
    if (maxTime > group.maxTime) group.maxTime = maxTime;
  }

  #leave(part: HeldPart): void {
    const groups = this.#groups.get(part.tenant)!;
    const key = this.#othersOf(part).join('\n');
    const group = groups.get(key)!;
    group.parts.delete(part);
    group.table?.drop();
    group.table = null;
    if (group.parts.size > 0) return;
    groups.delete(key);
    if (groups.size === 0) this.#groups.delete(part.tenant);
  }

  #othersOf({ copy }: HeldPart): string[] {
    const others = new Set([...copy.replicas, copy.owner]);
    others.delete(this.#self);
    return [...others].sort();
  }
}

function overlaps({ minTime, maxTime }: Group, { start, end }: TimeRange): boolean {
  return minTime < end && maxTime >= start;
}
