import type { LiveTarget, Overlap, ScanOptions, ScanTarget, SectionTarget } from '../../planning/physical/node.js';
import { raise } from '../../wire/fault.js';
import type { PaneGrid } from '../aggregate/pane-grid.js';
import type { LogBatch } from '../batch/log-batch.js';
import { type ExecutionContext, noCounts } from '../context.js';
import type { Pipeline } from '../pipeline.js';
import { OlderCopies } from './older-copies.js';
import { scanLive } from './scan-live.js';
import { scanSection } from './scan-section.js';
import type { TopKBound } from './top-k.js';

/** One scan target, whichever kind it is. */
export async function* scan(
  target: ScanTarget,
  options: ScanOptions,
  context: ExecutionContext,
  bound?: TopKBound,
  counting?: PaneGrid,
): Pipeline<LogBatch> {
  const copies = await readOlderCopies(overlapsOf(target), options, context);
  if (target.kind === 'section') yield* scanSection(target, options, context, bound, copies, counting);
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

/** Reads, from each older target that overlaps, the rows that could be copies of ours. */
async function readOlderCopies(
  overlaps: readonly Overlap[],
  options: ScanOptions,
  context: ExecutionContext,
): Promise<OlderCopies> {
  const copies = new OlderCopies(overlaps);
  for (const group of byOther(overlaps).values()) {
    const { other } = group[0]!;
    const streams = Int32Array.from(new Set(group.map(({ otherStream }) => otherStream)));
    const ranks = 'snapshot' in other ? ranksOf(streams) : undefined;
    const streamOf = new Map(
      group.map(({ otherStream, stream }) => [ranks ? ranks.get(otherStream)! : otherStream, stream]),
    );
    const start = group.reduce((min, { minTime }) => (minTime < min ? minTime : min), group[0]!.minTime);
    const end = group.reduce((max, { maxTime }) => (maxTime > max ? maxTime : max), group[0]!.maxTime) + 1n;
    const range = {
      start: start > options.range.start ? start : options.range.start,
      end: end < options.range.end ? end : options.range.end,
    };
    if (range.start >= range.end) continue;
    const rows = await olderRows(other, streams, range, uncounted(context));
    for await (const batch of rows) copies.add(batch, streamOf);
  }
  return copies;
}

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

function byOther(overlaps: readonly Overlap[]): Map<string, Overlap[]> {
  const groups = new Map<string, Overlap[]>();
  for (const overlap of overlaps) {
    const { other } = overlap;
    const key = 'location' in other ? `${other.location} ${other.section}` : `${other.ingester} ${other.snapshot}`;
    const group = groups.get(key);
    if (group) group.push(overlap);
    else groups.set(key, [overlap]);
  }
  return groups;
}

async function olderRows(
  other: Overlap['other'],
  streams: Int32Array,
  range: ScanOptions['range'],
  context: ExecutionContext,
): Promise<Pipeline<LogBatch>> {
  const options: ScanOptions = { range, predicates: [], order: 'any' };
  const common = { streams, minTime: range.start, maxTime: range.end - 1n, rows: 0, bytes: 0, overlaps: [] };
  if ('snapshot' in other) {
    const target: LiveTarget = { kind: 'live', ...other, ...common, windows: [range] };
    return scanLive(target, options, context, new OlderCopies());
  }
  const pages = await pagesOf(other, streams, range, context);
  const target: SectionTarget = { kind: 'section', ...other, ...common, pages };
  return scanSection(target, options, context, undefined, new OlderCopies());
}

/** Pages of a section with rows of the streams in the range. */
async function pagesOf(
  { location, section }: { location: string; section: number },
  streams: Int32Array,
  range: ScanOptions['range'],
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
