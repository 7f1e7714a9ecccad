import { NUMBER_COLUMNS } from '../../storage/dataobj/logs/number-slots.js';
import { numberColumn, type SectionPages, type SectionReader, type Shapes } from '../../storage/dataobj/types.js';
import type { LineNumbers } from '../batch/log-batch.js';
import { LINE, type LineReader, type Reads } from '../functions/row-step.js';
import type { SectionRows } from './section-rows.js';

type WantedRows = Pick<SectionRows, 'wantsRun' | 'stretch'>;

const UNKNOWN = -1;

/** What the shapes of lines tell of some pages before their lines are fetched. */
export interface PagesRead {
  /** Of the rows of each page's stretch. */
  readonly shapeIds: ReadonlyMap<number, Int32Array>;
  /** Of pages of which no more is read than numbers. */
  readonly numbers: ReadonlyMap<number, LineNumbers>;
  /** Pages of which lines are going to be read. */
  readonly open: readonly number[];
}

/** Tells from the shapes of a section's lines which pages have lines that are read, and of which their numbers suffice. */
export class LinesRead {
  readonly #readers: readonly LineReader[];
  readonly #shapes: Shapes;
  readonly #section: SectionReader;
  /** Numbers that there are columns of. */
  readonly #kept: Reads;
  /** By shape. */
  readonly #known: Int8Array;

  /** `readers`: all who read lines. */
  constructor(readers: readonly LineReader[], shapes: Shapes, section: SectionReader) {
    this.#readers = readers;
    this.#shapes = shapes;
    this.#section = section;
    this.#known = new Int8Array(shapes.count).fill(UNKNOWN);
    let kept = 0;
    for (let n = 0; n < NUMBER_COLUMNS; n++) if (section.pointers.column(numberColumn(n))) kept |= 1 << n;
    this.#kept = kept;
  }

  async of(pages: readonly number[], fetched: SectionPages, rows: WantedRows): Promise<PagesRead> {
    const shapeIds = new Map<number, Int32Array>();
    const read = pages.map((page) => {
      const { first, last } = rows.stretch(page);
      const ids = new Int32Array(last - first);
      fetched.shapeIds(page, ids, first);
      shapeIds.set(page, ids);
      return { page, reads: this.#readsOf(page, ids, rows) };
    });
    const numbered = read.filter(({ reads }) => reads > 0 && reads < LINE);
    const numbers = await this.#numbersOf(numbered, rows);
    for (const [page, ofPage] of numbers) {
      if (!this.#suffice(page, ofPage, shapeIds.get(page)!, rows)) numbers.delete(page);
    }
    const open = read.filter(({ page, reads }) => reads > 0 && !numbers.has(page)).map(({ page }) => page);
    return { shapeIds, numbers, open };
  }

  #readsOf(page: number, ids: Int32Array, rows: WantedRows): Reads {
    let reads = 0;
    this.#eachWanted(page, rows, (row) => {
      reads |= this.#readsOfShape(ids[row]!);
      return reads < LINE;
    });
    return reads;
  }

  #readsOfShape(shape: number): Reads {
    const known = this.#known[shape]!;
    if (known !== UNKNOWN) return known;
    const reads = this.#readers.reduce((all, reader) => all | reader(this.#shapes, shape), 0);
    this.#known[shape] = (reads & ~this.#kept) === 0 ? reads : LINE;
    return this.#known[shape]!;
  }

  async #numbersOf(
    pages: readonly { page: number; reads: Reads }[],
    rows: WantedRows,
  ): Promise<Map<number, LineNumbers>> {
    const all = pages.reduce((reads, one) => reads | one.reads, 0);
    const columns = numbersIn(all);
    if (columns.length === 0) return new Map();
    const fetched = await this.#section.fetch(
      columns.map(numberColumn),
      pages.map(({ page }) => page),
    );
    return new Map(
      pages.map(({ page, reads }) => {
        const numbers: (Float64Array | undefined)[] = [];
        const { first, last } = rows.stretch(page);
        for (const n of numbersIn(reads)) numbers[n] = fetched.numbers(n, page, first, last);
        return [page, numbers];
      }),
    );
  }

  /** Whether each number that is asked for is there: odd ones are kept in no column. */
  #suffice(page: number, numbers: LineNumbers, ids: Int32Array, rows: WantedRows): boolean {
    return this.#eachWanted(page, rows, (row) => {
      let reads = this.#known[ids[row]!]!;
      for (let n = 0; reads !== 0; n++, reads >>= 1)
        if ((reads & 1) !== 0 && Number.isNaN(numbers[n]![row]!)) return false;
      return true;
    });
  }

  /** Rows of the stretch, until `look` says no. Returns whether it never did. */
  #eachWanted(page: number, wanted: WantedRows, look: (row: number) => boolean): boolean {
    const { starts, rows } = this.#section.pointers.runs;
    const { first } = wanted.stretch(page);
    for (let run = starts[page]!, row = -first; run < starts[page + 1]!; run++) {
      const end = row + rows[run]!;
      if (wanted.wantsRun(run)) for (; row < end; row++) if (!look(row)) return false;
      row = end;
    }
    return true;
  }
}

function numbersIn(reads: Reads): number[] {
  return Array.from({ length: NUMBER_COLUMNS }, (_, n) => n).filter((n) => (reads & (1 << n)) !== 0);
}
