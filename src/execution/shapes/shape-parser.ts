import { parsePattern } from '../../planning/extract/pattern.js';
import type { RowFunction } from '../../planning/physical/expression.js';
import type { Shapes } from '../../storage/dataobj/types.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import type { TextColumn } from '../batch/column.js';
import type { LineShapes, LogBatch } from '../batch/log-batch.js';
import type { FieldSink, LineParser } from '../extract/field-sink.js';
import type { LineMatcher } from '../kernels/line-matcher.js';
import { TraceProgram } from './trace-program.js';
import { TraceRecorder } from './trace-recorder.js';

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

/** Where the trace of a shape is, if not: */
const UNKNOWN = -1;
const BY_LINE = -2;
const NOTHING = -3;

interface Traces {
  readonly entries: Int32Array;
  readonly program: TraceProgram;
}

const NO_LINES: TextColumn = { offsets: new Int32Array(2), bytes: Buffer.alloc(0) };

/** Parses a shape once instead of each of its lines. */
export class ShapeParser {
  readonly #recorder: TraceRecorder;
  readonly #sink: FieldSink;
  readonly #known = new WeakMap<Shapes, Traces>();
  readonly #relevant: LineMatcher | undefined;
  readonly #errorsUnseen: boolean;
  #batch!: LogBatch;
  /** Of the batch, once the first row is asked for; null: nothing is known of them. */
  #of: LineShapes | null | undefined;
  #traces!: Traces;

  /** The parser is used by nobody else. `relevant`: in other lines, and their shapes, nothing can be found. */
  constructor(fn: RowFunction, parser: LineParser, sink: FieldSink, relevant: LineMatcher | undefined) {
    this.#recorder = new TraceRecorder(parser, sink);
    this.#sink = sink;
    this.#relevant = relevant;
    this.#errorsUnseen = 'errorsUnseen' in fn;
  }

  /** Every following row is one of this batch. */
  begin(batch: LogBatch): void {
    this.#batch = batch;
    this.#of = undefined;
  }

  /** False: the line has to be parsed. */
  parse(row: number): boolean {
    if (this.#of === undefined) this.#open();
    const entry = this.#of ? this.#entryOf(this.#of.shapes, this.#of.ids[row]!) : BY_LINE;
    if (entry === NOTHING) return true;
    if (entry === BY_LINE) return false;
    const { program } = this.#traces;
    program.replay(entry, program.readsLine(entry) ? this.#batch.message : NO_LINES, row, this.#sink);
    return true;
  }

  /** Whether lines of the shape have to be read. */
  readsLine(shapes: Shapes, shape: number): boolean {
    this.#traces = this.#tracesOf(shapes);
    const entry = this.#entryOf(shapes, shape);
    return entry === BY_LINE || (entry >= 0 && this.#traces.program.readsLine(entry));
  }

  #open(): void {
    this.#of = this.#batch.lineShapes() ?? null;
    if (this.#of) this.#traces = this.#tracesOf(this.#of.shapes);
  }

  #tracesOf(shapes: Shapes): Traces {
    return getOrCreate(this.#known, shapes, () => ({
      entries: this.#firstEntries(shapes),
      program: new TraceProgram(shapes.bytes),
    }));
  }

  #firstEntries({ count, starts, ends, bytes }: Shapes): Int32Array {
    const entries = new Int32Array(count);
    if (!this.#relevant || count === 0) return entries.fill(UNKNOWN);
    entries.fill(NOTHING);
    // Up to the next one's start, which may say too much of one, and never too little.
    const offsets = new Int32Array(count + 1);
    offsets.set(starts);
    offsets[count] = ends[count - 1]!;
    const found = new Int32Array(count);
    const hits = this.#relevant.match(offsets, bytes, null, count, found);
    for (let i = 0; i < hits; i++) entries[found[i]!] = UNKNOWN;
    return entries;
  }

  #entryOf(shapes: Shapes, shape: number): number {
    const { entries } = this.#traces;
    let entry = entries[shape]!;
    if (entry === UNKNOWN) {
      entry = this.#trace(shapes, shape);
      entries[shape] = entry;
    }
    return entry;
  }

  #trace({ bytes, starts, ends }: Shapes, shape: number): number {
    const trace = this.#recorder.record(bytes, starts[shape]!, ends[shape]!);
    if (trace === undefined) return BY_LINE;
    const seen = this.#errorsUnseen ? { ...trace, fault: undefined } : trace;
    if (seen.values.length === 0 && seen.fault === undefined) return NOTHING;
    return this.#traces.program.add(seen, starts[shape]!);
  }
}
