/**
 * Turns a selector into the sections and pages worth reading. Every step only removes what certainly has no matching row:
 * objects and sections by time, pages by their streams and times, by metadata values, and by the text of messages.
 */
import { getOrCreate } from '../../wire/get-or-create.js';
import type { TimeRange } from '../../wire/time.js';
import type { ObjectSource, Pointers } from '../dataobj/types.js';
import type { MatchedObject, Metastore } from './metastore.js';
import { addPage, countPages, keepAny, listPages, noPages, type PageSet } from './page-set.js';
import type { Catalog, PrunedPages, Resolution, ResolveRequest, SectionDescriptor, TocEntry } from './types.js';
import { overlaps } from './window.js';

export class MetastoreCatalog implements Catalog {
  readonly #metastore: Metastore;

  constructor(metastore: Metastore) {
    this.#metastore = metastore;
  }

  async resolve(request: ResolveRequest): Promise<Resolution> {
    const { tenant, range, matchers } = request;
    let sectionsTotal = 0;
    const found = await this.#metastore.eachMatch(tenant, range, matchers, async (match) => {
      const sections = match.entry.sections.filter(
        ({ index, minTime, maxTime }) =>
          overlaps(range, minTime, maxTime) && inShard(match.entry.path, index, request.shard),
      );
      sectionsTotal += sections.length;
      const resolved = await Promise.all(sections.map(({ index }) => resolveSection(match, index, request)));
      return resolved.filter((section) => section !== undefined);
    });
    const sections = found.results.flat().sort(byTime);
    return { sections, damaged: found.damaged, objects: found.objects, sectionsTotal };
  }
}

function byTime(a: SectionDescriptor, b: SectionDescriptor): number {
  if (a.minTime !== b.minTime) return a.minTime < b.minTime ? -1 : 1;
  return a.path < b.path ? -1 : a.path > b.path ? 1 : a.section - b.section;
}

/** FNV-1a of the section's name, so that a shard gets the same sections every time. */
function inShard(path: string, section: number, shard: ResolveRequest['shard']): boolean {
  if (shard === undefined) return true;
  let hash = 0x811c9dc5;
  for (const char of `${path}#${section}`) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193);
  return (hash >>> 0) % shard.of === shard.index;
}

async function resolveSection(
  match: MatchedObject,
  section: number,
  request: ResolveRequest,
): Promise<SectionDescriptor | undefined> {
  const pointers = await match.object.pointers(section);
  const { pages, prunedBy } = await candidatePages(pointers, match.flags, {
    ...request,
    metadataEquals: aboutMetadata(match, request),
  });
  if (countPages(pages) === 0) return undefined;
  return describe(match, section, pointers, listPages(pages), prunedBy, request.range);
}

/** Where a stream has a label of the name, the name means the label, and says nothing about metadata. */
function aboutMetadata(
  { streams }: MatchedObject,
  { metadataEquals = [] }: ResolveRequest,
): NonNullable<ResolveRequest['metadataEquals']> {
  return metadataEquals.filter(({ key }) => !streams.columns.some(({ name }) => name === key));
}

async function candidatePages(
  pointers: Pointers,
  flags: Uint8Array,
  { range, metadataEquals = [], needles = [] }: ResolveRequest,
): Promise<{ pages: PageSet; prunedBy: PrunedPages }> {
  const { pages, ofStreams } = pagesByRuns(pointers, flags, range);
  const overlapping = countPages(pages);
  for (const { key, values } of metadataEquals) {
    await keepAny(pages, values, (value, candidates) => pointers.metadataCandidates(key, value, candidates));
  }
  const afterMetadata = countPages(pages);
  for (const group of needles) {
    // Nothing is left for the others to prune, and their filter need not be read.
    if (countPages(pages) === 0) break;
    await keepAny(pages, group, (needle, candidates) => pointers.textCandidates(needle, candidates));
  }
  return {
    pages,
    prunedBy: {
      streams: pointers.pages.count - ofStreams,
      time: ofStreams - overlapping,
      metadata: overlapping - afterMetadata,
      text: afterMetadata - countPages(pages),
    },
  };
}

