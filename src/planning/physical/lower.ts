/** From the logical plan to the first physical tree: data sources are resolved, nothing is optimised yet. */
import type { CatalogSnapshot } from '../facts.js';
import { tableRange, tablesOf, timeBound } from '../logical/tables.js';
import {
  type BinaryInstruction,
  type LogicalPlan,
  type Operand,
  type Project,
  predicateOf,
  type RangeAggregationInstruction,
  type Select,
  type ValueId,
} from '../logical/value.js';
import { conjuncts, consumesLine, isMessage, predicateColumns } from './columns.js';
import { type RowFunction, TIMESTAMP } from './expression.js';
import { type ParserHints, parserHints, READ_ALL } from './hints.js';
import type { Node, RangeAggregation } from './node.js';

/**
 * `snapshots` belong to the MAKETABLE instructions in their order; see `selectorsOf`. Throws an Error when their number
 * differs: the caller has resolved another query.
 */
export function lowerPlan(plan: LogicalPlan, snapshots: readonly CatalogSnapshot[]): Node {
  const tables = tablesOf(plan);
  if (tables.length !== snapshots.length) {
    throw new Error(`${tables.length} selectors but ${snapshots.length} catalog snapshots`);
  }
  const byTable = new Map(tables.map((id, i) => [id, snapshots[i]!]));
  return new Lowering(plan, byTable).value(plan.result);
}

/** What the row operators of one pipeline need to know from above. */
interface Pipeline {
  readonly hints: ParserHints;
  /** Something above looks at the line. */
  readonly lineRead: boolean;
}

class Lowering {
  readonly #plan: LogicalPlan;
  readonly #snapshots: ReadonlyMap<ValueId, CatalogSnapshot>;

  constructor(plan: LogicalPlan, snapshots: ReadonlyMap<ValueId, CatalogSnapshot>) {
    this.#plan = plan;
    this.#snapshots = snapshots;
  }

  /** A result, or samples. */
  value(id: ValueId): Node {
    const instruction = this.#plan.instructions[id]!;
    switch (instruction.kind) {
      case 'compat':
        return this.value(instruction.input);
      case 'top-k': {
        const { table, k, ascending, intervalNs } = instruction;
        const input = this.#rows(table, { hints: READ_ALL, lineRead: true });
        return { kind: 'top-k', sortBy: TIMESTAMP, ascending, k, intervalNs, input };
      }
      case 'range-aggregation':
        return this.#rangeAggregation(id, instruction);
      case 'absent': {
        const { labels, evaluation } = instruction;
        return { kind: 'absent', labels, ...evaluation, input: this.value(instruction.input) };
      }
      case 'vector-aggregation':
      case 'vector-top-k':
      case 'sort':
      case 'label-replace':
        return { ...instruction, input: this.value(instruction.input) };
      case 'binary':
        return this.#binary(instruction);
      case 'vector':
        return { kind: 'vector-constant', value: instruction.value, ...instruction.evaluation };
      default:
        throw new Error(`physical plan: ${instruction.kind} is no result`);
    }
  }

  #rangeAggregation(id: ValueId, instruction: RangeAggregationInstruction): RangeAggregation {
    const { table, operation, evaluation, rangeNs, offsetNs, grouping, parameter } = instruction;
    const hints = parserHints(this.#plan, id, instruction);
    return {
      kind: 'range-aggregation',
      operation,
      mode: 'single',
      ...evaluation,
      rangeNs,
      offsetNs,
      grouping: operation === 'absent' ? { kind: 'by', columns: [] } : grouping,
      ...(parameter === undefined ? {} : { parameter }),
      ...(hints.preserveErrors ? { preserveErrors: true } : {}),
      input: this.#rows(table, { hints, lineRead: operation === 'bytes' }),
    };
  }

