import type { Shapes } from '../../storage/dataobj/types.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import { ByteIndex } from '../batch/byte-index.js';
import type { ParsedNames } from '../functions/parsed-names.js';
import type { LineMatcher } from '../kernels/line-matcher.js';
import { TraceProgram } from './trace-program.js';
import type { TraceRecorder } from './trace-recorder.js';

/** Where the trace of a shape is, if not: */
const UNKNOWN = -1;
/** Lines have to be parsed. */
export const BY_LINE = -2;
/** Nothing is found in any line. */
export const NOTHING = -3;

/** Beyond these a book is closed. */
const SHAPE_BYTES_MAX = 8 << 20;
const NAMES_MAX = 10_000;

/** What makes a trace: all of this follows from the function that a query asks for. */
export interface TraceMaker {
  readonly recorder: TraceRecorder;
  readonly names: ParsedNames;
  /** In other lines, and their shapes, nothing can be found. */
  readonly relevant: LineMatcher | undefined;
  readonly errorsUnseen: boolean;
}

/**
 * The traces of one function over all shapes that it has met: sections of a service have mostly the same shapes, and who asks a question again
 * asks it of the same sections.
 */
export class TraceBook {
  readonly program = new TraceProgram();
  readonly #maker: TraceMaker;
  readonly #index = new ByteIndex();
  /** By number in the index. */
  readonly #entries: number[] = [];
  /** By the shapes of a section. */
  readonly #known = new WeakMap<object, Int32Array>();

  constructor(maker: TraceMaker) {
    this.#maker = maker;
  }

  get names(): ParsedNames {
    return this.#maker.names;
  }

  /** Whether it has grown so large that another is to be begun. */
  get full(): boolean {
    return this.#index.bytes > SHAPE_BYTES_MAX || this.names.count > NAMES_MAX;
  }

  /** Of all shapes of a section, to be completed by `entryOf`. */
  entriesOf(shapes: Shapes): Int32Array {
    return getOrCreate(this.#known, shapes.section ?? shapes, () => this.#firstEntries(shapes));
  }

  /** The place of a shape's trace in the program, BY_LINE or NOTHING. `entries`: those of all shapes. */
  entryOf(shapes: Shapes, entries: Int32Array, shape: number): number {
    let entry = entries[shape]!;
    if (entry === UNKNOWN) {
      entry = this.#entryOf(shapes.bytes, shapes.starts[shape]!, shapes.ends[shape]!);
      entries[shape] = entry;
    }
    return entry;
  }

  #firstEntries(shapes: Shapes): Int32Array {
    const { count } = shapes;
    const entries = new Int32Array(count);
    const { relevant } = this.#maker;
    if (!relevant || count === 0) return entries.fill(UNKNOWN);
    const { starts, ends, bytes } = shapes;
    entries.fill(NOTHING);
    // Up to the next one's start, which may say too much of one, and never too little.
    const offsets = new Int32Array(count + 1);
    offsets.set(starts);
    offsets[count] = ends[count - 1]!;
    const found = new Int32Array(count);
    const hits = relevant.match(offsets, bytes, null, count, found);
    for (let i = 0; i < hits; i++) entries[found[i]!] = UNKNOWN;
    return entries;
  }

  #entryOf(bytes: Buffer, start: number, end: number): number {
    const number = this.#index.number(bytes, start, end);
    const known = this.#entries[number];
    if (known !== undefined) return known;
    const entry = this.#trace(bytes, start, end);
    this.#entries[number] = entry;
    return entry;
  }

  #trace(bytes: Buffer, start: number, end: number): number {
    const { recorder, errorsUnseen } = this.#maker;
    const trace = recorder.record(bytes, start, end);
    if (trace === undefined) return BY_LINE;
    const seen = errorsUnseen ? { ...trace, fault: undefined } : trace;
    if (seen.values.length === 0 && seen.fault === undefined) return NOTHING;
    return this.program.add(seen, bytes, start, end);
  }
}

const BOOKS_MAX = 8;
/** Of this thread, the one used last at the end. */
const books = new Map<string, TraceBook>();

/** The book of a function, which `key` says all about. */
export function traceBook(key: string, make: () => TraceMaker): TraceBook {
  const kept = books.get(key);
  const book = kept && !kept.full ? kept : new TraceBook(make());
  books.delete(key);
  books.set(key, book);
  if (books.size > BOOKS_MAX) books.delete(books.keys().next().value!);
  return book;
}
