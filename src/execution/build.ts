import { readsTimestamp } from '../planning/physical/columns.js';
import { isCounting, readsMessage } from '../planning/physical/counted.js';
import type { RowFunction } from '../planning/physical/expression.js';
import { inputsOf, type Node, type PreselectStep, type RangeAggregation } from '../planning/physical/node.js';
import { operatorName } from '../planning/physical/print.js';
import { unreachable } from '../wire/exhaustive.js';
import { raise } from '../wire/fault.js';
import { looksAtTimes } from './aggregate/operations/operation.js';
import { RANGE_OPERATIONS } from './aggregate/operations/table.js';
import { PaneGrid } from './aggregate/pane-grid.js';
import { RangeFinal } from './aggregate/range-final.js';
import { RangePartial } from './aggregate/range-partial.js';
import type { StateBatch } from './aggregate/state-batch.js';
import type { LogBatch } from './batch/log-batch.js';
import { frameToTable, gatherRows, type RowsTable, TableRows, tableBatch } from './batch/rows-table.js';
import type { SampleBatch } from './batch/sample-batch.js';
import { frameToSamples, frameToStates } from './batch/sample-frames.js';
import type { ExecutionContext } from './context.js';
import { compileFunction } from './functions/compile.js';
import type { RowStep } from './functions/row-step.js';
import { bounded } from './memory.js';
import { absent, vectorConstant } from './operators/constants.js';
import { join } from './operators/join.js';
import { labelReplace } from './operators/label-replace.js';
import { preselect } from './operators/preselect.js';
import { scalarBinary } from './operators/scalar-binary.js';
import { type ScanUse, scan } from './operators/scan.js';
import { sort } from './operators/sort.js';
import { type RankedBatch, TopKBound, topK } from './operators/top-k.js';
import { vectorAggregation } from './operators/vector-aggregation.js';
import { vectorTopK } from './operators/vector-top-k.js';
import { lazy, observed, type Pipeline } from './pipeline.js';
import { compilePredicate } from './predicate/compile.js';
import { applyFilter } from './predicate/row-filter.js';
import { parsesByShape } from './shapes/shape-parser.js';

/** What a fragment's root yields, by kind. */
export type Output =
  | { readonly kind: 'rows'; readonly tables: Pipeline<RowsTable> }
  | { readonly kind: 'states'; readonly states: Pipeline<StateBatch> }
  | { readonly kind: 'samples'; readonly samples: Pipeline<SampleBatch> };

/** Turns a fragment into a running pipeline. Nothing is read before the first batch is asked for. */
export function build(node: Node, context: ExecutionContext): Output {
  const builder = new Builder(context);
  switch (node.kind) {
    case 'top-k':
      return { kind: 'rows', tables: builder.topK(node, 0) };
    case 'data-obj-scan':
    case 'live-scan':
    case 'scan-set':
    case 'filter':
    case 'projection':
    case 'preselect':
    case 'column-compat':
    case 'limit':
      return { kind: 'rows', tables: builder.tables(node) };
    case 'range-aggregation':
      if (node.mode === 'partial') return { kind: 'states', states: builder.partial(node, 0) };
      return { kind: 'samples', samples: builder.samples(node, 0) };
    default:
      return { kind: 'samples', samples: builder.samples(node, 0) };
  }
}

class Builder {
  readonly #context: ExecutionContext;

  constructor(context: ExecutionContext) {
    this.#context = context;
  }

  // --- Log rows ------------------------------------------------------------------------------------------------------

