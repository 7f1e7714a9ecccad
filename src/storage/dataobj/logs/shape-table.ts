/** The shapes of a section's lines while it is built: each once, numbered as they come, and the number of every row's. */
import {
  forgetShapes,
  type KnownShapes,
  knownShapes,
  LINES_BYTES_MAX,
  LINES_MAX,
  shapeLines,
  shapesBytes,
} from './shape.js';

const SHAPES_MAX = 65536;
/** WebAssembly's memory never shrinks; an eighth of a section's lines is half as much. */
const SHAPES_BYTES_MAX = 16 << 20;
/** After so many more rows than the shapes found call for, lines are taken to be too different. */
const TRIAL_ROWS = 4096;

/** Valid until the next one is made on this thread. */
export class ShapeTable {
  /** Shape of each row so far. */
  readonly ids: Int32Array;
  rows = 0;
  #known: KnownShapes;
  readonly #rowsPerShapeMin: number;
  #worthwhile = true;
  /** Pages so far. */
  #page = 0;

  /** `rowsPerShapeMin`: as in BuildSettings. */
  constructor(rowsMax: number, rowsPerShapeMin: number) {
    this.#rowsPerShapeMin = rowsPerShapeMin;
    this.ids = new Int32Array(rowsMax);
    forgetShapes();
    this.#known = knownShapes();
  }

  get known(): KnownShapes {
    return this.#known;
  }

  /** False once lines have turned out to be too different: nothing is going to be kept. */
  get promising(): boolean {
    return this.#worthwhile;
  }

  /** Whether lines are alike enough for shapes to be kept. */
  get worthwhile(): boolean {
    return this.#worthwhile && this.rows > 0 && this.#known.count * this.#rowsPerShapeMin <= this.rows;
  }

  /**
   * Adds the lines of a page, source[at+offsets[i]..at+offsets[i+1]], as long as they may be alike enough, and their grams to the
   * page's text filter: all of a line that is the first of its shape in the page. Returns of how many lines.
   */
  add(source: Uint8Array, at: number, offsets: Int32Array): number {
    this.#page++;
    const count = offsets.length - 1;
    let from = 0;
    for (let to = 0; from < count && this.#worthwhile; from = to) {
      while (to < count && to - from < LINES_MAX && offsets[to + 1]! - offsets[from]! <= LINES_BYTES_MAX) to++;
      // A line that does not fit ends it all.
      if (to === from) this.#worthwhile = false;
      else this.#addLines(source, at, offsets, from, to);
    }
    return from;
  }

  #addLines(source: Uint8Array, at: number, offsets: Int32Array, from: number, to: number): void {
    this.ids.set(shapeLines(source, at, offsets, from, to, this.#page), this.rows);
    this.rows += to - from;
    this.#known = knownShapes();
    const { count } = this.#known;
    const tooMany = count * this.#rowsPerShapeMin > this.rows + TRIAL_ROWS || count > SHAPES_MAX;
    if (tooMany || shapesBytes() > SHAPES_BYTES_MAX) this.#worthwhile = false;
  }
}