/** Pages with a run of a flagged stream, and how many there were before their times were looked at. */
function pagesByRuns(
  { pages: index, runs, base }: Pointers,
  flags: Uint8Array,
  range: TimeRange,
): { pages: PageSet; ofStreams: number } {
  const start = Number(range.start - base);
  const end = Number(range.end - base);
  const pages = noPages(index.count);
  const isEveryStream = !flags.includes(0);
  let ofStreams = 0;
  for (let page = 0; page < index.count; page++) {
    if (isEveryStream && index.minTime[page]! >= start && index.maxTime[page]! < end) {
      ofStreams++;
      addPage(pages, page);
      continue;
    }
    let matching = false;
    let inTime = false;
    for (let run = runs.starts[page]!; run < runs.starts[page + 1]!; run++) {
      if (flags[runs.stream[run]!] !== 1) continue;
      matching = true;
      if (runs.maxTime[run]! >= start && runs.minTime[run]! < end) inTime = true;
    }
    if (matching) ofStreams++;
    if (inTime) addPage(pages, page);
  }
  return { pages, ofStreams };
}

function describe(
  { entry, streams, flags }: MatchedObject,
  section: number,
  pointers: Pointers,
  pages: Int32Array,
  prunedBy: PrunedPages,
  range: TimeRange,
): SectionDescriptor {
  const times = timesOf(entry, section);
  const isWhole = times.minTime >= range.start && times.maxTime < range.end && !flags.includes(0);
  const { rows, bytes, ...found } =
    isWhole && pages.length === pointers.pages.count
      ? getOrCreate(sumsOfAll, pointers, () => sumRuns(pointers, pages, flags, range))
      : sumRuns(pointers, pages, flags, range);
  return {
    path: entry.path,
    size: entry.size,
    section,
    base: pointers.base,
    ...times,
    streams: { table: streams, ...found },
    pages,
    pagesTotal: pointers.pages.count,
    rows,
    bytes,
    prunedBy,
    source: sourceRange(entry.source),
    pointers,
  };
}

/** Without the parts: nobody who scans asks for them. */
function sourceRange({ writer, fromSeq, toSeq }: ObjectSource): ObjectSource {
  return { writer, fromSeq, toSeq };
}

function timesOf(entry: TocEntry, section: number): Pick<SectionDescriptor, 'minTime' | 'maxTime'> {
  const { minTime, maxTime } = entry.sections.find(({ index }) => index === section)!;
  return { minTime, maxTime };
}

interface RunSums {
  readonly rows: number;
  readonly bytes: number;
  /** Ascending, with the times of each. */
  readonly ids: Int32Array;
  readonly minTime: Float64Array;
  readonly maxTime: Float64Array;
}

/** Of sections that are asked for whole, as long as they are open. */
const sumsOfAll = new WeakMap<Pointers, RunSums>();

/** Adds up the candidate pages' runs that match and overlap the range. */
function sumRuns({ runs, base }: Pointers, pages: Int32Array, flags: Uint8Array, range: TimeRange): RunSums {
  const start = Number(range.start - base);
  const end = Number(range.end - base);
  const minTime = new Float64Array(flags.length).fill(Number.POSITIVE_INFINITY);
  const maxTime = new Float64Array(flags.length).fill(Number.NEGATIVE_INFINITY);
  let [rows, bytes] = [0, 0];
  for (let i = 0; i < pages.length; i++) {
    const last = runs.starts[pages[i]! + 1]!;
    for (let run = runs.starts[pages[i]!]!; run < last; run++) {
      const stream = runs.stream[run]!;
      if (flags[stream] !== 1 || runs.maxTime[run]! < start || runs.minTime[run]! >= end) continue;
      if (runs.minTime[run]! < minTime[stream]!) minTime[stream] = runs.minTime[run]!;
      if (runs.maxTime[run]! > maxTime[stream]!) maxTime[stream] = runs.maxTime[run]!;
      rows += runs.rows[run]!;
      bytes += runs.messageBytes[run]!;
    }
  }
  return { rows, bytes, ...presentStreams(minTime, maxTime) };
}

function presentStreams(minTime: Float64Array, maxTime: Float64Array): Pick<RunSums, 'ids' | 'minTime' | 'maxTime'> {
  const ids = new Int32Array(minTime.length);
  let count = 0;
  for (let stream = 0; stream < minTime.length; stream++) {
    if (minTime[stream]! > maxTime[stream]!) continue;
    minTime[count] = minTime[stream]!;
    maxTime[count] = maxTime[stream]!;
    ids[count++] = stream;
  }
  return { ids: ids.slice(0, count), minTime: minTime.slice(0, count), maxTime: maxTime.slice(0, count) };
}
