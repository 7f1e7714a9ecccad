import { parsePattern } from '../../planning/extract/pattern.js';
import type { RowFunction } from '../../planning/physical/expression.js';
import type { Shapes } from '../../storage/dataobj/types.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import type { TextColumn } from '../batch/column.js';
import type { LogBatch } from '../batch/log-batch.js';
import type { FieldSink, LineParser } from '../extract/field-sink.js';
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
  #batch!: LogBatch;
  #ids!: Int32Array;
  #shapes!: Shapes;
  #traces!: Traces;

  /** The parser is used by nobody else. */
  constructor(parser: LineParser, sink: FieldSink) {
    this.#recorder = new TraceRecorder(parser, sink);
    this.#sink = sink;
  }

  /** Itself, for the rows of a batch, or undefined where nothing is known of their shapes. */
  begin(batch: LogBatch): this | undefined {
    const known = batch.lineShapes();
    if (known === undefined) return undefined;
    this.#batch = batch;
    this.#ids = known.ids;
    this.#shapes = known.shapes;
    this.#traces = getOrCreate(this.#known, known.shapes, ({ count, bytes }) => ({
      entries: new Int32Array(count).fill(UNKNOWN),
      program: new TraceProgram(bytes),
    }));
    return this;
  }

  /** False: the line has to be parsed. */
  parse(row: number): boolean {
    const { entries, program } = this.#traces;
    const shape = this.#ids[row]!;
    let entry = entries[shape]!;
    if (entry === UNKNOWN) {
      entry = this.#trace(shape);
      entries[shape] = entry;
    }
    if (entry === BY_LINE) return false;
    if (program.readsLine(entry)) program.replay(entry, this.#batch.message, row, this.#sink);
    else program.replay(entry, NO_LINES, 0, this.#sink);
    return true;
  }

  #trace(shape: number): number {
    const { bytes, starts, ends } = this.#shapes;
    const trace = this.#recorder.record(bytes, starts[shape]!, ends[shape]!);
    return trace ? this.#traces.program.add(trace, starts[shape]!) : BY_LINE;
  }
}