  topK(node: Extract<Node, { kind: 'top-k' }>, depth: number): Pipeline<RowsTable> {
    const { memoryBytesMax, sizes } = this.#context;
    const bound = new TopKBound(node.ascending, this.#context.bound);
    const rows = topK(this.#ranked(node.input, bound, depth + 1), node, bound, memoryBytesMax, sizes);
    return this.#observe(node, depth, rows, (table) => table.rows);
  }

  /** Rows that end in no TopK, as tables. */
  async *tables(node: Node): Pipeline<RowsTable> {
    for await (const batch of this.rows(node, {}, 0)) {
      const rows = Array.from({ length: batch.count }, (_, i) => batch.row(i));
      yield gatherRows(
        [batch],
        rows.map(() => 0),
        rows,
      );
    }
  }

  async *#ranked(node: Node, bound: TopKBound, depth: number): Pipeline<RankedBatch> {
    if (node.kind === 'source') {
      for await (const { frame, rank } of this.#context.source(node.slot)) {
        yield { batch: new TableRows(frameToTable(frame)), rank, ordered: true };
      }
      return;
    }
    const ordered = node.kind === 'top-k';
    for await (const batch of this.rows(node, { bound, loads: isBareScan(node) }, depth))
      yield { batch, rank: 0, ordered };
  }

  rows(node: Node, use: ScanUse, depth: number): Pipeline<LogBatch> {
    const rows = this.#rows(node, use, depth);
    if (node.kind === 'top-k') return rows; // it has been observed as what it is made of
    return this.#observe(node, depth, rows, (batch) => batch.count);
  }

  #rows(node: Node, use: ScanUse, depth: number): Pipeline<LogBatch> {
    switch (node.kind) {
      case 'data-obj-scan':
      case 'live-scan':
        return scan(node.target, node.scan, this.#context, use);
      case 'scan-set':
        return this.#scanSet(node, use);
      case 'filter': {
        const filters = node.predicates.map(compilePredicate);
        const below = node.predicates.some(readsMessage) ? { ...use, lineReaders: undefined } : use;
        return mapRows(this.rows(node.input, below, depth + 1), (batch) => {
          for (const filter of filters) applyFilter(batch, filter);
        });
      }
      case 'projection': {
        const steps = this.#functions(node.functions);
        const below = {
          ...use,
          parses: use.parses || node.functions.some(parsesByShape),
          lineReaders: allReaders(use.lineReaders, steps),
          panes: panesBelow(use.panes, node.functions),
        };
        return mapRows(this.rows(node.input, below, depth + 1), (batch) => {
          for (const step of steps) step(batch);
        });
      }
      case 'preselect': {
        const steps = node.steps.flatMap((step) => this.#preselectStep(step));
        const functions = node.steps.flatMap((step) => (step.kind === 'functions' ? step.functions : []));
        const below = { ...use, lineReaders: undefined, panes: panesBelow(use.panes, functions) };
        return mapRows(this.rows(node.input, below, depth + 1), (batch) => preselect(batch, steps));
      }
      case 'column-compat': // conflicts are resolved where columns are set
      case 'parallelize':
        return this.rows(node.input, use, depth + 1);
      case 'limit':
        return limitRows(this.rows(node.input, use, depth + 1), node.skip, node.fetch);
      case 'top-k':
        return this.#tableBatches(this.topK(node, depth));
      case 'source':
        return this.#sourceRows(node.slot);
      default:
        return raise('internal', `${node.kind} yields no log rows`);
    }
  }

  #functions(functions: readonly RowFunction[]): RowStep[] {
    const context = { now: this.#context.now, checkpoint: () => this.#context.signal.throwIfAborted() };
    return functions.map((fn) => compileFunction(fn, context));
  }

  #preselectStep(step: PreselectStep): RowStep[] {
    if (step.kind === 'functions') return this.#functions(step.functions);
    return step.predicates.map(compilePredicate).map((filter) => (batch) => applyFilter(batch, filter));
  }

  async *#scanSet(node: Extract<Node, { kind: 'scan-set' }>, use: ScanUse): Pipeline<LogBatch> {
    for (const target of node.targets) yield* scan(target, node.scan, this.#context, use);
  }

  async *#tableBatches(tables: Pipeline<RowsTable>): Pipeline<LogBatch> {
    for await (const table of tables) yield tableBatch(table);
  }

  async *#sourceRows(slot: number): Pipeline<LogBatch> {
    for await (const { frame } of this.#context.source(slot)) yield tableBatch(frameToTable(frame));
  }

  // --- Samples -------------------------------------------------------------------------------------------------------

  async *partial(node: RangeAggregation, depth: number): Pipeline<StateBatch> {
    const partial = new RangePartial(node, this.#context.sizes?.partialStates);
    for await (const batch of this.#aggregated(node, depth + 1)) {
      partial.add(batch);
      batch.release();
      if (!partial.full) continue;
      const states = partial.take();
      if (states) yield states;
    }
    const states = partial.take();
    if (states) yield states;
  }

  /** Rows to aggregate; straight from a scan, counts and byte sums may come from its index. */
  #aggregated(node: RangeAggregation, depth: number): Pipeline<LogBatch> {
    let input = node.input;
    while (input.kind === 'column-compat') input = input.input;
    const lineReaders = node.operation === 'bytes' ? undefined : [];
    if (isCounting(node) && isScan(input)) return this.rows(input, { counting: new PaneGrid(node) }, depth);
    const panes = looksAtTimes(RANGE_OPERATIONS[node.operation]) ? undefined : new PaneGrid(node);
    return this.rows(node.input, { lineReaders, panes }, depth);
  }

  samples(node: Node, depth: number): Pipeline<SampleBatch> {
    return this.#observe(node, depth, this.#samples(node, depth), (batch) => batch.series.length);
  }

