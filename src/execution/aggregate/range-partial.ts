import type { RangeAggregation, RangeOperation } from '../../planning/physical/node.js';
import { raise } from '../../wire/fault.js';
import { formatLabels, labelsOf } from '../../wire/labels.js';
import { LabelReader } from '../batch/label-reader.js';
import { DETAILS_LABEL, type LogBatch } from '../batch/log-batch.js';
import { BATCH_SIZES } from '../batch/sizes.js';
import { type Operation, rowWidth, type StateOperation } from './operations/operation.js';
import { RANGE_OPERATIONS } from './operations/table.js';
import { PairTable } from './pair-table.js';
import { PaneGrid } from './pane-grid.js';
import { SampleRows } from './sample-rows.js';
import { SeriesIndex } from './series-index.js';
import type { StateBatch } from './state-batch.js';

/** The part of a range aggregation that runs beside a scan: rows in, states per series and pane out. */
export class RangePartial {
  readonly #node: RangeAggregation;
  readonly #statesMax: number;
  readonly #operation: Operation;
  readonly #grid: PaneGrid;
  readonly #width: number;
  readonly #keepsErrors: boolean;
  #index: SeriesIndex;
  #slots = new PairTable();
  #states = new Float64Array(1024);
  readonly #one: Float64Array;
  /** For operations without mergeable state. */
  #samples: SampleRows;

  /** `statesMax`: as `BatchSizes.partialStates`. */
  constructor(node: RangeAggregation, statesMax = BATCH_SIZES.partialStates) {
    this.#node = node;
    this.#statesMax = statesMax;
    this.#grid = new PaneGrid(node);
    this.#operation = RANGE_OPERATIONS[node.operation];
    this.#width = rowWidth(this.#operation);
    this.#one = new Float64Array(this.#width);
    this.#samples = new SampleRows(this.#width);
    this.#index = new SeriesIndex(node.grouping);
    this.#keepsErrors = node.preserveErrors === true;
  }

  get full(): boolean {
    return this.#slots.size >= this.#statesMax || this.#samples.count >= this.#statesMax;
  }

