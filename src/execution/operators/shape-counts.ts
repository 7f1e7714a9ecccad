import { readsMessage } from '../../planning/physical/counted.js';
import { MESSAGE, MESSAGE_LENGTH } from '../../planning/physical/expression.js';
import type { ScanOptions } from '../../planning/physical/node.js';
import type { Pointers } from '../../storage/dataobj/types.js';
import { PairTable } from '../aggregate/pair-table.js';
import type { PaneGrid } from '../aggregate/pane-grid.js';
import { LogBatch } from '../batch/log-batch.js';
import type { StreamSet } from '../batch/streams.js';
import { type Verdicts, YES } from '../shapes/verdict.js';
import { asksForNoMetadata, NOTHING } from './covered-runs.js';
import { needsColumn } from './scan-filter.js';

/** True when nothing but the lines' conditions decides whether a row counts, and nothing of it but its stream is asked for. */
export function shapesSuffice(scan: ScanOptions, pointers: Pointers): boolean {
  if (needsColumn(scan, MESSAGE) || needsColumn(scan, MESSAGE_LENGTH)) return false;
  return scan.predicates.every(readsMessage) && asksForNoMetadata(scan, pointers);
}

interface Run {
  readonly stream: number;
  /** Rows of the page. */
  readonly from: number;
  readonly to: number;
}

/**
 * Counting by the shapes of lines: rows of pages whose shapes decide about all their lines are added up by stream and pane,
 * a number for each pair, without a batch of them.
 */
export class ShapeCounts {
  readonly #pointers: Pointers;
  readonly #verdicts: Verdicts;
  readonly #grid: PaneGrid;
  readonly #shift: number;
  readonly #range: readonly [number, number];
  readonly #pairs = new PairTable();
  #sums = new Float64Array(64);
  #times = new Float64Array(64);

  /** `range`: start and end (exclusive) in ns since the section's base. */
  constructor(pointers: Pointers, verdicts: Verdicts, grid: PaneGrid, range: readonly [number, number]) {
    this.#pointers = pointers;
    this.#verdicts = verdicts;
    this.#grid = grid;
    this.#shift = Number(pointers.base - grid.origin);
    this.#range = range;
  }

  /** Adds rows of a page that is in one pane, at whatever `time` of it. Returns how many of them count. */
  addAll({ stream, from, to }: Run, shapes: Int32Array, time: number): number {
    const verdicts = this.#verdicts;
    let sum = 0;
    for (let row = from; row < to; row++) if (verdicts[shapes[row]!] === YES) sum++;
    if (sum > 0 && this.#grid.locate(time + this.#shift)) this.#add(stream, sum, time);
    return sum;
  }

  /** Adds rows that may be in several panes. Returns how many of them count. */
  addEach({ stream, from, to }: Run, shapes: Int32Array, times: Float64Array): number {
    const verdicts = this.#verdicts;
    const grid = this.#grid;
    const [first, end] = this.#range;
    let counted = 0;
    let sum = 0;
    let last = 0;
    for (let row = from; row < to; row++) {
      const time = times[row]!;
      if (verdicts[shapes[row]!] !== YES || time < first || time >= end) continue;
      counted++;
      const x = time + this.#shift;
      if (sum > 0 && !grid.covers(x, x)) {
        this.#add(stream, sum, last);
        sum = 0;
      }
      if (!grid.locate(x)) continue;
      sum++;
      last = time;
    }
    if (sum > 0) this.#add(stream, sum, last);
    return counted;
  }

  /** One weighted row for each stream and pane. */
  batch(streams: StreamSet): LogBatch {
    const pairs = this.#pairs;
    const streamIds = Int32Array.from({ length: pairs.size }, (_, id) => pairs.left(id));
    const batch = new LogBatch(this.#pointers.base, this.#times.slice(0, pairs.size), streams, streamIds, NOTHING);
    batch.weights = this.#sums.slice(0, pairs.size);
    return batch;
  }

  /** To the pane that was located last, which has `time`. */
  #add(stream: number, sum: number, time: number): void {
    const id = this.#pairs.id(stream, this.#grid.pane);
    if (id === this.#sums.length) {
      this.#sums = grown(this.#sums);
      this.#times = grown(this.#times);
    }
    this.#sums[id]! += sum;
    this.#times[id] = time;
  }
}

function grown(column: Float64Array): Float64Array<ArrayBuffer> {
  const bigger = new Float64Array(column.length * 2);
  bigger.set(column);
  return bigger;
}
