import type { LiveTarget, Overlap, ScanOptions, ScanTarget, SectionTarget } from '../../planning/physical/node.js';
import { raise } from '../../wire/fault.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import type { TimeRange } from '../../wire/time.js';
import type { PaneGrid } from '../aggregate/pane-grid.js';
import type { LogBatch } from '../batch/log-batch.js';
import { type ExecutionContext, noCounts } from '../context.js';
import type { Pipeline } from '../pipeline.js';
import { OlderCopies } from './older-copies.js';
import { scanLive } from './scan-live.js';
import { scanSection } from './scan-section.js';
import { StreamTimes } from './shared-times.js';
import type { TopKBound } from './top-k.js';

/** What the rows of a scan are for. */
export interface ScanUse {
  /** Rows that cannot be among the best are not needed. */
  readonly bound?: TopKBound | undefined;
  /** Rows are only counted, in these panes: one with a weight may stand for many. */
  readonly counting?: PaneGrid | undefined;
  /** The reader calls `LogBatch.load` before it looks at more than times and streams. */
  readonly loads?: boolean | undefined;
}

/** One scan target, whichever kind it is. */
export async function* scan(
  target: ScanTarget,
  options: ScanOptions,
  context: ExecutionContext,
  use: ScanUse = {},
): Pipeline<LogBatch> {
  const copies = await readOlderCopies(target, options, context);
  if (target.kind === 'section') yield* scanSection(target, options, context, use, copies);
  else yield* scanLive(target, options, context, copies);
}

/** Overlaps by the stream numbers that rows of the scan carry: those of a live scan count the streams asked for. */
function overlapsOf(target: ScanTarget): readonly Overlap[] {
  if (target.kind === 'section' || target.overlaps.length === 0) return target.overlaps;
  const ranks = ranksOf(target.streams);
  return target.overlaps.map((overlap) => ({ ...overlap, stream: ranks.get(overlap.stream)! }));
}

function ranksOf(streams: Int32Array): Map<number, number> {
  return new Map(Array.from(streams, (stream, rank) => [stream, rank]));
}

/** Finds, in each older target that overlaps, the rows that could be copies of ours. */
async function readOlderCopies(
  target: ScanTarget,
  { range }: ScanOptions,
  context: ExecutionContext,
): Promise<OlderCopies> {
  const groups = groupsOf(overlapsOf(target), range);
  if (groups.length === 0) return new OlderCopies();
  const quiet = uncounted(context);
  const span = {
    start: groups.reduce((min, { start }) => (start < min ? start : min), groups[0]!.start),
    end: groups.reduce((max, { end }) => (end > max ? end : max), groups[0]!.end),
  };
  const own = new StreamTimes(span.start);
  for await (const batch of await ownRows(target, groups, span, quiet)) own.add(batch);
  const copies = new OlderCopies(span.start);
  for (const group of groups) {
    const older = new StreamTimes(span.start);
    for await (const batch of await olderRows(group, ONLY_TIMES, quiet)) older.add(batch, group.streamOf);
    const shared = older.sharedWith(own);
    if (shared.size === 0) continue;
    copies.expect(shared);
    for await (const batch of await olderRows(group, EVERYTHING, quiet)) copies.add(batch, group.streamOf);
  }
  return copies;
}

const ONLY_TIMES = { predicates: [], order: 'any', projections: [] } as const satisfies Partial<ScanOptions>;
const EVERYTHING = { predicates: [], order: 'any' } as const satisfies Partial<ScanOptions>;

/** The same context without a trace in the statistics. On a thread the signal must be asked for anew every time. */
function uncounted(context: ExecutionContext): ExecutionContext {
  return {
    ...context,
    get signal() {
      return context.signal;
    },
    counters: noCounts(),
  };
}

/** The overlaps of one older target. */
interface Group extends TimeRange {
  readonly other: Overlap['other'];
  /** Its streams that matter, and the numbers that rows of a scan over them carry, with ours for each. */
  readonly streams: Int32Array;
  readonly streamOf: ReadonlyMap<number, number>;
}

