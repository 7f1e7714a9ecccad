import { DIGITS_MARK, HEX_MARK } from '../../storage/dataobj/logs/shape.js';
import type { TextColumn } from '../batch/column.js';
import type { FieldSink } from '../extract/field-sink.js';

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

// What to do at a place of a line: the lowest bits of a step; the others are the bytes to skip before, or a number.
const BITS = 3;
const DIGITS = 0;
const HEX_DIGITS = 1;
const BEGIN = 2;
/** Followed by a column. */
const HAND_OVER = 3;
/** Followed by a column and the bounds of the span of the shapes' bytes that the value is. */
const HAND_OVER_SPAN = 4;
/** With the number of a text, followed by a column. */
const HAND_OVER_TEXT = 5;
/** With the number of a fault. */
const FAULT = 6;
const END = 7;

/**
 * Traces of many shapes, in a form that is quick to follow for each of their lines: values that hold no mark are the same for all lines
 * of a shape; the others are found by walking over the runs that stand before them, with everything between skipped.
 */
export class TraceProgram {
  readonly #shapes: Buffer;
  #steps = new Int32Array(4096);
  #size = 0;
  readonly #texts: string[] = [];
  readonly #faults: Parameters<FieldSink['error']>[] = [];
  // Of the trace being added: where it is in the shape, and the bytes to skip from the step before.
  #at = 0;
  #skip = 0;

  /** `shapes`: the bytes that shapes are spans of. */
  constructor(shapes: Buffer) {
    this.#shapes = shapes;
  }

  /** Adds the trace of the shape that begins at `start`, and returns its place. */
  add({ values, fault }: Trace, start: number): number {
    const entry = this.#size;
    this.#push(0);
    this.#at = start;
    this.#skip = 0;
    for (const value of values) this.#addValue(value, start);
    if (fault) this.#put(FAULT, this.#faults.push(fault) - 1);
    else this.#put(END);
    if (this.#at > start) this.#steps[entry] = 1;
    return entry;
  }

  #addValue({ column, start, end, text }: TracedValue, shape: number): void {
    if (text !== undefined) this.#put(HAND_OVER_TEXT, this.#texts.push(text) - 1);
    else if (this.#hasMark(shape + start, shape + end)) {
      this.#walkTo(shape + start);
      this.#put(BEGIN, this.#skip);
      this.#skip = 0;
      this.#walkTo(shape + end);
      this.#put(HAND_OVER, this.#skip);
      this.#skip = 0;
    } else {
      this.#put(HAND_OVER_SPAN);
      this.#push(column);
      this.#push(shape + start);
      return this.#push(shape + end);
    }
    this.#push(column);
  }

  #hasMark(start: number, end: number): boolean {
    for (let at = start; at < end; at++) if (isMark(this.#shapes[at]!)) return true;
    return false;
  }

  #walkTo(end: number): void {
    for (; this.#at < end; this.#at++) {
      const byte = this.#shapes[this.#at]!;
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

  /** Whether any line has to be read to follow the trace. */
  readsLine(entry: number): boolean {
    return this.#steps[entry] === 1;
  }

  /** Follows a trace for a row. */
  replay(entry: number, { offsets, bytes }: TextColumn, row: number, sink: FieldSink): void {
    const steps = this.#steps;
    const end = offsets[row + 1]!;
    let at = offsets[row]!;
    let begin = at;
    for (let step = entry + 1; ; ) {
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
          sink.bytes(steps[step]!, this.#shapes, steps[step + 1]!, steps[step + 2]!);
          step += 3;
          break;
        case HAND_OVER_TEXT:
          sink.text(steps[step++]!, this.#texts[number]!);
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

function isHexDigit(byte: number): boolean {
  return (byte ^ 0x30) < 10 || (byte >= 0x61 && byte <= 0x66);
}

export function isMark(byte: number): boolean {
  return byte === DIGITS_MARK || byte === HEX_MARK;
}
