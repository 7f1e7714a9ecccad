import type { Pointers, SectionPages, Shapes } from '../../storage/dataobj/types.js';
import type { LineReader } from '../functions/row-step.js';

const UNKNOWN = 0;
const READ = 1;
const UNREAD = 2;

/** What the shapes of lines tell of some pages before their lines are fetched. */
export interface PagesRead {
  /** Of the rows of each page. */
  readonly shapeIds: ReadonlyMap<number, Int32Array>;
  /** Pages of which lines are going to be read. */
  readonly open: readonly number[];
}

/** Tells from the shapes of a section's lines which pages have lines that are read. */
export class LinesRead {
  readonly #readers: readonly LineReader[];
  readonly #shapes: Shapes;
  readonly #runs: Pointers['runs'];
  readonly #known: Uint8Array;

  /** `readers`: all who read lines. */
  constructor(readers: readonly LineReader[], shapes: Shapes, { runs }: Pointers) {
    this.#readers = readers;
    this.#shapes = shapes;
    this.#runs = runs;
    this.#known = new Uint8Array(shapes.count);
  }

  /** `wantsRun`: whether rows of a run are looked at. */
  of(pages: readonly number[], fetched: SectionPages, wantsRun: (run: number) => boolean): PagesRead {
    const shapeIds = new Map<number, Int32Array>();
    const open = pages.filter((page) => {
      const ids = new Int32Array(fetched.rows[page]!);
      fetched.shapeIds(page, ids);
      shapeIds.set(page, ids);
      return this.#isOpen(page, ids, wantsRun);
    });
    return { shapeIds, open };
  }

  #isOpen(page: number, ids: Int32Array, wantsRun: (run: number) => boolean): boolean {
    const { starts, rows } = this.#runs;
    for (let run = starts[page]!, row = 0; run < starts[page + 1]!; run++) {
      const end = row + rows[run]!;
      if (wantsRun(run)) {
        for (; row < end; row++) if (this.#isRead(ids[row]!)) return true;
      }
      row = end;
    }
    return false;
  }

  #isRead(shape: number): boolean {
    if (this.#known[shape] === UNKNOWN)
      this.#known[shape] = this.#readers.some((reads) => reads(this.#shapes, shape)) ? READ : UNREAD;
    return this.#known[shape] === READ;
  }
}
