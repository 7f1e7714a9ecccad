import type { ScanOptions, SectionTarget } from '../../planning/physical/node.js';
import type { Counts, Pointers, SectionPages, SectionReader, Shapes } from '../../storage/dataobj/types.js';
import type { PaneGrid } from '../aggregate/pane-grid.js';
import { LogBatch } from '../batch/log-batch.js';
import { BATCH_SIZES } from '../batch/sizes.js';
import type { StreamSet } from '../batch/streams.js';
import type { ExecutionContext } from '../context.js';
import { judgeShapes, shapesPay } from '../shapes/judge-section.js';
import { RowShapes } from '../shapes/row-shapes.js';
import type { Verdicts } from '../shapes/verdict.js';
import { countBins, countsFor } from './counted-bins.js';
import { countsSuffice, coverRuns } from './covered-runs.js';
import { LaterPages } from './later-pages.js';
import { LinesRead, type PagesRead } from './lines-read.js';
import { keepFirstCopies, type OlderCopies } from './older-copies.js';
import { PageSource } from './page-source.js';
import type { ScanUse } from './scan.js';
import { ScanFilter } from './scan-filter.js';
import { columnsToRead, isTaken, type SectionColumns } from './section-columns.js';
import { SectionRows, type Stretch } from './section-rows.js';
import { ShapeCounts, shapesSuffice } from './shape-counts.js';
import type { TopKBound } from './top-k.js';

/** Pages that were read in one go. */
export interface GroupPages {
  /** With the columns that decide which rows are wanted. */
  readonly fetched: SectionPages;
  readonly shapes: ReadonlyMap<number, RowShapes> | undefined;
  /** What is known instead of lines. */
  readonly read: PagesRead | undefined;
  /** Lines of those pages whose shapes leave rows open. */
  readonly lines: SectionPages | undefined;
}

