import { labelsAt, numberRows, type Pair, pairsOf } from '../../execution/batch/pair-lists.js';
import { frameToTable, type RowsTable } from '../../execution/batch/rows-table.js';
import { labelsFromKey, type SampleBatch } from '../../execution/batch/sample-batch.js';
import { frameToSamples } from '../../execution/batch/sample-frames.js';
import type { QueryParameters } from '../../planning/facts.js';
import type { ResultShape } from '../../planning/plan.js';
import type { Frame } from '../../wire/arrow-frame.js';
import { unreachable } from '../../wire/exhaustive.js';
import { raise } from '../../wire/fault.js';
import { getOrCreate } from '../../wire/get-or-create.js';
import { formatLabels, type Labels } from '../../wire/labels.js';
import type { MatrixSeries, QueryResult, StreamEntry, VectorSample } from '../../wire/query.js';

/** Gathers the frames of a results stream into what the client gets. */
export interface ResultBuilder {
  add(frame: Frame): void;
  finish(): QueryResult;
}

/** `seriesMax`: a matrix gathers no more than one series beyond it. */
export function resultBuilder(
  shape: ResultShape,
  parameters: QueryParameters,
  categorize: boolean,
  seriesMax = Number.POSITIVE_INFINITY,
): ResultBuilder {
  switch (shape.type) {
    case 'streams':
      return new StreamsBuilder(categorize);
    case 'vector':
      return new VectorBuilder(parameters, shape.keepsOrder);
    case 'matrix':
      return new MatrixBuilder(parameters, seriesMax);
    case 'scalar':
      return new ScalarBuilder(parameters);
    default:
      return unreachable(shape.type);
  }
}

/** Entries by stream; without categories a stream is a distinct set of all labels (B18), with them the stream's own (B19). */
class StreamsBuilder implements ResultBuilder {
  readonly #categorize: boolean;
  readonly #streams = new Map<string, { labels: Labels; entries: StreamEntry[] }>();

  constructor(categorize: boolean) {
    this.#categorize = categorize;
  }

  add(frame: Frame): void {
    const table = frameToTable(frame);
    const metadata = pairsOf(table.metadata);
    const parsed = pairsOf(table.parsed);
    const { entries, numbers } = this.#categorize ? this.#byStream(table) : this.#byAllLabels(table, metadata, parsed);
    const { offsets, bytes } = table.text;
    for (let row = 0; row < table.rows; row++) {
      const entry = { time: table.times[row]!, line: bytes.utf8Slice(offsets[row]!, offsets[row + 1]!) };
      const categories = this.#categorize && {
        structuredMetadata: labelsAt(table.metadata, metadata, row),
        parsed: labelsAt(table.parsed, parsed, row),
      };
      entries[numbers[row]!]!.push(categories ? { ...entry, ...categories } : entry);
    }
  }

  finish(): QueryResult {
    const streams = [...this.#streams].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stream]) => stream);
    return { type: 'streams', streams };
  }

  #byStream({ label }: RowsTable): RowEntries {
    return { entries: label.values.map((key) => this.#entries(labelsFromKey(key))), numbers: label.ids };
  }

  #byAllLabels(table: RowsTable, metadata: readonly Pair[], parsed: readonly Pair[]): RowEntries {
    const label = table.label.values.map(labelsFromKey);
    const { numbers, first } = numberRows(table.label.ids, [table.metadata, table.parsed]);
    const entries = first.map((row) => {
      const own = label[table.label.ids[row]!]!;
      return this.#entries([
        ...own,
        ...labelsAt(table.metadata, metadata, row),
        ...labelsAt(table.parsed, parsed, row),
      ]);
    });
    return { entries, numbers };
  }

  #entries(labels: Labels): StreamEntry[] {
    const sorted = [...labels].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    const key = formatLabels(sorted);
    return getOrCreate(this.#streams, key, () => ({ labels: sorted, entries: [] })).entries;
  }
}

/** Where entries of rows go: those of row i to entries[numbers[i]]. */
interface RowEntries {
  readonly entries: readonly StreamEntry[][];
  readonly numbers: Int32Array;
}

class VectorBuilder implements ResultBuilder {
  readonly #timeMs: number;
  readonly #keepsOrder: boolean;
  readonly #samples: VectorSample[] = [];