  #samples(node: Node, depth: number): Pipeline<SampleBatch> {
    switch (node.kind) {
      case 'range-aggregation':
        return this.#windows(node, depth);
      case 'vector-aggregation':
        return vectorAggregation(this.samples(node.input, depth + 1), node, this.#context.memoryBytesMax);
      case 'vector-top-k':
        return vectorTopK(this.#kept(node.input, depth + 1), node);
      case 'sort':
        return sort(this.#kept(node.input, depth + 1), node);
      case 'scalar-binary':
        return scalarBinary(this.samples(node.input, depth + 1), node);
      case 'join':
        return join(
          lazy(() => this.#kept(node.left, depth + 1)),
          lazy(() => this.#kept(node.right, depth + 1)),
          node,
        );
      case 'label-replace':
        return labelReplace(this.samples(node.input, depth + 1), node);
      case 'vector-constant':
        return vectorConstant(node);
      case 'absent':
        return absent(this.samples(node.input, depth + 1), node);
      case 'parallelize':
        return this.samples(node.input, depth + 1);
      case 'source':
        return this.#sourceSamples(node.slot);
      case 'data-obj-scan':
      case 'live-scan':
      case 'scan-set':
      case 'filter':
      case 'projection':
      case 'preselect':
      case 'column-compat':
      case 'limit':
      case 'top-k':
        return raise('internal', `${node.kind} yields no samples`);
      default:
        return unreachable(node);
    }
  }

  /** Samples for an operator that keeps all of them until the last has come. */
  #kept(node: Node, depth: number): Pipeline<SampleBatch> {
    const bytesOf = ({ values, present }: SampleBatch): number => values.byteLength + present.byteLength;
    return bounded(this.samples(node, depth), bytesOf, this.#context.memoryBytesMax);
  }

  /** A `final` aggregation merges states; a `single` one makes them itself first. */
  async *#windows(node: RangeAggregation, depth: number): Pipeline<SampleBatch> {
    const final = new RangeFinal(node, this.#context.memoryBytesMax, this.#context.sizes?.sampleSeries);
    const check = (): void => this.#context.signal.throwIfAborted();
    for await (const states of this.#states(node, depth)) {
      check();
      final.add(states);
    }
    yield* final.results(check);
  }

  #states(node: RangeAggregation, depth: number): Pipeline<StateBatch> {
    if (node.mode === 'single') return this.partial(node, depth);
    let input = node.input;
    while (input.kind === 'parallelize') [input] = inputsOf(input) as [Node];
    if (input.kind === 'source') return this.#sourceStates(input.slot);
    if (input.kind === 'range-aggregation') return this.partial(input, depth + 1);
    return raise('internal', `a final aggregation over ${input.kind}`);
  }

  async *#sourceStates(slot: number): Pipeline<StateBatch> {
    for await (const { frame } of this.#context.source(slot)) yield frameToStates(frame);
  }

  async *#sourceSamples(slot: number): Pipeline<SampleBatch> {
    for await (const { frame } of this.#context.source(slot)) yield frameToSamples(frame);
  }

  #observe<Batch>(
    node: Node,
    depth: number,
    input: Pipeline<Batch>,
    rowsOf: (batch: Batch) => number,
  ): Pipeline<Batch> {
    const { observe } = this.#context;
    if (!observe) return input;
    const stats = { operator: operatorName(node), depth, rowsOut: 0, batches: 0, milliseconds: 0, notes: '' };
    observe.operators.push(stats);
    return observed(input, stats, rowsOf, observe.now);
  }
}

/** True when nothing between a reader and its scans looks at rows. */
function isBareScan(node: Node): boolean {
  if (node.kind === 'column-compat' || node.kind === 'parallelize') return isBareScan(node.input);
  return isScan(node);
}

/** Undefined as soon as there is one of which it is not known when it reads lines. */
function allReaders(above: ScanUse['lineReaders'], steps: readonly RowStep[]): ScanUse['lineReaders'] {
  const own = steps.flatMap(({ reads }) => reads ?? []);
  return above && own.length === steps.length ? [...above, ...own] : undefined;
}

/** Undefined where one of them looks at more of a row's time than its pane. */
function panesBelow(above: ScanUse['panes'], functions: readonly RowFunction[]): ScanUse['panes'] {
  return functions.some(readsTimestamp) ? undefined : above;
}

function isScan({ kind }: Node): boolean {
  return kind === 'data-obj-scan' || kind === 'live-scan' || kind === 'scan-set';
}

async function* mapRows(input: Pipeline<LogBatch>, change: (batch: LogBatch) => void): Pipeline<LogBatch> {
  for await (const batch of input) {
    change(batch);
    if (batch.count > 0) yield batch;
    else batch.release();
  }
}

async function* limitRows(input: Pipeline<LogBatch>, skip: number, fetch: number): Pipeline<LogBatch> {
  let toSkip = skip;
  let left = fetch;
  for await (const batch of input) {
    const first = Math.min(toSkip, batch.count);
    const count = Math.min(left, batch.count - first);
    toSkip -= first;
    left -= count;
    const rows = Int32Array.from({ length: count }, (_, i) => batch.row(first + i));
    batch.select(rows, count);
    if (count > 0) yield batch;
    if (left === 0) return;
  }
}
