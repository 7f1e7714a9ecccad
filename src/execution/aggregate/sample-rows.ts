/** Samples one by one, in columns that grow: what operations are given that need all of them. */
export class SampleRows {
  /** Values of a sample in `states`. */
  readonly width: number;
  count = 0;
  series = new Int32Array(1024);
  panes = new Int32Array(1024);
  states: Float64Array;

  constructor(width: number) {
    this.width = width;
    this.states = new Float64Array(1024 * width);
  }

  /** Bytes that it takes once so many rows have been added. */
  bytesWith(more: number): number {
    let rows = this.series.length;
    while (rows < this.count + more) rows *= 2;
    return rows * (8 + 8 * this.width);
  }

  /** Makes room, and returns the number of the first of the rows, which is to be filled in. */
  add(more: number): number {
    const first = this.count;
    this.count += more;
    let rows = this.series.length;
    if (this.count <= rows) return first;
    while (rows < this.count) rows *= 2;
    this.series = grown(this.series, new Int32Array(rows));
    this.panes = grown(this.panes, new Int32Array(rows));
    this.states = grown(this.states, new Float64Array(rows * this.width));
    return first;
  }
}

function grown<Column extends Int32Array | Float64Array>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
