import { isMark, NUMBER_COLUMNS, numberSlots } from '../../storage/dataobj/logs/number-slots.js';
import { DIGITS_MARK, isHexDigit } from '../../storage/dataobj/logs/shape.js';
import type { TextColumn } from '../batch/column.js';
import type { LineNumbers } from '../batch/log-batch.js';
import type { FieldSink } from '../extract/field-sink.js';
import { LINE, type Reads } from '../functions/row-step.js';

/** A value that a parser hands over: a span of the shape, or a text that is in no line. */
export interface TracedValue {
  readonly column: number;
  readonly start: number;
  readonly end: number;
  readonly text?: string;
}

/** What a parser does with a shape. */
export interface Trace {
  /** In the order of the line. */
  readonly values: readonly TracedValue[];
  /** How the reading of the line ends. */
  readonly fault: Parameters<FieldSink['error']> | undefined;
}

/** What traces are replayed to. */
export interface TraceSink extends FieldSink {
  /** A value that is a whole number with a unit behind it, which may be empty. */
  number(column: number, value: number, unit: string): void;
}

// What to do at a place of a line: the lowest bits of a step; the others are the bytes to skip before, or a number.
const BITS = 4;
const DIGITS = 0;
const HEX_DIGITS = 1;
const BEGIN = 2;
/** Followed by a column. */
const HAND_OVER = 3;
/** Followed by a column and the bounds of the value among those kept. */
const HAND_OVER_SPAN = 4;
/** With the number of a text, followed by a column. */
const HAND_OVER_TEXT = 5;
/** With the number of a unit, followed by a column and which number of the line it is. */
const HAND_OVER_NUMBER = 6;
/** With the number of a fault. */
const FAULT = 7;
const END = 8;

/** Units are few, and short. */
const UNIT_BYTES_MAX = 4;

/**
 * Traces of many shapes, in a form that is quick to follow for each of their lines: values that hold no mark are the same for all lines
 * of a shape; others are numbers that columns of the section have; and the rest is found by walking over the runs that stand before
 * them, with everything between skipped.
 */
export class TraceProgram {
  /** Values without marks, one after another. */
  #values = Buffer.allocUnsafeSlow(4096);
  #valuesEnd = 0;
  #steps = new Int32Array(4096);
  #size = 0;
  readonly #texts: string[] = [];
  readonly #faults: Parameters<FieldSink['error']>[] = [];
  readonly #slots = new Int32Array(NUMBER_COLUMNS);
  // Of the trace being added: its shape, where it is in it, and the bytes to skip from the step before.
  #shape: Uint8Array = this.#values;
  #at = 0;
  #skip = 0;

  /** Adds the trace of the shape bytes[start..end), and returns its place. */
  add({ values, fault }: Trace, bytes: Buffer, start: number, end: number): number {
    this.#shape = bytes.subarray(start, end);
    const numbers = this.#numbersOf(values);
    const reads = numbers?.reduce((all, n) => (n < 0 ? all : all | (1 << n)), 0) ?? LINE;
    const entry = this.#size;
    this.#push(reads);
    this.#push(0);
    if (numbers) {
      for (let i = 0; i < values.length; i++) this.#addRead(values[i]!, numbers[i]!);
      this.#addEnd(fault);
    }
    if (reads === 0) return entry;
    this.#steps[entry + 1] = this.#size;
    this.#at = 0;
    this.#skip = 0;
    for (const value of values) this.#addValue(value);
    this.#addEnd(fault);
    return entry;
  }

  /** For each value which number of the line it is, -1 where it holds none; undefined where one is not, or not only, a number. */
  #numbersOf(values: readonly TracedValue[]): number[] | undefined {
    const count = numberSlots(this.#shape, 0, this.#shape.length, this.#slots);
    const slots = this.#slots.subarray(0, count);
    const numbers: number[] = [];
    for (const value of values) {
      const isText = value.text !== undefined || !this.#hasMark(value.start, value.end);
      const n = isText ? -1 : slots.indexOf(value.start);
      if (!isText && (n < 0 || !this.#isUnit(value.start + 1, value.end))) return undefined;
      numbers.push(n);
    }
    return numbers;
  }

  #isUnit(start: number, end: number): boolean {
    if (end - start > UNIT_BYTES_MAX) return false;
    for (let at = start; at < end; at++) if (this.#shape[at]! >= 0x80 || isMark(this.#shape[at]!)) return false;
    return true;
  }

  #addRead(value: TracedValue, n: number): void {
    if (n < 0) return this.#addValue(value);
    const unit = String.fromCharCode(...this.#shape.subarray(value.start + 1, value.end));
    this.#put(HAND_OVER_NUMBER, this.#texts.push(unit) - 1);
    this.#push(value.column);
    this.#push(n);
  }

  #addEnd(fault: Trace['fault']): void {
    if (fault) this.#put(FAULT, this.#faults.push(fault) - 1);
    else this.#put(END);
  }

  #addValue({ column, start, end, text }: TracedValue): void {
    if (text !== undefined) this.#put(HAND_OVER_TEXT, this.#texts.push(text) - 1);
    else if (this.#hasMark(start, end)) {
      this.#walkTo(start);
      this.#put(BEGIN, this.#skip);
      this.#skip = 0;
      this.#walkTo(end);
      this.#put(HAND_OVER, this.#skip);
      this.#skip = 0;
    } else {
      this.#put(HAND_OVER_SPAN);
      this.#push(column);
      return this.#addSpan(start, end);
    }
    this.#push(column);
  }

