import type { Overlap } from '../../planning/physical/node.js';
import type { Pointers } from '../../storage/dataobj/types.js';
import type { TimeRange } from '../../wire/time.js';

/** Some streams of a section and a stretch of time, for which an older section is looked at. */
export interface Compared extends TimeRange {
  readonly other: Overlap['other'];
  /** Ascending. */
  readonly streams: Int32Array;
}

/** At which times streams of ours have rows in an older section too, as offsets from one base. */
export type SharedTimes = ReadonlyMap<number, ReadonlySet<number>>;

interface Comparison extends TimeRange {
  readonly section: string;
  readonly streams: Int32Array;
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
    const { start, end, streams } = asked;
    const comparison = { section, start, end, streams: streams.slice(), shared };
    const others = this.#known.filter((known) => known.section !== section || !covers(comparison, known));
    this.#known.splice(0, this.#known.length, comparison, ...others.slice(0, COMPARISONS_MAX - 1));
  }
}

const ofSections = new WeakMap<object, Comparisons>();

/** Kept as long as the section's index is. */
export function comparisonsOf(pointers: Pick<Pointers, 'runs'>): Comparisons {
  let comparisons = ofSections.get(pointers);
  if (!comparisons) {
    comparisons = new Comparisons();
    ofSections.set(pointers, comparisons);
  }
  return comparisons;
}

/** What a scan of a range compares because of an overlap; undefined where that lies beyond the range. */
export function comparedIn(
  { start, end }: TimeRange,
  { other, streams, minTime, maxTime }: Overlap,
): Compared | undefined {
  const compared = {
    other,
    streams,
    start: minTime > start ? minTime : start,
    end: maxTime < end ? maxTime + 1n : end,
  };
  return compared.start < compared.end ? compared : undefined;
}

/** Without overlaps that are known to have nothing in common in a range: whoever plans need not speak of them, and no thread look. */
export function mayBeCopies(
  overlaps: readonly Overlap[],
  range: TimeRange,
  pointers: Pick<Pointers, 'runs'>,
): readonly Overlap[] {
  const comparisons = comparisonsOf(pointers);
  return overlaps.filter((overlap) => {
    const compared = comparedIn(range, overlap);
    return compared !== undefined && comparisons.find(compared)?.size !== 0;
  });
}

function sectionOf({ other }: Compared): string | undefined {
  return 'location' in other ? `${other.location} ${other.section}` : undefined;
}

function covers(known: Spanned, { start, end, streams }: Spanned): boolean {
  return known.start <= start && known.end >= end && hasAll(known.streams, streams);
}

type Spanned = Pick<Comparison, 'start' | 'end' | 'streams'>;

/** Whether ascending numbers are all among others. */
function hasAll(all: Int32Array, some: Int32Array): boolean {
  let at = 0;
  for (let i = 0; i < some.length; i++) {
    while (at < all.length && all[at]! < some[i]!) at++;
    if (at === all.length || all[at]! !== some[i]!) return false;
  }
  return true;
}

function sizeOf(shared: SharedTimes): number {
  let size = 0;
  for (const times of shared.values()) size += times.size;
  return size;
}
