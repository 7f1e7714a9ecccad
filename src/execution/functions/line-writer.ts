import type { TextColumn } from '../batch/column.js';

/** Builds the text column of rewritten lines; rows are set in ascending order, those left out become empty. */
export class LineWriter {
  readonly #offsets: Int32Array;
  #bytes: Buffer;
  #end = 0;
  #next = 0;

  constructor(rows: number, expectedBytes: number) {
    this.#offsets = new Int32Array(rows + 1);
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(expectedBytes, 1024));
  }

  text(row: number, line: string): void {
    this.#reserve(row, line.length * 3);
    this.#end += this.#bytes.utf8Write(line, this.#end);
    this.#offsets[row + 1] = this.#end;
  }

  copy(row: number, source: Buffer, start: number, end: number): void {
    this.#reserve(row, end - start);
    source.copy(this.#bytes, this.#end, start, end);
    this.#end += end - start;
    this.#offsets[row + 1] = this.#end;
  }

  finish(): TextColumn {
    this.#offsets.fill(this.#end, this.#next + 1);
    return { offsets: this.#offsets, bytes: this.#bytes.subarray(0, this.#end) };
  }

  #reserve(row: number, bytes: number): void {
    for (let skipped = this.#next; skipped <= row; skipped++) this.#offsets[skipped] = this.#end;
    this.#next = row + 1;
    if (this.#end + bytes <= this.#bytes.length) return;
    const bigger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#end + bytes));
    this.#bytes.copy(bigger, 0, 0, this.#end);
    this.#bytes = bigger;
  }
}