/** Reads pages of one section, and counts without reading where it may. */
export class SectionScan {
  readonly rows: SectionRows;
  #columns!: SectionColumns;
  #loadLater: ((page: number) => Promise<SectionPages>) | undefined;
  #verdicts: Verdicts | undefined;
  #shapes: Shapes | undefined;
  #linesRead: LinesRead | undefined;
  #panes: PaneGrid | undefined;
  readonly #reader: SectionReader;
  readonly #context: ExecutionContext;
  readonly #streams: StreamSet;
  readonly #pointers: Pointers;
  readonly #filter: ScanFilter;
  readonly #copies: OlderCopies;
  readonly #target: SectionTarget;
  readonly #scan: ScanOptions;
  #shapeCounts: ShapeCounts | undefined;
  /** For times of which few are kept. */
  #room = new Float64Array(0);

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
    this.rows = new SectionRows(target, scan, reader.pointers, streams.count, context.counters);
  }

  /** Chooses the columns to read, by what can be told from the shapes of lines. */
  async choose(
    pages: readonly number[],
    { loads = false, counting, panes = counting, parses = false, lineReaders }: ScanUse,
  ): Promise<SectionColumns> {
    const entries = this.#copies.size > 0;
    const sizes = this.#context.sizes ?? BATCH_SIZES;
    // Who wants rows in order mostly has enough after a few pages.
    if (!entries && this.#scan.order === 'any') {
      this.#verdicts = await judgeShapes(this.#reader, this.#filter, pages, sizes);
      const isParsed = parses && !isTaken(this.#scan, this.#pointers);
      if (isParsed && shapesPay(this.#reader, pages, sizes.parsedBytesPerShapeByte))
        this.#shapes = await this.#reader.shapes();
      if (this.#shapes && lineReaders && !this.#filter.readsMessage)
        this.#linesRead = new LinesRead(lineReaders, this.#shapes, this.#reader);
    }
    if (!entries) this.#panes = panes;
    if (this.#verdicts && counting && shapesSuffice(this.#scan, this.#pointers))
      this.#shapeCounts = new ShapeCounts(this.#pointers, this.#verdicts, counting, this.rows.range);
    const chosenBy = {
      entries,
      shapes: this.#verdicts !== undefined,
      parsed: this.#shapes !== undefined,
      linesLater: this.#linesRead !== undefined,
      message: this.#filter.readsMessage,
      times: pages.some((page) => this.#timeOfAll(page) === undefined),
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

  /** A time that will do for all wanted rows of a page, where of times nothing but the pane matters and it is one for all. */
  #timeOfAll(page: number): number | undefined {
    const grid = this.#panes;
    if (!grid) return undefined;
    const [first, last] = this.rows.timesOf(page);
    const [from, to] = this.rows.range;
    if (first < from || last >= to) return undefined;
    const shift = Number(this.#pointers.base - grid.origin);
    grid.locate(first + shift);
    return grid.covers(first + shift, last + shift) ? first : undefined;
  }

  /**
   * What is known of the rows of pages from the shapes of their lines; undefined when nothing is. Pages that can be counted
   * by that alone are counted, and left out.
   */
  shapesOf(pages: readonly number[], fetched: SectionPages): ReadonlyMap<number, RowShapes> | undefined {
    const verdicts = this.#verdicts;
    if (!verdicts) return undefined;
    const known = new Map<number, RowShapes>();
    let room = new Int32Array(0);
    for (const page of pages) {
      const { first, last } = this.rows.stretch(page);
      if (room.length < last - first) room = new Int32Array(last - first);
      const ids = room.subarray(0, last - first);
      fetched.shapeIds(page, ids, first);
      const shapes = new RowShapes(ids, verdicts);
      if (this.#shapeCounts && shapes.open === 0) {
        this.#countPage(this.#shapeCounts, page, shapes, fetched);
        continue;
      }
      known.set(page, shapes);
      room = new Int32Array(0);
    }
    return known;
  }

  /** Which lines are read, and the numbers that stand for others; undefined where shapes do not tell, or not alone. */
  async linesRead(pages: readonly number[], fetched: SectionPages): Promise<PagesRead | undefined> {
    return this.#linesRead?.of(pages, fetched, this.rows);
  }

  #countPage(counts: ShapeCounts, page: number, { ids, possible }: RowShapes, fetched: SectionPages): void {
    const { runs } = this.#pointers;
    const { counters } = this.#context;
    const time = this.#timeOfAll(page);
    const times = possible > 0 && time === undefined ? new Float64Array(ids.length) : undefined;
    const { first } = this.rows.stretch(page);
    if (times) fetched.timestamps(page, times, first);
    counters.pages++;
    for (let run = runs.starts[page]!, from = -first; run < runs.starts[page + 1]!; run++) {
      const part = { stream: runs.stream[run]!, from, to: from + runs.rows[run]! };
      from = part.to;
      if (!this.rows.wantsRun(run)) continue;
      this.rows.countScanned(run);
      counters.rowsScanned += runs.rows[run]!;
      if (possible === 0) continue;
      counters.rowsKept += times ? counts.addEach(part, ids, times) : counts.addAll(part, ids, time!);
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
    if (this.rows.wanted.includes(1) && countsSuffice(this.#scan, this.#pointers)) batches.push(this.#countRuns(grid));
    return batches;
  }

  #countBins(grid: PaneGrid, index: number, counts: Counts): LogBatch {
    const asked = { scan: this.#scan, pointers: this.#pointers, streams: this.#streams };
    const bins = countBins({ ...asked, wanted: this.rows.wanted, copies: this.#copies, grid }, index, counts);
    this.#filter.apply(bins.batch);
    for (let stream = 0; stream < bins.streams.length; stream++)
      if (bins.streams[stream] === 1) this.rows.wanted[stream] = 0;
    return bins.batch;
  }

  #countRuns(grid: PaneGrid): LogBatch {
    const { covered, batch } = coverRuns(
      this.#target,
      this.#scan,
      this.#pointers,
      this.#streams,
      this.rows.wanted,
      this.#copies,
      grid,
    );
    this.rows.covered = covered;
    return batch;
  }

  /** Of rows beyond the bound nothing is looked at but their times. */
  read(page: number, pages: GroupPages, bound: TopKBound | undefined): LogBatch {
    const { counters } = this.#context;
    const { fetched, shapes, read, lines } = pages;
    const known = shapes?.get(page);
    const cut = known?.possible === 0 ? undefined : this.rows.cutOf(page, bound);
    const { stretch, times } = this.#timed(page, pages, cut);
    const source = new PageSource(
      page,
      stretch,
      { fetched, lines, shapes: this.#shapes, read },
      this.#pointers,
      this.#columns,
      this.#loadLater,
    );
    const batch = new LogBatch(this.#pointers.base, times, this.#streams, new Int32Array(times.length), source);
    this.rows.selectRuns(page, stretch, batch);
    if (cut) this.rows.cutByTime(batch, cut);
    counters.pages++;
    counters.rowsScanned += batch.count;
    keepFirstCopies(batch, this.#copies);
    this.#filter.apply(batch, known);
    counters.rowsKept += batch.count;
    return batch;
  }

  /** The rows of a page from the first that is wanted to the last, and their times, as far as anybody is going to ask. */
  #timed(
    page: number,
    { fetched, shapes, read }: GroupPages,
    cut: readonly [number, number] | undefined,
  ): { readonly stretch: Stretch; readonly times: Float64Array } {
    const stretch = this.rows.stretch(page);
    // What is known of shapes is known of the whole stretch.
    const isNarrowed = cut !== undefined && !shapes && !read;
    const rows = stretch.last - stretch.first;
    const times = isNarrowed ? this.#roomFor(rows) : new Float64Array(rows);
    if (shapes?.get(page)?.possible === 0) return { stretch, times };
    const time = this.#timeOfAll(page);
    if (time === undefined) fetched.timestamps(page, times, stretch.first);
    else times.fill(time);
    if (!isNarrowed) return { stretch, times };
    const left = this.rows.between(page, stretch, times, cut);
    return { stretch: left, times: times.slice(left.first - stretch.first, left.last - stretch.first) };
  }

  #roomFor(rows: number): Float64Array {
    if (this.#room.length < rows) this.#room = new Float64Array(rows);
    return this.#room.subarray(0, rows);
  }
}