  #binary({ operation, left, right, bool, matching }: BinaryInstruction): Node {
    const isSet = operation === 'AND' || operation === 'OR' || operation === 'UNLESS';
    if (!isSet && right.kind === 'number' && left.kind === 'value') {
      const input = this.value(left.id);
      return { kind: 'scalar-binary', operation, bool, scalar: right.value, scalarLeft: false, input };
    }
    if (!isSet && left.kind === 'number' && right.kind === 'value') {
      const input = this.value(right.id);
      return { kind: 'scalar-binary', operation, bool, scalar: left.value, scalarLeft: true, input };
    }
    const { kind, labels, group } = matching ?? { kind: 'ignoring', labels: [] };
    return {
      kind: 'join',
      operation,
      bool,
      matching: { kind, labels },
      ...(group === undefined ? {} : { group }),
      left: this.#side(left),
      right: this.#side(right),
    };
  }

  #side(operand: Operand): Node {
    if (operand.kind === 'value') return this.value(operand.id);
    throw new Error('physical plan: a set operation between numbers');
  }

  #rows(id: ValueId, pipeline: Pipeline): Node {
    const instruction = this.#plan.instructions[id]!;
    switch (instruction.kind) {
      case 'make-table':
        return this.#table(id);
      case 'select':
        return this.#select(instruction, pipeline);
      case 'project':
        return this.#project(instruction, pipeline);
      default:
        throw new Error(`physical plan: ${instruction.kind} has no rows`);
    }
  }

  #table(id: ValueId): Node {
    const { targets } = this.#snapshots.get(id)!;
    const scan = { range: tableRange(this.#plan, id), predicates: [], order: 'any' } as const;
    const set: Node = { kind: 'scan-set', targets, scan };
    const compat: Node = { kind: 'column-compat', source: 'metadata', collisions: ['label'], input: set };
    return { kind: 'parallelize', input: compat };
  }

  /** Neighbouring conditions share a Filter; the time bounds are the scan's. */
  #select({ table, predicate }: Select, pipeline: Pipeline): Node {
    if (timeBound(this.#plan.instructions[predicate]!) !== null) return this.#rows(table, pipeline);
    const condition = predicateOf(this.#plan, predicate);
    const lineRead = pipeline.lineRead || predicateColumns(condition).some(isMessage);
    const input = this.#rows(table, { ...pipeline, lineRead });
    const predicates = conjuncts(condition);
    if (input.kind === 'filter') return { ...input, predicates: [...input.predicates, ...predicates] };
    return { kind: 'filter', predicates, input };
  }

  #project({ table, function: fn }: Project, pipeline: Pipeline): Node {
    const below = { ...pipeline, lineRead: pipeline.lineRead || consumesLine(fn) };
    const unwrapped = this.#unwrapBelow(fn, table);
    if (unwrapped !== null) {
      return { kind: 'projection', functions: [unwrapped.function], input: this.#rows(unwrapped.table, below) };
    }
    const functions = [withHints(fn, pipeline)];
    const projection: Node = { kind: 'projection', functions, input: this.#rows(table, below) };
    if (!setsParsed(fn)) return projection;
    return { kind: 'column-compat', source: 'parsed', collisions: ['label', 'metadata'], input: projection };
  }

  /** An unwrap that takes its label with it, when `fn` drops just that label from it. */
  #unwrapBelow(fn: RowFunction, table: ValueId): Project | null {
    const below = this.#plan.instructions[table]!;
    if (fn.kind !== 'drop' || below.kind !== 'project' || below.function.kind !== 'unwrap') return null;
    const [pick, ...others] = fn.picks;
    const dropsIt = pick?.name === below.function.label && pick.op === undefined && others.length === 0;
    return dropsIt ? { ...below, function: { ...below.function, keepLabel: false } } : null;
  }
}

/** An unpacked line that somebody reads has to be unpacked, whatever happens to its labels. */
function withHints(fn: RowFunction, { hints: { until }, lineRead }: Pipeline): RowFunction {
  if (until === undefined) return fn;
  switch (fn.kind) {
    case 'parse-json':
    case 'parse-json-expressions':
    case 'parse-logfmt':
    case 'parse-logfmt-expressions':
      return { ...fn, until };
    case 'unpack':
      return lineRead ? fn : { ...fn, until };
    default:
      return fn;
  }
}

function setsParsed(fn: RowFunction): boolean {
  switch (fn.kind) {
    case 'decolorize':
    case 'drop':
    case 'keep':
    case 'unwrap':
      return false;
    default:
      return true;
  }
}
