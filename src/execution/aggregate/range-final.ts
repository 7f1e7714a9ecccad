import type { RangeAggregation } from '../../planning/physical/node.js';
import { unreachable } from '../../wire/exhaustive.js';
import type { Labels } from '../../wire/labels.js';
import { sortIndices } from '../../wire/sort-indices.js';
import { emptySamples, labelsKey, type SampleBatch } from '../batch/sample-batch.js';
import { BATCH_SIZES } from '../batch/sizes.js';
import { checkMemory } from '../memory.js';
import {
  type Operation,
  rowWidth,
  type SampleOperation,
  type StateOperation,
  type ValueOperation,
} from './operations/operation.js';
import { RANGE_OPERATIONS } from './operations/table.js';
import { PairTable } from './pair-table.js';
import { PaneGrid } from './pane-grid.js';
import { SampleRows } from './sample-rows.js';
import { SlidingWindow } from './sliding-window.js';
import type { StateBatch } from './state-batch.js';
import { evaluateValues } from './value-windows.js';

const STEPS_BETWEEN_CHECKS = 64;

/** Merges the states of many partial aggregations and evaluates the windows of every series. */
export class RangeFinal {
  readonly #node: RangeAggregation;
  readonly #operation: Operation;
  readonly #grid: PaneGrid;
  readonly #width: number;
  readonly #memoryBytesMax: number;
  readonly #seriesMax: number;
  readonly #labels: Labels[] = [];
  readonly #byKey = new Map<string, number>();
  readonly #slots = new PairTable(); // (series, pane)
  #states = new Float64Array(1024);
  /** Instead of states, each with a slot of its own. */
  readonly #samples: SampleRows;

  /** `seriesMax`: as `BatchSizes.sampleSeries`. */
  constructor(node: RangeAggregation, memoryBytesMax: number, seriesMax = BATCH_SIZES.sampleSeries) {
    this.#node = node;
    this.#seriesMax = seriesMax;
    this.#grid = new PaneGrid(node);
    this.#operation = RANGE_OPERATIONS[node.operation];
    this.#width = rowWidth(this.#operation);
    this.#samples = new SampleRows(this.#width);
    this.#memoryBytesMax = memoryBytesMax;
  }

