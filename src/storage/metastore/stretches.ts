/** Objects in the order in which a query wants their rows. */
import type { TimeRange } from '../../wire/time.js';
import type { TocEntry } from './types.js';
import { earlier, later } from './window.js';

/** Some objects, and after each of them the part of the range that no later one reaches into. */
export interface Stretch {
  readonly entries: readonly TocEntry[];
  readonly parts: readonly TimeRange[];
}

const FIRST_OBJECTS = 2;

/** Each time as many objects as there were before: what is looked into in vain is no more than what was needed. */
export function* stretchesOf(entries: readonly TocEntry[], range: TimeRange, newestFirst: boolean): Generator<Stretch> {
  const ordered = entries.toSorted(newestFirst ? byEnd : byStart);
  const partBefore = (next: TocEntry | undefined): TimeRange => (next ? upTo(next, range, newestFirst) : range);
  for (let from = 0, to = FIRST_OBJECTS; from < ordered.length; [from, to] = [to, 2 * to]) {
    const some = ordered.slice(from, to);
    yield { entries: some, parts: some.map((_, i) => partBefore(ordered[from + i + 1])) };
  }
}

function upTo({ minTime, maxTime }: TocEntry, { start, end }: TimeRange, newestFirst: boolean): TimeRange {
  return newestFirst ? { start: later(start, maxTime + 1n), end } : { start, end: earlier(end, minTime) };
}

function byEnd(a: TocEntry, b: TocEntry): number {
  return a.maxTime === b.maxTime ? byPath(a, b) : a.maxTime > b.maxTime ? -1 : 1;
}

function byStart(a: TocEntry, b: TocEntry): number {
  return a.minTime === b.minTime ? byPath(a, b) : a.minTime < b.minTime ? -1 : 1;
}

function byPath(a: TocEntry, b: TocEntry): number {
  return a.path < b.path ? -1 : 1;
}
