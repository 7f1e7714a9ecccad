/** The columns of numbers of a section while it is built: what `numberSlots` says of the shape of a line is taken out of it. */
import { ByteSink } from '../byte-sink.js';
import { deltaBytesMax, encodeDelta } from '../parquet/delta.js';
import { numberColumn } from '../types.js';
import { ColumnWriter, type WrittenColumn } from './column-writer.js';
import { encodeLevels } from './encode-metadata.js';
import { isMark, NUMBER_COLUMNS, NUMBER_DIGITS_MAX, numberSlots } from './number-slots.js';
import { DIGITS_MARK, isHexDigit } from './shape.js';
import type { ShapeTable } from './shape-table.js';

// What to do at a place of a line: the lowest bits of a step; the others are the bytes to skip before.
const BITS = 2;
const DIGITS = 0;
const HEX_DIGITS = 1;
/** Digits that go to the next column. */
const TAKE = 2;
const END = 3;

export class NumberColumns {
  readonly #shapes: ShapeTable;
  readonly #pages: PageOfNumbers[];
  /** By shape: where its steps are, + 1. */
  #entries = new Int32Array(1024);
  #steps = new Int32Array(4096);
  #size = 0;
  readonly #slots = new Int32Array(NUMBER_COLUMNS);

  constructor(shapes: ShapeTable, zstdLevel: number) {
    this.#shapes = shapes;
    this.#pages = Array.from({ length: NUMBER_COLUMNS }, (_, i) => new PageOfNumbers(numberColumn(i), zstdLevel));
  }

  /** Adds the page of lines source[at+offsets[i]..at+offsets[i+1]] that were just added to the shapes. */
  addPage(source: Uint8Array, at: number, offsets: Int32Array): void {
    const rows = offsets.length - 1;
    const first = this.#shapes.rows - rows;
    const { ids } = this.#shapes;
    for (let row = 0; row < rows; row++)
      this.#addLine(row, source, at + offsets[row]!, at + offsets[row + 1]!, this.#entryOf(ids[first + row]!));
    for (const page of this.#pages) page.finish(rows);
  }

  /** Those that have any numbers. */
  finish(): WrittenColumn[] {
    return this.#pages.filter(({ total }) => total > 0).map((page) => page.writer.finish());
  }

  #addLine(row: number, source: Uint8Array, from: number, end: number, entry: number): void {
    const steps = this.#steps;
    let at = from;
    let column = 0;
    for (let step = entry; ; step++) {
      const code = steps[step]!;
      at += code >> BITS;
      switch (code & ((1 << BITS) - 1)) {
        case DIGITS:
          while (at < end && (source[at]! ^ 0x30) < 10) at++;
          break;
        case HEX_DIGITS:
          while (at < end && isHexDigit(source[at]!)) at++;
          break;
        case TAKE: {
          const first = at;
          let value = 0;
          for (; at < end && (source[at]! ^ 0x30) < 10; at++) value = value * 10 + (source[at]! ^ 0x30);
          const isExact = at - first === 1 || (at - first <= NUMBER_DIGITS_MAX && source[first] !== 0x30);
          if (isExact) this.#pages[column]!.add(row, value);
          column++;
          break;
        }
        default:
          return;
      }
    }
  }

  #entryOf(shape: number): number {
    while (shape >= this.#entries.length) this.#entries = doubled(this.#entries);
    if (this.#entries[shape] === 0) this.#entries[shape] = this.#compile(shape) + 1;
    return this.#entries[shape]! - 1;
  }

  #compile(shape: number): number {
    const { bytes, starts, lengths } = this.#shapes.known;
    const start = starts[shape]!;
    const slots = this.#slots;
    const count = numberSlots(bytes, start, start + lengths[shape]!, slots);
    const entry = this.#size;
    for (let at = 0, skip = 0, next = 0; next < count; at++) {
      const byte = bytes[start + at]!;
      if (!isMark(byte)) {
        skip++;
        continue;
      }
      const isTaken = at === slots[next];
      this.#push((skip << BITS) | (isTaken ? TAKE : byte === DIGITS_MARK ? DIGITS : HEX_DIGITS));
      if (isTaken) next++;
      skip = 0;
    }
    this.#push(END);
    return entry;
  }

  #push(step: number): void {
    if (this.#size === this.#steps.length) this.#steps = doubled(this.#steps);
    this.#steps[this.#size++] = step;
  }
}

/** One column of numbers, a page at a time. */
class PageOfNumbers {
  readonly writer: ColumnWriter;
  total = 0;
  #rows = new Int32Array(1024);
  #values = new Float64Array(1024);
  #count = 0;
  readonly #levels = new ByteSink();
  readonly #payload = new ByteSink();

  constructor(name: string, zstdLevel: number) {
    this.writer = new ColumnWriter(name, 'int64', 'delta-int64', zstdLevel);
  }

  add(row: number, value: number): void {
    if (this.#count === this.#rows.length) {
      this.#rows = doubled(this.#rows);
      this.#values = doubled(this.#values);
    }
    this.#rows[this.#count] = row;
    this.#values[this.#count++] = value;
  }

  finish(rows: number): void {
    const count = this.#count;
    encodeLevels(this.#rows, 0, count, 0, rows, this.#levels);
    this.#payload.clear();
    const out = this.#payload.reserve(deltaBytesMax(count));
    this.#payload.advance(encodeDelta(this.#values, 0, count, 0n, out, 0));
    this.writer.optionalPage(rows, rows - count, this.#levels.view(), this.#payload.view());
    this.total += count;
    this.#count = 0;
  }
}

function doubled<Column extends Int32Array | Float64Array>(from: Column): Column {
  const to = new (from.constructor as new (length: number) => Column)(from.length * 2);
  to.set(from);
  return to;
}
