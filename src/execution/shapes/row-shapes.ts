import type { LogBatch } from '../batch/log-batch.js';
import { NO, OPEN, type Verdicts, YES } from './verdict.js';

/** What is known of the rows of a page from the shapes of their lines. */
export class RowShapes {
  readonly ids: Int32Array;
  readonly #verdicts: Verdicts;
  /** Rows whose lines have to be read, and rows that are not out, of all the page's. */
  readonly open: number;
  readonly possible: number;

  constructor(ids: Int32Array, verdicts: Verdicts) {
    this.ids = ids;
    this.#verdicts = verdicts;
    let open = 0;
    let possible = 0;
    for (let i = 0; i < ids.length; i++) {
      const verdict = verdicts[ids[i]!]!;
      if (verdict === OPEN) open++;
      if (verdict !== NO) possible++;
    }
    this.open = open;
    this.possible = possible;
  }

  /** Keeps the rows alive that are certain, and of the open ones those that the filter keeps. */
  filter(batch: LogBatch, filterOpen: (batch: LogBatch) => void): void {
    const { selection, count } = batch;
    const sure = new Int32Array(Math.min(count, this.possible - this.open));
    const open = new Int32Array(Math.min(count, this.open));
    let sureCount = 0;
    let openCount = 0;
    for (let i = 0; i < count; i++) {
      const row = selection ? selection[i]! : i;
      const verdict = this.#verdicts[this.ids[row]!]!;
      if (verdict === YES) sure[sureCount++] = row;
      else if (verdict === OPEN) open[openCount++] = row;
    }
    batch.select(open, openCount);
    if (openCount > 0) filterOpen(batch);
    if (batch.count === 0) batch.select(sure, sureCount);
    else if (sureCount > 0) batch.select(merged(sure, sureCount, batch), sureCount + batch.count);
  }
}

/** The rows and those alive, ascending. */
function merged(rows: Int32Array, count: number, batch: LogBatch): Int32Array {
  const all = new Int32Array(count + batch.count);
  for (let i = 0, r = 0, a = 0; i < all.length; i++) {
    const takesRow = a === batch.count || (r < count && rows[r]! < batch.row(a));
    all[i] = takesRow ? rows[r++]! : batch.row(a++);
  }
  return all;
}