  #addSpan(start: number, end: number): void {
    const from = this.#valuesEnd;
    const to = from + end - start;
    if (to > this.#values.length) {
      const bigger = Buffer.allocUnsafeSlow(Math.max(to, 2 * this.#values.length));
      bigger.set(this.#values);
      this.#values = bigger;
    }
    this.#values.set(this.#shape.subarray(start, end), from);
    this.#valuesEnd = to;
    this.#push(from);
    this.#push(to);
  }

  #hasMark(start: number, end: number): boolean {
    for (let at = start; at < end; at++) if (isMark(this.#shape[at]!)) return true;
    return false;
  }

  #walkTo(end: number): void {
    for (; this.#at < end; this.#at++) {
      const byte = this.#shape[this.#at]!;
      if (isMark(byte)) {
        this.#put(byte === DIGITS_MARK ? DIGITS : HEX_DIGITS, this.#skip);
        this.#skip = 0;
      } else this.#skip++;
    }
  }

  #put(what: number, number = 0): void {
    this.#push((number << BITS) | what);
  }

  #push(value: number): void {
    if (this.#size === this.#steps.length) {
      const twice = new Int32Array(2 * this.#size);
      twice.set(this.#steps);
      this.#steps = twice;
    }
    this.#steps[this.#size++] = value;
  }

  /** What of any line has to be read to follow the trace: numbers alone where LINE is not in it. */
  reads(entry: number): Reads {
    return this.#steps[entry]!;
  }

  /** Follows a trace for a row, by numbers of its line where it reads no more and these are there, else by the line. */
  replay(entry: number, line: () => TextColumn, numbers: LineNumbers | undefined, row: number, sink: TraceSink): void {
    const reads = this.#steps[entry]!;
    if (reads === 0 || (numbers !== undefined && (reads & LINE) === 0))
      this.#follow(entry + 2, NO_LINES, numbers ?? NO_NUMBERS, row, sink);
    else this.#follow(this.#steps[entry + 1]!, line(), NO_NUMBERS, row, sink);
  }

  #follow(from: number, { offsets, bytes }: TextColumn, numbers: LineNumbers, row: number, sink: TraceSink): void {
    const steps = this.#steps;
    const end = offsets[row + 1]!;
    let at = offsets[row]!;
    let begin = at;
    for (let step = from; ; ) {
      const number = steps[step]! >> BITS;
      switch (steps[step++]! & ((1 << BITS) - 1)) {
        case DIGITS:
          for (at += number; at < end && (bytes[at]! ^ 0x30) < 10; ) at++;
          continue;
        case HEX_DIGITS:
          for (at += number; at < end && isHexDigit(bytes[at]!); ) at++;
          continue;
        case BEGIN:
          begin = at += number;
          continue;
        case HAND_OVER:
          at += number;
          sink.bytes(steps[step++]!, bytes, begin, at);
          break;
        case HAND_OVER_SPAN:
          sink.bytes(steps[step]!, this.#values, steps[step + 1]!, steps[step + 2]!);
          step += 3;
          break;
        case HAND_OVER_TEXT:
          sink.text(steps[step++]!, this.#texts[number]!);
          break;
        case HAND_OVER_NUMBER:
          sink.number(steps[step]!, numbers[steps[step + 1]!]![row]!, this.#texts[number]!);
          step += 2;
          break;
        case FAULT:
          sink.error(...this.#faults[number]!);
          return;
        default:
          return;
      }
      if (sink.done()) return;
    }
  }
}

const NO_LINES: TextColumn = { offsets: new Int32Array(2), bytes: Buffer.alloc(0) };
const NO_NUMBERS: LineNumbers = [];