function groupsOf(overlaps: readonly Overlap[], range: TimeRange): Group[] {
  const byOther = new Map<string, Overlap[]>();
  for (const overlap of overlaps) {
    const { other } = overlap;
    const key = 'location' in other ? `${other.location} ${other.section}` : `${other.ingester} ${other.snapshot}`;
    getOrCreate(byOther, key, () => []).push(overlap);
  }
  return [...byOther.values()].map((group) => groupOf(group, range)).filter(({ start, end }) => start < end);
}

function groupOf(overlaps: readonly Overlap[], range: TimeRange): Group {
  const { other, minTime, maxTime } = overlaps[0]!;
  const start = overlaps.reduce((min, one) => (one.minTime < min ? one.minTime : min), minTime);
  const end = overlaps.reduce((max, one) => (one.maxTime > max ? one.maxTime : max), maxTime) + 1n;
  const streams = Int32Array.from(new Set(overlaps.map(({ otherStream }) => otherStream)));
  const ranks = 'snapshot' in other ? ranksOf(streams) : undefined;
  const streamOf = new Map(
    overlaps.map(({ otherStream, stream }) => [ranks ? ranks.get(otherStream)! : otherStream, stream]),
  );
  return {
    other,
    streams,
    streamOf,
    start: start > range.start ? start : range.start,
    end: end < range.end ? end : range.end,
  };
}

type Reading = Pick<ScanOptions, 'predicates' | 'order' | 'projections'>;

/** Rows of the target itself that an older one might have. */
async function ownRows(
  target: ScanTarget,
  groups: readonly Group[],
  span: TimeRange,
  context: ExecutionContext,
): Promise<Pipeline<LogBatch>> {
  if (target.kind === 'live') {
    return scanLive({ ...target, overlaps: [] }, { ...ONLY_TIMES, range: span }, context, new OlderCopies());
  }
  const { location, section } = target;
  const streams = Int32Array.from(new Set(groups.flatMap(({ streamOf }) => [...streamOf.values()])));
  return sectionRows({ location, section }, streams, span, ONLY_TIMES, context);
}

async function olderRows(group: Group, reading: Reading, context: ExecutionContext): Promise<Pipeline<LogBatch>> {
  const { other, streams, start, end } = group;
  const range = { start, end };
  if ('location' in other) return sectionRows(other, streams, range, reading, context);
  const target: LiveTarget = { kind: 'live', ...other, streams, ...bounds(range), windows: [range] };
  return scanLive(target, { ...reading, range }, context, new OlderCopies());
}

async function sectionRows(
  place: { readonly location: string; readonly section: number },
  streams: Int32Array,
  range: TimeRange,
  reading: Reading,
  context: ExecutionContext,
): Promise<Pipeline<LogBatch>> {
  const pages = await pagesOf(place, streams, range, context);
  const target: SectionTarget = { kind: 'section', ...place, streams, ...bounds(range), pages };
  return scanSection(target, { ...reading, range }, context, {}, new OlderCopies());
}

function bounds({ start, end }: TimeRange): Pick<LiveTarget, 'minTime' | 'maxTime' | 'rows' | 'bytes' | 'overlaps'> {
  return { minTime: start, maxTime: end - 1n, rows: 0, bytes: 0, overlaps: [] };
}

/** Pages of a section with rows of the streams in the range. */
async function pagesOf(
  { location, section }: { location: string; section: number },
  streams: Int32Array,
  range: TimeRange,
  context: ExecutionContext,
): Promise<Int32Array> {
  const object = await context.openObject(location);
  if (section >= object.sections) raise('internal', `${location} has no section ${section}`);
  const { pages, runs, base } = await object.pointers(section);
  const wanted = new Set(streams);
  const from = Number(range.start - base);
  const to = Number(range.end - base);
  const found: number[] = [];
  for (let page = 0; page < pages.count; page++) {
    for (let run = runs.starts[page]!; run < runs.starts[page + 1]!; run++) {
      if (!wanted.has(runs.stream[run]!) || runs.maxTime[run]! < from || runs.minTime[run]! >= to) continue;
      found.push(page);
      break;
    }
  }
  return Int32Array.from(found);
}