  add(batch: StateBatch): void {
    const series = batch.labels.map((labels) => this.#number(labels));
    const operation = this.#operation;
    if (operation.kind !== 'states') return this.#addSamples(batch, series);
    const width = this.#width;
    for (let row = 0; row < batch.rows; row++) {
      const number = series[batch.series[row]!]!;
      const known = this.#slots.size;
      const slot = this.#slots.id(number, batch.panes[row]!);
      if (slot === known) this.#append(slot, batch.states, row * width);
      else operation.merge(this.#states, slot * width, batch.states, row * width);
    }
  }

  #addSamples(batch: StateBatch, series: readonly number[]): void {
    const samples = this.#samples;
    checkMemory(samples.bytesWith(batch.rows), this.#memoryBytesMax);
    const first = samples.add(batch.rows);
    samples.states.set(batch.states.subarray(0, batch.rows * this.#width), first * this.#width);
    samples.panes.set(batch.panes, first);
    for (let row = 0; row < batch.rows; row++) samples.series[first + row] = series[batch.series[row]!]!;
  }

  /**
   * Samples of all series, some series at a time, in an order that does not depend on where the data lies or which scan
   * was first: topk keeps the first of equal values. `check` is called every now and then and throws to end it.
   */
  *results(check: () => void = () => {}): Generator<SampleBatch> {
    check();
    const { starts, slots } = this.#slotsBySeries();
    const sorted = [...this.#byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, series]) => series);
    for (let first = 0; first < sorted.length; first += this.#seriesMax) {
      const some = sorted.slice(first, first + this.#seriesMax);
      const batch = emptySamples(
        some.map((series) => this.#labels[series]!),
        this.#grid.steps,
      );
      some.forEach((series, i) => {
        check();
        this.#evaluate(slots.subarray(starts[series]!, starts[series + 1]!), batch, i * this.#grid.steps, check);
      });
      yield batch;
    }
  }

  #number(labels: Labels): number {
    const key = labelsKey(labels);
    let number = this.#byKey.get(key);
    if (number === undefined) {
      number = this.#labels.push(labels) - 1;
      this.#byKey.set(key, number);
    }
    return number;
  }

  #append(slot: number, states: Float64Array, at: number): void {
    const width = this.#width;
    if ((slot + 1) * width > this.#states.length) this.#grow();
    for (let i = 0; i < width; i++) this.#states[slot * width + i] = states[at + i]!;
  }

  #grow(): void {
    checkMemory(this.#states.byteLength * 2, this.#memoryBytesMax);
    const bigger = new Float64Array(this.#states.length * 2);
    bigger.set(this.#states);
    this.#states = bigger;
  }

  /** Counting sort of slots by series. */
  #slotsBySeries(): { starts: Int32Array; slots: Int32Array } {
    const samples = this.#operation.kind === 'states' ? undefined : this.#samples;
    const slots = new Int32Array(samples ? samples.count : this.#slots.size);
    const seriesOf = (slot: number): number => (samples ? samples.series[slot]! : this.#slots.left(slot));
    const starts = new Int32Array(this.#labels.length + 1);
    for (let slot = 0; slot < slots.length; slot++) starts[seriesOf(slot) + 1]!++;
    for (let series = 0; series < this.#labels.length; series++) starts[series + 1]! += starts[series]!;
    const next = starts.slice();
    for (let slot = 0; slot < slots.length; slot++) slots[next[seriesOf(slot)]!++] = slot;
    return { starts, slots };
  }

  #evaluate(slots: Int32Array, batch: SampleBatch, at: number, check: () => void): void {
    const operation = this.#operation;
    switch (operation.kind) {
      case 'states':
        return this.#evaluateStates(operation, slots, batch, at);
      case 'samples':
        return this.#evaluateSamples(operation, slots, batch, at, check);
      case 'values':
        return this.#evaluateValues(operation, slots, batch, at, check);
      default:
        return unreachable(operation);
    }
  }

  #evaluateValues(
    operation: ValueOperation,
    slots: Int32Array,
    batch: SampleBatch,
    at: number,
    check: () => void,
  ): void {
    const { panes, states } = this.#samples;
    const values = new Float64Array(slots.length);
    for (let i = 0; i < slots.length; i++) values[i] = states[slots[i]!]!;
    const input = { panes: slots.map((slot) => panes[slot]!), values };
    const parameter = this.#node.parameter ?? Number.NaN;
    evaluateValues({ operation, parameter }, this.#grid, input, batch, at, check);
  }

  #evaluateStates(operation: StateOperation, slots: Int32Array, batch: SampleBatch, at: number): void {
    const width = this.#width;
    slots.sort((a, b) => this.#slots.right(a) - this.#slots.right(b));
    const panes = slots.map((slot) => this.#slots.right(slot));
    const states = new Float64Array(slots.length * width);
    for (let i = 0; i < slots.length; i++) {
      for (let w = 0; w < width; w++) states[i * width + w] = this.#states[slots[i]! * width + w]!;
    }
    new SlidingWindow(operation, this.#grid).evaluate(panes, states, batch.values, batch.present, at);
  }

  #evaluateSamples(
    operation: SampleOperation,
    slots: Int32Array,
    batch: SampleBatch,
    at: number,
    check: () => void,
  ): void {
    const { times, values } = this.#inTimeOrder(slots);
    const window = operation.over(times, values, this.#node.parameter ?? Number.NaN);
    const step = this.#node.stepNs;
    for (let k = 0, from = 0, to = 0; k < this.#grid.steps; k++) {
      if (k % STEPS_BETWEEN_CHECKS === 0) check();
      const end = k * step;
      const start = end - this.#node.rangeNs;
      while (to < times.length && times[to]! <= end) to++;
      while (from < to && times[from]! <= start) from++;
      if (from === to) continue;
      batch.values[at + k] = window.evaluate(from, to, start, end);
      batch.present[at + k] = 1;
    }
  }

  #inTimeOrder(slots: Int32Array): { times: Float64Array; values: Float64Array } {
    const { states } = this.#samples;
    const arrived = new Float64Array(slots.length);
    const order = new Int32Array(slots.length);
    for (let i = 0; i < slots.length; i++) {
      arrived[i] = states[slots[i]! * 2]!;
      order[i] = i;
    }
    sortIndices(order, 0, order.length, arrived);
    const times = new Float64Array(slots.length);
    const values = new Float64Array(slots.length);
    for (let i = 0; i < slots.length; i++) {
      times[i] = arrived[order[i]!]!;
      values[i] = states[slots[order[i]!]! * 2 + 1]!;
    }
    return { times, values };
  }
}
