import type { Overlap } from '../../planning/physical/node.js';
import type { Pointers } from '../../storage/dataobj/types.js';
import type { TimeRange } from '../../wire/time.js';

/** Some streams of a section and a stretch of time, for which an older section is looked at. */
export interface Compared extends TimeRange {
  readonly other: Overlap['other'];
  readonly streams: Int32Array;
}

/** At which times streams of ours have rows in an older section too, as offsets from one base. */
export type SharedTimes = ReadonlyMap<number, ReadonlySet<number>>;

interface Comparison extends TimeRange {
  readonly section: string;
  readonly streams: ReadonlySet<number>;
  readonly shared: SharedTimes;
}

const COMPARISONS_MAX = 64;
/** With more in common, the older section must be read anyway. */
const SHARED_MAX = 4096;

/**
 * What comparisons of the times of one section with those of older ones came to. Sections do not change, so it stays true,
 * and nearly always it is that they have nothing in common: then no query has to read either's times again.
 */
export class Comparisons {
  readonly #known: Comparison[] = [];

  /** Undefined when it is not known. */
  find(asked: Compared): SharedTimes | undefined {
    const section = sectionOf(asked);
    return this.#known.find((known) => known.section === section && covers(known, asked))?.shared;
  }

  /** Memory changes, so that what was compared with it is not kept. */
  keep(asked: Compared, shared: SharedTimes): void {
    const section = sectionOf(asked);
    if (section === undefined || sizeOf(shared) > SHARED_MAX) return;
    const { start, end } = asked;
    const comparison = { section, start, end, streams: new Set(asked.streams), shared };
    const others = this.#known.filter((known) => known.section !== section || !isWithin(known, comparison));
    this.#known.splice(0, this.#known.length, comparison, ...others.slice(0, COMPARISONS_MAX - 1));
  }
}

const ofSections = new WeakMap<Pointers, Comparisons>();

/** Kept as long as the section's index is. */
export function comparisonsOf(pointers: Pointers): Comparisons {
  let comparisons = ofSections.get(pointers);
  if (!comparisons) {
    comparisons = new Comparisons();
    ofSections.set(pointers, comparisons);
  }
  return comparisons;
}

function sectionOf({ other }: Compared): string | undefined {
  return 'location' in other ? `${other.location} ${other.section}` : undefined;
}

function covers(known: Comparison, { start, end, streams }: Compared): boolean {
  return known.start <= start && known.end >= end && streams.every((stream) => known.streams.has(stream));
}

function isWithin(small: Comparison, large: Comparison): boolean {
  if (small.start < large.start || small.end > large.end) return false;
  for (const stream of small.streams) if (!large.streams.has(stream)) return false;
  return true;
}

function sizeOf(shared: SharedTimes): number {
  let size = 0;
  for (const times of shared.values()) size += times.size;
  return size;
}