  constructor({ start }: QueryParameters, keepsOrder: boolean) {
    this.#timeMs = Number(start / 1_000_000n);
    this.#keepsOrder = keepsOrder;
  }

  add(frame: Frame): void {
    const batch = frameToSamples(frame);
    batch.series.forEach((labels, series) => {
      const at = series * batch.steps;
      if (batch.present[at] === 1) this.#samples.push({ labels, timeMs: this.#timeMs, value: batch.values[at]! });
    });
  }

  finish(): QueryResult {
    if (!this.#keepsOrder) this.#samples.sort((a, b) => compareLabels(a.labels, b.labels));
    return { type: 'vector', samples: this.#samples };
  }
}

class MatrixBuilder implements ResultBuilder {
  readonly #parameters: QueryParameters;
  readonly #seriesMax: number;
  readonly #series = new Map<string, MatrixSeries>();

  constructor(parameters: QueryParameters, seriesMax: number) {
    this.#parameters = parameters;
    this.#seriesMax = seriesMax;
  }

  add(frame: Frame): void {
    const batch = frameToSamples(frame);
    const stepMs = this.#parameters.stepNs / 1e6;
    const startMs = Number(this.#parameters.start / 1_000_000n);
    batch.series.forEach((labels, series) => {
      if (this.#series.size > this.#seriesMax) return; // one more than may be shown: enough to know
      const points = pointsOf(batch, series, startMs, stepMs);
      if (points.values.length > 0) this.#put({ labels, ...points });
    });
  }

  /** Series that label_replace made equal become one, with the samples of all, as in Loki. */
  #put(series: MatrixSeries): void {
    const key = formatLabels(series.labels);
    const known = this.#series.get(key);
    this.#series.set(key, known === undefined ? series : mergedByTime(known, series));
  }

  finish(): QueryResult {
    return { type: 'matrix', series: [...this.#series.values()].sort((a, b) => compareLabels(a.labels, b.labels)) };
  }
}

function mergedByTime(a: MatrixSeries, b: MatrixSeries): MatrixSeries {
  const timesMs = [...a.timesMs, ...b.timesMs];
  const values = [...a.values, ...b.values];
  const order = [...timesMs.keys()].sort((i, j) => timesMs[i]! - timesMs[j]!);
  return { labels: a.labels, timesMs: order.map((i) => timesMs[i]!), values: order.map((i) => values[i]!) };
}

function pointsOf(
  batch: SampleBatch,
  series: number,
  startMs: number,
  stepMs: number,
): { timesMs: number[]; values: number[] } {
  const timesMs: number[] = [];
  const values: number[] = [];
  for (let k = 0; k < batch.steps; k++) {
    const cell = series * batch.steps + k;
    if (batch.present[cell] === 0) continue;
    timesMs.push(startMs + k * stepMs);
    values.push(batch.values[cell]!);
  }
  return { timesMs, values };
}

/** A query that is a number: the one sample of a vector without labels. */
class ScalarBuilder implements ResultBuilder {
  readonly #timeMs: number;
  #value: number | undefined;

  constructor({ start }: QueryParameters) {
    this.#timeMs = Number(start / 1_000_000n);
  }

  add(frame: Frame): void {
    this.#value = frameToSamples(frame).values[0];
  }

  finish(): QueryResult {
    if (this.#value === undefined) return raise('internal', 'a scalar query gave no value');
    return { type: 'scalar', timeMs: this.#timeMs, value: this.#value };
  }
}

/** Order of label sets as Prometheus has it: pair by pair, then the shorter one first. */
export function compareLabels(a: Labels, b: Labels): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    for (const part of [0, 1] as const) {
      if (a[i]![part] !== b[i]![part]) return a[i]![part] < b[i]![part] ? -1 : 1;
    }
  }
  return a.length - b.length;
}

/** Number of series (or streams' label sets) of a metric result. */
export function seriesCount(result: QueryResult): number {
  if (result.type === 'matrix') return result.series.length;
  return result.type === 'vector' ? result.samples.length : 0;
}

export function truncateSeries(result: QueryResult, max: number): QueryResult {
  if (result.type === 'matrix') return { ...result, series: result.series.slice(0, max) };
  return result.type === 'vector' ? { ...result, samples: result.samples.slice(0, max) } : result;
}
