import type { ScanOptions, SectionTarget } from '../../planning/physical/node.js';
import {
  type Counts,
  MESSAGE_COLUMN,
  type Pointers,
  type SectionPages,
  type SectionReader,
  type Shapes,
} from '../../storage/dataobj/types.js';
import type { PaneGrid } from '../aggregate/pane-grid.js';
import { LogBatch } from '../batch/log-batch.js';
import { BATCH_SIZES } from '../batch/sizes.js';
import type { StreamSet } from '../batch/streams.js';
import { tenantStreams } from '../batch/tenant-streams.js';
import type { ExecutionContext } from '../context.js';
import { type Pipeline, prefetched } from '../pipeline.js';
import { judgeShapes, shapesPay } from '../shapes/judge-section.js';
import { RowShapes } from '../shapes/row-shapes.js';
import type { Verdicts } from '../shapes/verdict.js';
import { countBins, countsFor } from './counted-bins.js';
import { countsSuffice, coverRuns } from './covered-runs.js';
import { LaterPages } from './later-pages.js';
import { LinesRead, type PagesRead } from './lines-read.js';
import { keepFirstCopies, type OlderCopies } from './older-copies.js';
import { pageGroups } from './page-groups.js';
import { PageSource } from './page-source.js';
import type { ScanUse } from './scan.js';
import { ScanFilter } from './scan-filter.js';
import { columnsToRead, isTaken, type SectionColumns } from './section-columns.js';
import { sectionStreams } from './section-streams.js';
import { ShapeCounts, shapesSuffice } from './shape-counts.js';
import type { TopKBound } from './top-k.js';

/** Reads the candidate pages of one section: rows of the wanted streams, in the range, that meet the predicates. */
export async function* scanSection(
  target: SectionTarget,
  scan: ScanOptions,
  context: ExecutionContext,
  use: ScanUse,
  copies: OlderCopies,
): Pipeline<LogBatch> {
  const { bound, counting, loads = false } = use;
  const object = await context.openObject(target.location);
  const own = sectionStreams(await object.streams());
  const streams = target.tenant === undefined ? own : tenantStreams(own, target.tenant);
  const reader = await object.section(target.section);
  const section = new SectionScan(target, scan, context, streams, reader, copies);
  if (counting) {
    for (const batch of await section.count(counting)) if (batch.count > 0) yield batch;
  }
  const { fetchBytes } = context.sizes ?? BATCH_SIZES;
  const wantedPages = section.pagesLeft();
  if (wantedPages.length === 0) return;
  const columns = await section.choose(wantedPages, use);
  const groups = pageGroups(wantedPages, reader.pointers, columns, scan.order, fetchBytes);
  // The next pages are being read while those before are worked on.
  for await (const { wanted, pages } of prefetched(fetchGroups(groups, section, columns, reader, context, bound))) {
    const incomplete: LogBatch[] = [];
    for (const page of wanted) {
      context.signal.throwIfAborted();
      if (bound?.excludes(...section.bounds(page))) continue;
      const batch = section.read(page, pages);
      if (batch.count === 0) {
        batch.release();
        continue;
      }
      if (loads || columns.later.length === 0) yield batch;
      else incomplete.push(batch);
    }
    await Promise.all(incomplete.map((batch) => batch.load()));
    for (const batch of incomplete) {
      context.signal.throwIfAborted();
      yield batch;
    }
  }
  const counted = section.countedByShapes();
  if (counted && counted.count > 0) yield counted;
}

/** Pages that were read in one go. */
interface GroupPages {
  /** With the columns that decide which rows are wanted. */
  readonly fetched: SectionPages;
  readonly shapes: ReadonlyMap<number, RowShapes> | undefined;
  readonly shapeIds: ReadonlyMap<number, Int32Array> | undefined;
  /** Lines of those pages whose shapes leave rows open. */
  readonly lines: SectionPages | undefined;
}

interface FetchedGroup {
  readonly wanted: readonly number[];
  readonly pages: GroupPages;
}

