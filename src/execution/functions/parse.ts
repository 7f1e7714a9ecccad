import type { RowFunction } from '../../planning/physical/expression.js';
import type { LogBatch } from '../batch/log-batch.js';
import type { ExpressionParser } from '../extract/field-sink.js';
import { JsonParser } from '../extract/json.js';
import { JsonExpressionParser } from '../extract/json-expressions.js';
import { LogfmtParser } from '../extract/logfmt.js';
import { LogfmtExpressionParser } from '../extract/logfmt-expressions.js';
import { PatternParser } from '../extract/pattern.js';
import { RegexpParser } from '../extract/regexp.js';
import { UnpackParser } from '../extract/unpack.js';
import type { LineMatcher } from '../kernels/line-matcher.js';
import { parsesByShape, ShapeParser } from '../shapes/shape-parser.js';
import { type TraceMaker, traceBook } from '../shapes/trace-book.js';
import { TraceRecorder } from '../shapes/trace-recorder.js';
import { LineWriter } from './line-writer.js';
import { ParsedNames } from './parsed-names.js';
import { ParsedSink } from './parsed-sink.js';
import { relevantLines } from './relevant-lines.js';
import { type FunctionContext, isCheckpoint, type RowStep } from './row-step.js';

export type ParseFunction = Extract<
  RowFunction,
  {
    kind:
      | 'parse-json'
      | 'parse-json-expressions'
      | 'parse-logfmt'
      | 'parse-logfmt-expressions'
      | 'parse-regexp'
      | 'parse-pattern';
  }
>;

/** A parser over the rows alive: lines in, parsed columns out. */
export function compileParse(fn: ParseFunction, { checkpoint }: FunctionContext): RowStep {
  const parser = lineParser(fn);
  // Where nobody learns of errors, a line without any of the keys may as well not be read.
  const relevant = 'errorsUnseen' in fn && fn.keys ? relevantLines(fn.keys) : undefined;
  const book = parsesByShape(fn) ? traceBook(JSON.stringify(fn), () => traceMaker(fn, relevant)) : undefined;
  const sink = parsedSink(fn, book?.names);
  const byShape = book && new ShapeParser(book, sink);
  const step: RowStep = (batch) => {
    sink.begin(batch);
    byShape?.begin(batch);
    let marks: Uint8Array | undefined;
    for (let i = 0; i < batch.count; i++) {
      if (isCheckpoint(i)) checkpoint();
      const row = batch.row(i);
      sink.row(row);
      if (sink.done() || byShape?.parse(row)) continue;
      const { offsets, bytes } = batch.message; // decoded when the first line is wanted
      marks ??= relevant && markMatches(batch, relevant);
      if (marks?.[row] === 0) continue;
      parser.parse(bytes, offsets[row]!, offsets[row + 1]!, sink);
    }
    sink.end();
  };
  if (byShape) step.reads = (shapes, shape) => byShape.reads(shapes, shape);
  return step;
}

function parsedSink(fn: ParseFunction, names = new ParsedNames()): ParsedSink {
  return new ParsedSink('keys' in fn ? fn.keys : undefined, 'until' in fn ? fn.until : undefined, {
    lastWins: 'extractions' in fn,
    skipsTaken: 'errorsUnseen' in fn,
    names,
  });
}

function traceMaker(fn: ParseFunction, relevant: LineMatcher | undefined): TraceMaker {
  const names = new ParsedNames();
  const recorder = new TraceRecorder(lineParser(fn), parsedSink(fn, names));
  return { recorder, names, relevant, errorsUnseen: 'errorsUnseen' in fn };
}

/** By row: 1 where the line matches. */
function markMatches(batch: LogBatch, matcher: LineMatcher): Uint8Array {
  const { offsets, bytes } = batch.message;
  const rows = new Int32Array(batch.count);
  const count = matcher.match(offsets, bytes, batch.selection, batch.count, rows);
  const marks = new Uint8Array(batch.rows);
  for (let i = 0; i < count; i++) marks[rows[i]!] = 1;
  return marks;
}

function lineParser(fn: ParseFunction): ExpressionParser {
  switch (fn.kind) {
    case 'parse-json':
      return new JsonParser();
    case 'parse-json-expressions':
      return new JsonExpressionParser(fn.extractions);
    case 'parse-logfmt':
      return new LogfmtParser({ strict: fn.strict, keepEmpty: fn.keepEmpty });
    case 'parse-logfmt-expressions':
      return new LogfmtExpressionParser(fn.extractions, { strict: fn.strict, keepEmpty: fn.keepEmpty });
    case 'parse-regexp':
      return new RegexpParser(fn.pattern);
    case 'parse-pattern':
      return new PatternParser(fn.pattern);
  }
}

/** `unpack` (A50): labels as from json, and the line replaced by `_entry` where there is one. */
export function compileUnpack(until: readonly string[] | undefined, { checkpoint }: FunctionContext): RowStep {
  const parser = new UnpackParser();
  const sink = new ParsedSink(undefined, until);
  return (batch: LogBatch) => {
    sink.begin(batch);
    const { offsets, bytes } = batch.message;
    const lines = new LineWriter(batch.rows, bytes.length);
    for (let i = 0; i < batch.count; i++) {
      if (isCheckpoint(i)) checkpoint();
      const row = batch.row(i);
      sink.row(row);
      const entry = sink.done() ? undefined : parser.parse(bytes, offsets[row]!, offsets[row + 1]!, sink);
      if (entry === undefined) lines.copy(row, bytes, offsets[row]!, offsets[row + 1]!);
      else lines.text(row, entry);
    }
    sink.end();
    batch.message = lines.finish();
  };
}
