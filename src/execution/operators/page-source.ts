import {
  MESSAGE_COLUMN,
  type Pointers,
  REST_COLUMN,
  type RestPage,
  type SectionPages,
  SHAPE_COLUMN,
  type Shapes,
  type TextPage,
} from '../../storage/dataobj/types.js';
import type { StringColumn, TextColumn } from '../batch/column.js';
import type { LineShapes, PickableSource } from '../batch/log-batch.js';
import type { PagesRead } from './lines-read.js';
import type { SectionColumns } from './section-columns.js';
import type { Stretch } from './section-rows.js';

export interface ReadPages {
  /** With the first columns. */
  readonly fetched: SectionPages;
  /** Lines of some pages, which were read before any other later column. */
  readonly lines: SectionPages | undefined;
  /** What the column of shapes refers to, if anybody is going to ask. */
  readonly shapes: Shapes | undefined;
  /** Where that column has been decoded, and numbers. */
  readonly read: PagesRead | undefined;
}

/** Columns of a stretch of one page, decoded when asked for; those that nobody was expected to need are as good as absent. */
export class PageSource implements PickableSource {
  readonly #page: number;
  readonly #stretch: Stretch;
  readonly #pages: ReadPages;
  readonly #pointers: Pointers;
  readonly #columns: SectionColumns;
  /** Reads the later columns of a page; undefined when there are none. */
  readonly #loadLater: ((page: number) => Promise<SectionPages>) | undefined;
  #later: SectionPages | undefined;
  #lines: TextPage | undefined;
  #isKept = false;
  #asked: { readonly rows: Int32Array; readonly onPage: Int32Array } | undefined;
  #shapes: LineShapes | undefined;

  constructor(
    page: number,
    stretch: Stretch,
    pages: ReadPages,
    pointers: Pointers,
    columns: SectionColumns,
    loadLater: ((page: number) => Promise<SectionPages>) | undefined,
  ) {
    this.#page = page;
    this.#stretch = stretch;
    this.#pages = pages;
    this.#pointers = pointers;
    this.#columns = columns;
    this.#loadLater = loadLater;
  }

  async load(): Promise<void> {
    if (this.#loadLater && !this.#later) this.#later = await this.#loadLater(this.#page);
  }

  get pickable(): this {
    return this;
  }

  /** Pages of a section share its columns. */
  get scan(): object {
    return this.#columns;
  }

  message(): TextColumn {
    this.#lines = this.#holdingLines().messages(this.#page);
    return this.#isWhole ? this.#lines : linesOf(this.#lines, this.#stretch);
  }

  shapes(): LineShapes | undefined {
    const { shapes, read } = this.#pages;
    if (shapes === undefined || this.#shapes !== undefined) return this.#shapes;
    let ids = read?.shapeIds.get(this.#page);
    if (ids === undefined) {
      const { first, last } = this.#stretch;
      ids = new Int32Array(last - first);
      this.#holding(SHAPE_COLUMN)!.shapeIds(this.#page, ids, first);
    }
    this.#shapes = { ids, shapes, numbers: read?.numbers.get(this.#page) };
    return this.#shapes;
  }

  release(): void {
    if (!this.#isKept) this.#lines?.release?.();
  }

  keep(): void {
    const { fetched, lines } = this.#pages;
    for (const pages of [fetched, lines, this.#later]) if (pages?.keep(this.#page, this.#lines)) this.#isKept = true;
  }

  messageLengths(): undefined {
    return undefined;
  }

  metadataKeys(): readonly string[] {
    const first = this.#pages.fetched.keys(this.#page);
    return this.#later ? [...first, ...this.#later.keys(this.#page)] : first;
  }

  metadata(key: string, rows?: Int32Array): StringColumn | undefined {
    const { first, last } = this.#stretch;
    const own = this.#heldWhen(this.#columns.whenKey.get(key), key);
    if (own) return own.metadata(key, this.#page, rows && this.#onPage(rows), first, last) ?? undefined;
    if (!this.#pointers.restKeys.includes(key)) return undefined;
    const column = restColumn(key, this.#holding(REST_COLUMN)?.rest(this.#page));
    if (column === undefined || this.#isWhole) return column;
    return { ids: column.ids.slice(first, last), values: column.values };
  }

  metadataAt(key: string, rows: Int32Array): StringColumn | undefined {
    const own = this.#heldWhen(this.#columns.whenKey.get(key), key);
    const onPage = this.#onPage(rows);
    if (own) return own.metadataAt(key, this.#page, onPage) ?? undefined;
    if (!this.#pointers.restKeys.includes(key)) return undefined;
    return restColumn(key, this.#holding(REST_COLUMN)?.restAt(this.#page, onPage));
  }

  get #isWhole(): boolean {
    const { first, last } = this.#stretch;
    return first === 0 && last === this.#pointers.pages.rows[this.#page];
  }

  /** Numbers of rows on the page; the same rows are mostly asked for of one column after another. */
  #onPage(rows: Int32Array): Int32Array {
    const { first } = this.#stretch;
    if (first === 0) return rows;
    if (this.#asked?.rows !== rows) this.#asked = { rows, onPage: rows.map((row) => first + row) };
    return this.#asked.onPage;
  }

  #holdingLines(): SectionPages {
    const { lines } = this.#pages;
    return lines?.has(MESSAGE_COLUMN, this.#page) ? lines : this.#holding(MESSAGE_COLUMN)!;
  }

  /** The pages with a column, if it was read. */
  #holding(name: string): SectionPages | undefined {
    return this.#heldWhen(this.#columns.when.get(name), name);
  }

  #heldWhen(when: 'first' | 'later' | undefined, name: string): SectionPages | undefined {
    if (when === 'first') return this.#pages.fetched;
    if (when === undefined) return undefined;
    if (!this.#later) throw new Error(`${name} is asked for before it was loaded`);
    return this.#later;
  }
}

function linesOf({ offsets, bytes }: TextColumn, { first, last }: Stretch): TextColumn {
  const start = offsets[first]!;
  const own = new Int32Array(last - first + 1);
  for (let i = 0; i < own.length; i++) own[i] = offsets[first + i]! - start;
  return { offsets: own, bytes: bytes.subarray(start, offsets[last]!), heldBytes: bytes.length };
}

function restColumn(key: string, rest: RestPage | null | undefined): StringColumn | undefined {
  if (!rest) return undefined;
  const values: string[] = [];
  const ids = rest.values.map((pairs) => (pairs[key] === undefined ? -1 : values.push(pairs[key]) - 1));
  return { ids: rest.ids.map((id) => (id < 0 ? -1 : ids[id]!)), values };
}