async function* fetchGroups(
  groups: readonly number[][],
  section: SectionScan,
  columns: SectionColumns,
  reader: SectionReader,
  { counters }: ExecutionContext,
  bound: TopKBound | undefined,
): Pipeline<FetchedGroup> {
  for (const group of groups) {
    const wanted = group.filter((page) => !bound?.excludes(...section.bounds(page)));
    counters.pagesPruned += group.length - wanted.length;
    if (wanted.length === 0) continue;
    const ascending = [...wanted].sort((a, b) => a - b);
    const fetched = await reader.fetch(columns.first, ascending);
    const shapes = section.shapesOf(ascending, fetched);
    const read = section.linesRead(ascending, fetched);
    const open = read?.open ?? ascending.filter((page) => (shapes?.get(page)?.open ?? 0) > 0);
    const lines = open.length > 0 ? await reader.fetch([MESSAGE_COLUMN], open) : undefined;
    const left = shapes ? wanted.filter((page) => shapes.has(page)) : wanted;
    yield { wanted: left, pages: { fetched, shapes, shapeIds: read?.shapeIds, lines } };
  }
}

class SectionScan {
  #columns!: SectionColumns;
  #loadLater: ((page: number) => Promise<SectionPages>) | undefined;
  #verdicts: Verdicts | undefined;
  #shapes: Shapes | undefined;
  #linesRead: LinesRead | undefined;
  #counting: PaneGrid | undefined;
  readonly #reader: SectionReader;
  readonly #context: ExecutionContext;
  readonly #streams: StreamSet;
  readonly #pointers: Pointers;
  readonly #filter: ScanFilter;
  readonly #copies: OlderCopies;
  readonly #wanted: Uint8Array;
  readonly #from: number;
  readonly #to: number;
  readonly #target: SectionTarget;
  readonly #scan: ScanOptions;
  #covered: Uint8Array | undefined;
  #shapeCounts: ShapeCounts | undefined;

  constructor(
    target: SectionTarget,
    scan: ScanOptions,
    context: ExecutionContext,
    streams: StreamSet,
    reader: SectionReader,
    copies: OlderCopies,
  ) {
    this.#target = target;
    this.#scan = scan;
    this.#context = context;
    this.#streams = streams;
    this.#reader = reader;
    this.#pointers = reader.pointers;
    this.#filter = new ScanFilter(scan.predicates);
    this.#copies = copies;
    this.#wanted = new Uint8Array(streams.count);
    for (const stream of target.streams) this.#wanted[stream] = 1;
    this.#from = Number(scan.range.start - reader.pointers.base);
    this.#to = Number(scan.range.end - reader.pointers.base);
  }

