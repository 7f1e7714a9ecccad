/**
 * Turns a selector into the sections and pages worth reading. Every step only removes what certainly has no matching row:
 * objects and sections by time, pages by their streams and times, by metadata values, and by the text of messages.
 */
import { getOrCreate } from '../../wire/get-or-create.js';
import type { TimeRange } from '../../wire/time.js';
import type { ObjectSource, Pointers } from '../dataobj/types.js';
import { remembering } from './match-streams.js';
import type { MatchedObject, Metastore } from './metastore.js';
import { countPages, keepAny, listPages, type PageSet } from './page-set.js';
import { type AskedStreams, pagesOfStreams, type RunSums, sumRuns } from './section-runs.js';
import { type Stretch, stretchesOf } from './stretches.js';
import type { Catalog, Enough, PrunedPages, Resolution, ResolveRequest, SectionDescriptor, TocEntry } from './types.js';
import { earlier, later, overlaps } from './window.js';

export class MetastoreCatalog implements Catalog {
  readonly #metastore: Metastore;

  constructor(metastore: Metastore) {
    this.#metastore = metastore;
  }

  async resolve(request: ResolveRequest): Promise<Resolution> {
    const { tenant, range } = request;
    const { entries, damaged } = await this.#metastore.entries(tenant, range);
    const matchers = remembering(request.matchers);
    const sections: SectionDescriptor[] = [];
    let [objects, sectionsTotal] = [0, 0];
    for (const stretch of inStretches(entries, request)) {
      const found = await this.#metastore.matchesIn(stretch.entries, range, matchers, async (match) => {
        const wanted = match.entry.sections.filter(({ index, minTime, maxTime }) => {
          return overlaps(range, minTime, maxTime) && inShard(match.entry.path, index, request.shard);
        });
        sectionsTotal += wanted.length;
        const resolved = await Promise.all(wanted.map(({ index }) => resolveSection(match, index, request)));
        return resolved.filter((section) => section !== undefined);
      });
      sections.push(...found.results.flat());
      damaged.push(...found.damaged);
      objects += stretch.entries.length;
      const part = partWithEnough(stretch, sections, request.enough);
      const rest = part && restOf(range, part);
      if (!rest) continue;
      const inPart = sections.filter(({ minTime, maxTime }) => overlaps(part, minTime, maxTime));
      return { sections: inPart.sort(byTime), damaged, objects, sectionsTotal, rest };
    }
    return { sections: sections.sort(byTime), damaged, objects, sectionsTotal };
  }
}

/** All at once, or as far as the first rows are likely to reach. */
function inStretches(entries: readonly TocEntry[], { range, enough }: ResolveRequest): Iterable<Stretch> {
  const stored = entries.reduce(
    (sum, entry) => entry.sections.reduce((bytes, section) => bytes + section.bytes, sum),
    0,
  );
  if (!enough || stored > enough.storedBytesMax) return [{ entries, parts: [] }];
  return stretchesOf(entries, range, enough.newestFirst);
}

/** What of a range lies beyond its part; undefined where nothing does. */
function restOf(range: TimeRange, part: TimeRange): TimeRange | undefined {
  if (part.start > range.start) return { start: range.start, end: earlier(part.start, range.end) };
  return part.end < range.end ? { start: later(part.end, range.start), end: range.end } : undefined;
}

/** The shortest part with enough; undefined where there is none. */
function partWithEnough(
  { parts }: Stretch,
  sections: readonly SectionDescriptor[],
  enough: ResolveRequest['enough'],
): TimeRange | undefined {
  const [longest] = parts.slice(-1);
  if (!enough || !longest || !hasEnough(sections, longest, enough)) return undefined;
  return parts.find((part) => hasEnough(sections, part, enough));
}

/** Only sections that lie in the part as a whole are sure to have their pages there. */
function hasEnough(sections: readonly SectionDescriptor[], part: TimeRange, enough: Enough): boolean {
  let [rows, bytes] = [0, 0];
  for (const section of sections) {
    if (section.minTime < part.start || section.maxTime >= part.end) continue;
    rows += section.rows;
    bytes += section.bytes;
  }
  return rows >= enough.rows && bytes >= enough.bytes;
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
  const asked = { ids: match.ids, of: match.streams.count };
  const { pages, prunedBy } = await candidatePages(pointers, asked, {
    ...request,
    metadataEquals: aboutMetadata(match, request),
  });
  if (countPages(pages) === 0) return undefined;
  return describe(match, section, pointers, pages, prunedBy, request.range);
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
  asked: AskedStreams,
  { range, metadataEquals = [], needles = [] }: ResolveRequest,
): Promise<{ pages: PageSet; prunedBy: PrunedPages }> {
  const { pages, ofStreams } = pagesOfStreams(pointers, asked, range);
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

function describe(
  { entry, streams, ids }: MatchedObject,
  section: number,
  pointers: Pointers,
  pages: PageSet,
  prunedBy: PrunedPages,
  range: TimeRange,
): SectionDescriptor {
  const times = timesOf(entry, section);
  const asked = { ids, of: streams.count };
  const isWhole = times.minTime >= range.start && times.maxTime < range.end && ids.length === streams.count;
  const { rows, bytes, ...found } =
    isWhole && countPages(pages) === pointers.pages.count
      ? getOrCreate(sumsOfAll, pointers, () => sumRuns(pointers, pages, asked, range))
      : sumRuns(pointers, pages, asked, range);
  return {
    path: entry.path,
    size: entry.size,
    section,
    base: pointers.base,
    ...times,
    streams: { table: streams, ...found },
    pages: listPages(pages),
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

/** Of sections that are asked for whole, as long as they are open. */
const sumsOfAll = new WeakMap<Pointers, RunSums>();
