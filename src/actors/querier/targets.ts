import { mayBeCopies } from '../../execution/operators/comparisons.js';
import { countedSection } from '../../execution/operators/counted-bins.js';
import type { TableSelector } from '../../planning/facts.js';
import type { LiveTarget, ScanTarget, SectionTarget } from '../../planning/physical/node.js';
import type { SectionDescriptor, WindowCoverage } from '../../storage/metastore/types.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import { formatLabels, type Labels } from '../../wire/labels.js';
import type { LiveMemtable, LiveSnapshot } from '../../wire/messages/live.js';
import type { TimeRange } from '../../wire/time.js';
import { findOverlaps, type TargetStreams } from './overlaps.js';
import { shareOf } from './stream-parts.js';

/** What catalogue and ingesters know of one selector. */
export interface ResolvedSelector {
  readonly range: TimeRange;
  readonly matchers: TableSelector['matchers'];
  readonly sections: readonly SectionDescriptor[];
  readonly live: readonly {
    readonly address: string;
    readonly snapshot: LiveSnapshot;
    readonly coverage: readonly WindowCoverage[];
  }[];
  /** Width of a coverage window in ns. */
  readonly windowNs: bigint;
}

/** Scan targets of a selector, oldest first: sections by the log position they come from, then memtables. */
export function scanTargets(resolved: ResolvedSelector): ScanTarget[] {
  const sections = [...resolved.sections].sort(byAge);
  const live = resolved.live.flatMap(({ address, snapshot, coverage }) =>
    snapshot.memtables
      .map((memtable) => ({ address, memtable, windows: uncovered(memtable, coverage, resolved) }))
      .filter(({ windows }) => windows.length > 0),
  );
  const selector = JSON.stringify(resolved.matchers.map(({ name, op, value }) => [name, op, value]));
  const overlaps = findOverlaps([...sections.map(sectionStreams), ...live.map(liveStreams)]);
  return [
    ...sections.map((section, i) => {
      return sectionTarget(section, selector, mayBeCopies(overlaps[i]!, resolved.range, section.pointers));
    }),
    ...live.map((entry, i) => liveTarget(entry, resolved.range, overlaps[sections.length + i]!)),
  ];
}

function byAge(a: SectionDescriptor, b: SectionDescriptor): number {
  return (
    a.source.fromSeq - b.source.fromSeq || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0) || a.section - b.section
  );
}

/** Canonical label text, kept per label set: objects hand out the same one every time. */
const keys = new WeakMap<Labels, string>();

function streamKey(labels: Labels): string {
  return getOrCreate(keys, labels, formatLabels);
}

function sectionStreams({ path, section, base, streams }: SectionDescriptor): TargetStreams {
  const { table, ids, minTime, maxTime } = streams;
  const key = (id: number): string => streamKey(table.labels(id));
  return { other: { location: path, section }, origin: path, base, ids, minTime, maxTime, key, table };
}

interface LiveEntry {
  readonly address: string;
  readonly memtable: LiveMemtable;
  readonly windows: readonly TimeRange[];
}

function liveStreams({ address, memtable }: LiveEntry): TargetStreams {
  const { snapshot, streams, distinct = snapshot } = memtable;
  const base = streams.reduce((min, { minTime }) => (minTime < min ? minTime : min), streams[0]?.minTime ?? 0n);
  const keys = new Map(streams.map(({ id, key }) => [id, key]));
  return {
    ...{ other: { ingester: address, snapshot }, origin: `${address} ${distinct}`, base },
    ids: Int32Array.from(streams, ({ id }) => id),
    minTime: Float64Array.from(streams, ({ minTime }) => Number(minTime - base)),
    maxTime: Float64Array.from(streams, ({ maxTime }) => Number(maxTime - base)),
    key: (id) => keys.get(id)!,
  };
}

function sectionTarget(
  section: SectionDescriptor,
  selector: string,
  overlaps: SectionTarget['overlaps'],
): SectionTarget {
  return {
    kind: 'section',
    location: section.path,
    section: section.section,
    streams: section.streams.ids,
    pages: section.pages,
    minTime: section.minTime,
    maxTime: section.maxTime,
    rows: section.rows,
    bytes: section.bytes,
    overlaps,
    selector,
    counted: countedSection(section.pointers),
    runs: { base: section.base, ...section.pointers.runs },
  };
}

function liveTarget(
  { address, memtable, windows }: LiveEntry,
  range: TimeRange,
  overlaps: LiveTarget['overlaps'],
): LiveTarget {
  const { streams, snapshot, rows } = memtable;
  const minTime = streams.reduce((min, stream) => (stream.minTime < min ? stream.minTime : min), range.end - 1n);
  const maxTime = streams.reduce((max, stream) => (stream.maxTime > max ? stream.maxTime : max), range.start);
  return {
    kind: 'live',
    ingester: address,
    snapshot,
    streams: Int32Array.from(streams, ({ id }) => id),
    windows,
    minTime,
    maxTime,
    rows,
    bytes: bytesIn(streams, windows),
    overlaps,
  };
}

/** A memtable may hold days of a stream: what windows have of it is estimated by their share of the time. */
function bytesIn(streams: LiveMemtable['streams'], windows: readonly TimeRange[]): number {
  let bytes = 0;
  for (const stream of streams) {
    for (const window of windows) bytes += (shareOf(stream, window) ?? 0) * stream.bytes;
  }
  return Math.ceil(bytes);
}

/** The range without the windows for which objects already hold all that the memtable holds. */
function uncovered(
  { fromSeq, toSeq, held }: LiveMemtable,
  coverage: readonly WindowCoverage[],
  { range, windowNs }: ResolvedSelector,
): TimeRange[] {
  // Sequence numbers of what is held are none of the writer's.
  const covered = (held === undefined ? coverage : [])
    .filter(({ ranges }) => ranges.some(([from, to]) => from <= fromSeq && to >= toSeq))
    .map(({ window }) => window)
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const left: TimeRange[] = [];
  let start = range.start;
  for (const window of covered) {
    if (window > start) left.push({ start, end: window < range.end ? window : range.end });
    if (window + windowNs > start) start = window + windowNs;
  }
  if (start < range.end) left.push({ start, end: range.end });
  return left.filter((span) => span.start < span.end);
}