  /** Chooses the columns to read, by what can be told from the shapes of lines. */
  async choose(
    pages: readonly number[],
    { loads = false, counting, parses = false, lineReaders }: ScanUse,
  ): Promise<SectionColumns> {
    const entries = this.#copies.size > 0;
    const sizes = this.#context.sizes ?? BATCH_SIZES;
    // Who wants rows in order mostly has enough after a few pages.
    if (!entries && this.#scan.order === 'any') {
      this.#verdicts = await judgeShapes(this.#reader, this.#filter, pages, sizes);
      const isParsed = parses && !isTaken(this.#scan, this.#pointers);
      if (isParsed && shapesPay(this.#reader, pages, sizes)) this.#shapes = await this.#reader.shapes();
      if (this.#shapes && lineReaders && !this.#filter.readsMessage)
        this.#linesRead = new LinesRead(lineReaders, this.#shapes, this.#pointers);
    }
    if (!entries) this.#counting = counting;
    if (this.#verdicts && counting && shapesSuffice(this.#scan, this.#pointers))
      this.#shapeCounts = new ShapeCounts(this.#pointers, this.#verdicts, counting, [this.#from, this.#to]);
    const chosenBy = {
      entries,
      shapes: this.#verdicts !== undefined,
      parsed: this.#shapes !== undefined,
      linesLater: this.#linesRead !== undefined,
      message: this.#filter.readsMessage,
      times: pages.some((page) => this.#needsTimes(page)),
    };
    const { predicates } = this.#scan;
    // Where no page is going to be left out, two reads would be one too many.
    this.#columns = columnsToRead(this.#scan, this.#pointers, chosenBy, loads || predicates.length > 0);
    const { later } = this.#columns;
    if (later.length > 0) {
      const laterPages = new LaterPages(this.#reader, later);
      this.#loadLater = (page) => laterPages.load(page);
    }
    return this.#columns;
  }

  /** False where rows are only counted, and those of the page all at once, so that any time of the page will do. */
  #needsTimes(page: number): boolean {
    const grid = this.#counting;
    if (!grid || !this.#isInside(page)) return true;
    const { base, pages } = this.#pointers;
    const shift = Number(base - grid.origin);
    grid.locate(pages.minTime[page]! + shift);
    return !grid.covers(pages.minTime[page]! + shift, pages.maxTime[page]! + shift);
  }

  #isInside(page: number): boolean {
    const { pages } = this.#pointers;
    return pages.minTime[page]! >= this.#from && pages.maxTime[page]! < this.#to;
  }

  /**
   * What is known of the rows of pages from the shapes of their lines; undefined when nothing is. Pages that can be counted
   * by that alone are counted, and left out.
   */
  shapesOf(pages: readonly number[], fetched: SectionPages): ReadonlyMap<number, RowShapes> | undefined {
    const verdicts = this.#verdicts;
    if (!verdicts) return undefined;
    const known = new Map<number, RowShapes>();
    let ids = new Int32Array(0);
    for (const page of pages) {
      const rows = fetched.rows[page]!;
      if (ids.length < rows) ids = new Int32Array(rows);
      fetched.shapeIds(page, ids);
      const shapes = new RowShapes(ids.subarray(0, rows), verdicts);
      if (this.#shapeCounts && shapes.open === 0) {
        this.#countPage(this.#shapeCounts, page, shapes, fetched);
        continue;
      }
      known.set(page, shapes);
      ids = new Int32Array(0);
    }
    return known;
  }

  /** Which lines are read; undefined where shapes do not tell, or not alone. */
  linesRead(pages: readonly number[], fetched: SectionPages): PagesRead | undefined {
    return this.#linesRead?.of(pages, fetched, (run) => this.#wantsRun(run));
  }

  #countPage(counts: ShapeCounts, page: number, { ids, possible }: RowShapes, fetched: SectionPages): void {
    const { runs, pages } = this.#pointers;
    const { counters } = this.#context;
    const times = possible > 0 && this.#needsTimes(page) ? new Float64Array(ids.length) : undefined;
    if (times) fetched.timestamps(page, times);
    counters.pages++;
    for (let run = runs.starts[page]!, from = 0; run < runs.starts[page + 1]!; run++) {
      const part = { stream: runs.stream[run]!, from, to: from + runs.rows[run]! };
      from = part.to;
      if (!this.#wantsRun(run)) continue;
      this.#countScanned(run);
      counters.rowsScanned += runs.rows[run]!;
      if (possible === 0) continue;
      counters.rowsKept += times ? counts.addEach(part, ids, times) : counts.addAll(part, ids, pages.minTime[page]!);
    }
  }

  countedByShapes(): LogBatch | undefined {
    return this.#shapeCounts?.batch(this.#streams);
  }

  /** Counts what the index alone can count; pages read later leave those rows out. */
  async count(grid: PaneGrid): Promise<LogBatch[]> {
    const batches: LogBatch[] = [];
    const index = countsFor(this.#scan, this.#pointers, grid);
    if (index !== undefined) batches.push(this.#countBins(grid, index, await this.#pointers.counts(index)));
    if (this.#wanted.includes(1) && countsSuffice(this.#scan, this.#pointers)) batches.push(this.#countRuns(grid));
    return batches;
  }

  #countBins(grid: PaneGrid, index: number, counts: Counts): LogBatch {
    const asked = { scan: this.#scan, pointers: this.#pointers, streams: this.#streams };
    const bins = countBins({ ...asked, wanted: this.#wanted, copies: this.#copies, grid }, index, counts);
    this.#filter.apply(bins.batch);
    for (let stream = 0; stream < bins.streams.length; stream++)
      if (bins.streams[stream] === 1) this.#wanted[stream] = 0;
    return bins.batch;
  }

  #countRuns(grid: PaneGrid): LogBatch {
    const { covered, batch } = coverRuns(
      this.#target,
      this.#scan,
      this.#pointers,
      this.#streams,
      this.#wanted,
      this.#copies,
      grid,
    );
    this.#covered = covered;
    return batch;
  }

  /** Candidate pages that still have rows to look at. */
  pagesLeft(): number[] {
    const { runs } = this.#pointers;
    const pages = this.#wanted.includes(1) ? [...this.#target.pages] : [];
    const left = pages.filter((page) => {
      for (let run = runs.starts[page]!; run < runs.starts[page + 1]!; run++) if (this.#wantsRun(run)) return true;
      return false;
    });
    this.#context.counters.pagesPruned += this.#target.pages.length - left.length;
    return left;
  }

  #wantsRun(run: number): boolean {
    const { runs } = this.#pointers;
    if (this.#wanted[runs.stream[run]!] === 0 || this.#covered?.[run] === 1) return false;
    return runs.maxTime[run]! >= this.#from && runs.minTime[run]! < this.#to;
  }

  bounds(page: number): [bigint, bigint] {
    const { base, pages } = this.#pointers;
    return [base + BigInt(pages.minTime[page]!), base + BigInt(pages.maxTime[page]!)];
  }

  read(page: number, { fetched, shapes, shapeIds, lines }: GroupPages): LogBatch {
    const { base, pages: index } = this.#pointers;
    const { counters } = this.#context;
    const rows = index.rows[page]!;
    const times = new Float64Array(rows);
    const source = new PageSource(
      page,
      { fetched, lines, shapes: this.#shapes, shapeIds },
      this.#pointers,
      this.#columns,
      this.#loadLater,
    );
    const batch = new LogBatch(base, times, this.#streams, new Int32Array(rows), source);
    const known = shapes?.get(page);
    this.#selectRuns(page, batch);
    if (known?.possible !== 0) {
      if (this.#needsTimes(page)) fetched.timestamps(page, times);
      else times.fill(index.minTime[page]!);
      if (!this.#isInside(page)) this.#cutByTime(batch);
    }
    counters.pages++;
    counters.rowsScanned += batch.count;
    keepFirstCopies(batch, this.#copies);
    this.#filter.apply(batch, known);
    counters.rowsKept += batch.count;
    return batch;
  }

  /** Fills the stream column from the runs and selects those of wanted streams. */
  #selectRuns(page: number, batch: LogBatch): void {
    const { runs } = this.#pointers;
    const first = runs.starts[page]!;
    const last = runs.starts[page + 1]!;
    const selected = new Int32Array(batch.rows);
    let count = 0;
    for (let run = first, row = 0; run < last; run++) {
      const stream = runs.stream[run]!;
      const end = row + runs.rows[run]!;
      batch.streamIds.fill(stream, row, end);
      if (this.#wantsRun(run)) {
        for (let i = row; i < end; i++) selected[count++] = i;
        this.#countScanned(run);
      }
      row = end;
    }
    if (count < batch.rows) batch.select(selected, count);
  }

  #countScanned(run: number): void {
    const { runs } = this.#pointers;
    const { counters } = this.#context;
    counters.bytesScanned += runs.messageBytes[run]!;
    counters.metadataBytesScanned += runs.metadataBytes[run]!;
  }

  #cutByTime(batch: LogBatch): void {
    const rows = batch.selection ?? new Int32Array(batch.rows);
    const { times } = batch;
    let kept = 0;
    for (let i = 0; i < batch.count; i++) {
      const row = batch.row(i);
      if (times[row]! >= this.#from && times[row]! < this.#to) rows[kept++] = row;
    }
    batch.select(rows, kept);
  }
}