  add(batch: LogBatch): void {
    if (batch.count === 0) return;
    const shift = Number(batch.base - this.#grid.origin);
    if (batch.hasErrors) failOnError(batch, this.#keepsErrors, this.#grid, shift);
    const series = new Int32Array(batch.count);
    this.#index.assign(batch, series);
    if (this.#operation.kind === 'states') this.#addStates(batch, series, shift, this.#operation);
    else this.#addSamples(batch, series, shift);
  }

  /** What was gathered since the last call; undefined when nothing. */
  take(): StateBatch | undefined {
    const columns = this.#operation.kind === 'states' ? this.#takeStates() : this.#takeSamples();
    if (columns.rows === 0) return undefined;
    const index = this.#index;
    const labels = Array.from({ length: index.size }, (_, i) => index.labels(i));
    this.#index = new SeriesIndex(this.#node.grouping);
    return { labels, ...columns, width: this.#width };
  }

  #takeStates(): Omit<StateBatch, 'labels' | 'width'> {
    const rows = this.#slots.size;
    const series = new Int32Array(rows);
    const panes = new Int32Array(rows);
    for (let slot = 0; slot < rows; slot++) {
      series[slot] = this.#slots.left(slot);
      panes[slot] = this.#slots.right(slot);
    }
    this.#slots = new PairTable();
    return { rows, series, panes, states: this.#states.slice(0, rows * this.#width) };
  }

  #takeSamples(): Omit<StateBatch, 'labels' | 'width'> {
    const { count: rows, series, panes, states } = this.#samples;
    this.#samples = new SampleRows(this.#width);
    return {
      rows,
      series: series.subarray(0, rows),
      panes: panes.subarray(0, rows),
      states: states.subarray(0, rows * this.#width),
    };
  }

  #addStates(batch: LogBatch, series: Int32Array, shift: number, operation: StateOperation): void {
    const values = sampleValues(batch, this.#node.operation);
    if (COUNTS.has(this.#node.operation)) return this.#addCounts(batch, series, shift, values);
    const grid = this.#grid;
    const { times, selection, count } = batch;
    const width = this.#width;
    let lastSeries = -1;
    let lastPane = 0;
    let slot = 0;
    for (let i = 0; i < count; i++) {
      const row = selection ? selection[i]! : i;
      const x = times[row]! + shift;
      if (!grid.locate(x)) continue;
      const value = values ? values[row]! : 1;
      if (series[i] === lastSeries && grid.pane === lastPane) {
        this.#mergeOne(operation, value, x, slot * width);
        continue;
      }
      lastSeries = series[i]!;
      lastPane = grid.pane;
      const known = this.#slots.size;
      slot = this.#slots.id(lastSeries, lastPane);
      if (slot < known) this.#mergeOne(operation, value, x, slot * width);
      else operation.start(this.#room(slot), slot * width, value, x);
    }
  }

  /** Whole numbers, which may be added up in any order: a run of rows of one series and pane costs one look-up. */
  #addCounts(batch: LogBatch, series: Int32Array, shift: number, values: ArrayLike<number> | undefined): void {
    const grid = this.#grid;
    const { times, selection, count } = batch;
    for (let i = 0; i < count; ) {
      const first = selection ? selection[i]! : i;
      if (!grid.locate(times[first]! + shift)) {
        i++;
        continue;
      }
      const of = series[i]!;
      let sum = 0;
      do {
        const row = selection ? selection[i]! : i;
        const x = times[row]! + shift;
        if (series[i] !== of || !grid.covers(x, x)) break;
        sum += values ? values[row]! : 1;
        i++;
      } while (i < count);
      this.#addSum(of, sum);
    }
  }

  #addSum(series: number, sum: number): void {
    const known = this.#slots.size;
    const slot = this.#slots.id(series, this.#grid.pane);
    const states = this.#room(slot);
    states[slot] = slot < known ? states[slot]! + sum : sum;
  }

  #mergeOne(operation: StateOperation, value: number, time: number, at: number): void {
    operation.start(this.#one, 0, value, time);
    operation.merge(this.#states, at, this.#one, 0);
  }

  #addSamples(batch: LogBatch, series: Int32Array, shift: number): void {
    const { times, selection, count, value } = batch;
    const samples = this.#samples;
    const width = this.#width;
    let at = samples.add(count);
    for (let i = 0; i < count; i++) {
      const row = selection ? selection[i]! : i;
      const x = times[row]! + shift;
      if (!this.#grid.locate(x)) continue;
      samples.series[at] = series[i]!;
      samples.panes[at] = this.#grid.pane;
      if (width === 2) samples.states[at * 2] = x;
      samples.states[at * width + width - 1] = value ? value[row]! : 1;
      at++;
    }
    samples.count = at;
  }

  #room(slot: number): Float64Array {
    if ((slot + 1) * this.#width > this.#states.length) {
      const bigger = new Float64Array(this.#states.length * 2);
      bigger.set(this.#states);
      this.#states = bigger;
    }
    return this.#states;
  }
}

const COUNTS: ReadonlySet<RangeOperation> = new Set(['count', 'bytes', 'absent']);

/** Per row what is aggregated; undefined = 1 everywhere. */
function sampleValues(batch: LogBatch, operation: RangeOperation): ArrayLike<number> | undefined {
  if (operation === 'bytes') return batch.messageLengths();
  if (operation === 'count' || operation === 'absent') return batch.weights;
  return batch.value;
}

const PARSER_ERRORS: ReadonlySet<string> = new Set(['JSONParserErr', 'LogfmtParserErr']);

/**
 * A52: a sampled line with an error fails the query; where the grouping asks for errors, those of parsers do not. Lines
 * between the windows of two steps are no samples.
 */
function failOnError(batch: LogBatch, preserve: boolean, grid: PaneGrid, shift: number): void {
  const kinds = batch.errorColumn('kinds');
  if (!kinds) return;
  const fatal = kinds.values.map((kind) => !preserve || !PARSER_ERRORS.has(kind));
  for (let i = 0; i < batch.count; i++) {
    const row = batch.row(i);
    const kind = kinds.ids[row]!;
    if (kind < 0 || !fatal[kind] || !grid.locate(batch.times[row]! + shift)) continue;
    const { label, metadata, parsed } = new LabelReader(batch).read(row);
    const series = formatLabels(labelsOf([...label, ...metadata, ...parsed]));
    raise('bad-request', pipelineError(kinds.values[kind]!, series), DETAILS_LABEL);
  }
}

function pipelineError(kind: string, series: string): string {
  return (
    `pipeline error: '${kind}' for series: '${series}'.\n` +
    `Use a label filter to intentionally skip this error. (e.g | __error__!="${kind}").\n` +
    `To skip all potential errors you can match empty errors.(e.g __error__="")\n` +
    `The label filter can also be specified after unwrap. (e.g | unwrap latency | __error__="" )\n`
  );
}
