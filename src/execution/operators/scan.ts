import type { LiveTarget, Overlap, ScanOptions, ScanTarget, SectionTarget } from '../../planning/physical/node.js';
import { raise } from '../../wire/fault.js';
import type { TimeRange } from '../../wire/time.js';
import type { PaneGrid } from '../aggregate/pane-grid.js';
import type { LogBatch } from '../batch/log-batch.js';
import { type ExecutionContext, noCounts } from '../context.js';
import type { LineReader } from '../functions/row-step.js';
import type { Pipeline } from '../pipeline.js';
import { type Compared, Comparisons, comparedIn, comparisonsOf, type SharedTimes } from './comparisons.js';
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
  /** Of the times of rows nothing but the pane matters. Absent: as `counting` says. */
  readonly panes?: PaneGrid | undefined;
  /** The reader calls `LogBatch.load` before it looks at more than times and streams. */
  readonly loads?: boolean | undefined;
  /** Lines are parsed in a way that their shapes may tell. */
  readonly parses?: boolean | undefined;
  /** Lines are read by these alone, which tell when; absent: whoever. */
  readonly lineReaders?: readonly LineReader[] | undefined;
}

/** One scan target, whichever kind it is. */
export async function* scan(
  target: ScanTarget,
  options: ScanOptions,
  context: ExecutionContext,
  use: ScanUse = {},
): Pipeline<LogBatch> {
  if (use.bound?.excludes(target.minTime, target.maxTime)) {
    if (target.kind === 'section') context.counters.pagesPruned += target.pages.length;
    return;
  }
  const copies = await readOlderCopies(target, options, context);
  if (target.kind === 'section') yield* scanSection(target, options, context, use, copies);
  else yield* scanLive(target, options, context, copies);
}

/** Overlaps by the stream numbers that rows of the scan carry: those of a live scan count the streams asked for. */
function overlapsOf(target: ScanTarget): readonly Overlap[] {
  if (target.kind === 'section' || target.overlaps.length === 0) return target.overlaps;
  const ranks = ranksOf(target.streams);
  return target.overlaps.map((overlap) => ({
    ...overlap,
    streams: overlap.streams.map((stream) => ranks.get(stream)!),
  }));
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
  const groups = overlapsOf(target).flatMap((overlap) => groupOf(overlap, range) ?? []);
  if (groups.length === 0) return new OlderCopies();
  const quiet = uncounted(context);
  const { base, comparisons } = await comparisonsFor(target, range, context);
  const unknown = groups.filter((group) => !comparisons.find(group));
  const found = unknown.length > 0 ? await compare(target, unknown, base, quiet) : [];
  unknown.forEach((group, i) => {
    comparisons.keep(group, found[i]!);
  });
  const copies = new OlderCopies(base);
  for (const group of groups) {
    const shared = found[unknown.indexOf(group)] ?? comparisons.find(group)!;
    if (shared.size === 0) continue;
    copies.expect(shared);
    const ours = streamOf(group);
    for await (const batch of await olderRows(group, EVERYTHING, quiet)) copies.add(batch, ours);
  }
  return copies;
}

/** Memory changes: what it is compared with is not kept. */
async function comparisonsFor(
  target: ScanTarget,
  range: TimeRange,
  context: ExecutionContext,
): Promise<{ base: bigint; comparisons: Comparisons }> {
  if (target.kind === 'live') return { base: range.start, comparisons: new Comparisons() };
  const object = await context.openObject(target.location);
  const pointers = await object.pointers(target.section);
  return { base: pointers.base, comparisons: comparisonsOf(pointers) };
}

/** For each group the times at which both sides have rows. */
async function compare(
  target: ScanTarget,
  groups: readonly Group[],
  base: bigint,
  context: ExecutionContext,
): Promise<SharedTimes[]> {
  const span = {
    start: groups.reduce((min, { start }) => (start < min ? start : min), groups[0]!.start),
    end: groups.reduce((max, { end }) => (end > max ? end : max), groups[0]!.end),
  };
  const own = new StreamTimes(base);
  for await (const batch of await ownRows(target, groups, span, context)) own.add(batch);
  const shared: SharedTimes[] = [];
  for (const group of groups) {
    const older = new StreamTimes(base);
    const ours = streamOf(group);
    for await (const batch of await olderRows(group, ONLY_TIMES, context)) older.add(batch, ours);
    shared.push(older.sharedWith(own));
  }
  return shared;
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

/** An overlap within the range of the scan. */
interface Group extends Compared {
  /** Its streams there. */
  readonly otherStreams: Int32Array;
}

/** The numbers that rows of a scan over the other's streams carry, with ours for each. */
function streamOf({ other, streams, otherStreams }: Group): ReadonlyMap<number, number> {
  const isLive = 'snapshot' in other;
  return new Map(Array.from(otherStreams, (stream, i) => [isLive ? i : stream, streams[i]!]));
}

function groupOf(overlap: Overlap, range: TimeRange): Group | undefined {
  const compared = comparedIn(range, overlap);
  return compared && { ...compared, otherStreams: overlap.otherStreams };
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
  const streams = Int32Array.from(new Set(groups.flatMap(({ streams }) => [...streams])));
  return sectionRows({ location, section }, streams, span, ONLY_TIMES, context);
}

async function olderRows(group: Group, reading: Reading, context: ExecutionContext): Promise<Pipeline<LogBatch>> {
  const { other, otherStreams: streams, start, end } = group;
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
