import { parsePattern } from '../../planning/extract/pattern.js';
import type { RowFunction } from '../../planning/physical/expression.js';
import type { Shapes } from '../../storage/dataobj/types.js';
import type { LineShapes, LogBatch } from '../batch/log-batch.js';
import { LINE, type Reads } from '../functions/row-step.js';
import { BY_LINE, NOTHING, type TraceBook } from './trace-book.js';
import type { TraceSink } from './trace-program.js';

/** Whether the shape of a line can tell what the function does with it. */
export function parsesByShape(fn: RowFunction): boolean {
  switch (fn.kind) {
    case 'parse-json':
    case 'parse-logfmt':
      // Names that depend on numbers may not be asked for.
      return ![...(fn.keys ?? []), ...(fn.until ?? [])].some((name) => /[0-9]/.test(name));
    case 'parse-pattern':
      // What is looked for has to be found in the shape too.
      return parsePattern(fn.pattern).every((node) => node.kind !== 'literal' || !/[0-9a-f]/.test(node.text));
    default:
      return false;
  }
}

/** Parses a shape once instead of each of its lines. */
export class ShapeParser {
  readonly #book: TraceBook;
  readonly #sink: TraceSink;
  #batch!: LogBatch;
  /** Only asked for when one is read. */
  readonly #lines = () => this.#batch.message;
  /** Of the batch, once the first row is asked for; null: nothing is known of them. */
  #of: LineShapes | null | undefined;
  #shapes: Shapes | undefined;
  #entries: Int32Array = new Int32Array(0);

  /** `sink`: one with the names of the book. */
  constructor(book: TraceBook, sink: TraceSink) {
    this.#book = book;
    this.#sink = sink;
  }

  /** Every following row is one of this batch. */
  begin(batch: LogBatch): void {
    this.#batch = batch;
    this.#of = undefined;
  }

  /** False: the line has to be parsed. */
  parse(row: number): boolean {
    if (this.#of === undefined) this.#of = this.#batch.lineShapes() ?? null;
    if (this.#of === null) return false;
    const entry = this.#entryOf(this.#of.shapes, this.#of.ids[row]!);
    if (entry === NOTHING) return true;
    if (entry === BY_LINE) return false;
    this.#book.program.replay(entry, this.#lines, this.#of.numbers, row, this.#sink);
    return true;
  }

  /** What has to be read of lines of the shape. */
  reads(shapes: Shapes, shape: number): Reads {
    const entry = this.#entryOf(shapes, shape);
    if (entry === BY_LINE) return LINE;
    return entry === NOTHING ? 0 : this.#book.program.reads(entry);
  }

  #entryOf(shapes: Shapes, shape: number): number {
    if (shapes !== this.#shapes) {
      this.#shapes = shapes;
      this.#entries = this.#book.entriesOf(shapes);
    }
    return this.#book.entryOf(shapes, this.#entries, shape);
  }
}
