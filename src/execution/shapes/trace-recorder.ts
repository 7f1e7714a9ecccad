import { isMark } from '../../storage/dataobj/logs/number-slots.js';
import { HEX_MARK } from '../../storage/dataobj/logs/shape.js';
import type { FieldSink, LineParser } from '../extract/field-sink.js';
import type { Trace, TracedValue } from './trace-program.js';

/** The number of all columns whose names depend on numbers in the line. */
const UNSURE = 1 << 30;
const DIGIT = /[0-9]/;
const BACKSLASH = 0x5c;
const SMALL_A = 0x61;
const SMALL_U = 0x75;
/** What may stand before a number of JSON that is no part of a string: white space, commas, colons and brackets. */
const BEFORE_NUMBERS: ReadonlySet<number | undefined> = new Set(Buffer.from(' \t\n\r,:['));

/**
 * Lets a parser read shapes as if they were lines, and keeps what it does with them. The parsers of JSON, logfmt and patterns look
 * at punctuation, at the names of keys, and at whether a number begins with a digit, so they do the same with every line of a
 * shape but where
 * - a name has digits in it,
 * - numbers stand behind a backslash, or
 * - a hexadecimal word is where it matters if a digit or a letter comes first: both are tried.
 */
export class TraceRecorder implements FieldSink {
  readonly #parser: LineParser;
  readonly #sink: FieldSink;
  #values: TracedValue[] = [];
  #fault: Trace['fault'];
  #isSure = true;
  #start = 0;

  /** `sink`: what traces are going to be replayed to. */
  constructor(parser: LineParser, sink: FieldSink) {
    this.#parser = parser;
    this.#sink = sink;
  }

  /** For the shape bytes[start..end); undefined where its lines have to be read one by one. */
  record(bytes: Buffer, start: number, end: number): Trace | undefined {
    if (hasEscapedNumber(bytes, start, end)) return undefined;
    const trace = this.#read(bytes, start, end);
    if (trace === undefined || !mayBeginWithLetter(bytes, start, end)) return trace;
    const other = Buffer.from(bytes.subarray(start, end));
    for (let at = 0; at < other.length; at++) if (other[at] === HEX_MARK) other[at] = SMALL_A;
    return isSame(trace, this.#read(other, 0, other.length)) ? trace : undefined;
  }

  #read(bytes: Buffer, start: number, end: number): Trace | undefined {
    this.#values = [];
    this.#fault = undefined;
    this.#isSure = true;
    this.#start = start;
    this.#parser.parse(bytes, start, end, this);
    return this.#isSure ? { values: this.#values, fault: this.#fault } : undefined;
  }

  column(name: string): number {
    const column = this.#sink.column(name);
    return column >= 0 && DIGIT.test(name) ? UNSURE : column;
  }

  enters(prefix: string): boolean {
    return this.#sink.enters(prefix);
  }

  bytes(column: number, _source: Buffer, start: number, end: number): void {
    const value = { column, start: start - this.#start, end: end - this.#start };
    if (column === UNSURE || value.start < this.#reached()) this.#isSure = false;
    this.#values.push(value);
  }

  text(column: number, value: string): void {
    if (column === UNSURE || DIGIT.test(value)) this.#isSure = false;
    const at = this.#reached();
    this.#values.push({ column, start: at, end: at, text: value });
  }

  #reached(): number {
    const { length } = this.#values;
    return length === 0 ? 0 : this.#values[length - 1]!.end;
  }

  /** That of logfmt says where in the line it is. */
  error(kind: 'JSONParserErr' | 'LogfmtParserErr', details: string): void {
    if (kind === 'LogfmtParserErr') this.#isSure = false;
    this.#fault = [kind, details];
  }

  /** A trace goes to the end of the line; who replays it may stop before. */
  done(): boolean {
    return false;
  }
}

function hasEscapedNumber(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (bytes[at] !== BACKSLASH) continue;
    const next = at + 1 < end ? bytes[at + 1]! : 0;
    if (next === SMALL_U || isMark(next)) return true;
  }
  return false;
}

function mayBeginWithLetter(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start + 1; at < end; at++) {
    if (bytes[at] === HEX_MARK && BEFORE_NUMBERS.has(bytes[at - 1]!)) return true;
  }
  return false;
}

function isSame(a: Trace, b: Trace | undefined): boolean {
  return (
    b !== undefined &&
    a.fault?.[1] === b.fault?.[1] &&
    a.values.length === b.values.length &&
    a.values.every(({ column, start, end, text }, i) => {
      const other = b.values[i]!;
      return column === other.column && start === other.start && end === other.end && text === other.text;
    })
  );
}
