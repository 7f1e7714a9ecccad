import { formatGoDuration } from '../../wire/duration.js';
import { unreachable } from '../../wire/exhaustive.js';
import { formatGoFloat } from '../../wire/go-number.js';
import { quoteGo } from '../../wire/labels.js';
import { formatRfc3339Nano, type Nanos } from '../../wire/time.js';
import { drawTree, type TreeText } from '../tree-text.js';
import type { RowFunction } from './expression.js';
import {
  type Grouping,
  inputsOf,
  type Join,
  type Node,
  type PreselectStep,
  type ScalarBinary,
  type ScanOptions,
  type ScanTarget,
} from './node.js';
import { functionText, listText, predicateText, qualified } from './print-expression.js';

/** A scan set may have thousands of targets. */
const TARGETS_SHOWN = 16;

/** The whole tree with everything that matters for its answer, a line a node. Stable to the byte. */
export function printPhysicalPlan(plan: Node): string {
  return `${drawTree(nodeTree(plan)).join('\n')}\n`;
}

/** `notesOf` says what is written below a node. Sources are left to those notes. */
export function nodeTree(node: Node, notesOf: (node: Node) => readonly string[] = targetNotes): TreeText {
  const children = inputsOf(node).filter((input) => input.kind !== 'source');
  return { text: nodeText(node), notes: notesOf(node), children: children.map((child) => nodeTree(child, notesOf)) };
}

function targetNotes(node: Node): readonly string[] {
  if (node.kind !== 'scan-set') return [];
  const shown = node.targets.slice(0, TARGETS_SHOWN).map((target) => `@target ${targetText(target)}`);
  const hidden = node.targets.length - shown.length;
  return hidden > 0 ? [...shown, `… ${hidden} more`] : shown;
}

/** `RangeAggregation`: the first word of its text. */
export function operatorName(node: Node): string {
  return nodeText(node).split(' ', 1)[0]!;
}

export function nodeText(node: Node): string {
  switch (node.kind) {
    case 'data-obj-scan':
      return `DataObjScan ${targetText(node.target)} ${scanText(node.scan)}`;
    case 'live-scan':
      return `LiveScan ${targetText(node.target)} ${scanText(node.scan)}`;
    case 'scan-set':
      return `ScanSet num_targets=${node.targets.length} ${scanText(node.scan)}`;
    case 'filter':
      return ['Filter', ...predicateTexts(node.predicates)].join(' ');
    case 'projection':
      return `Projection ${projectionText(node.functions)}`;
    case 'preselect':
      return `Preselect ${node.steps.map(stepText).join(' | ')}`;
    case 'column-compat':
      return `Compat src=${node.source} dst=${node.source} collisions=(${node.collisions.join(', ')})`;
    case 'limit':
      return `Limit offset=${node.skip} limit=${node.fetch}`;
    case 'top-k': {
      const interval = node.intervalNs > 0 ? ` interval=${formatGoDuration(node.intervalNs)}` : '';
      return `TopK sort_by=${qualified(node.sortBy)} ascending=${node.ascending} nulls_first=false k=${node.k}${interval}`;
    }
    case 'parallelize':
      return 'Parallelize';
    case 'source':
      return `Source slot=${node.slot}`;
    default:
      return sampleNodeText(node);
  }
}

type RowNode =
  | 'data-obj-scan'
  | 'live-scan'
  | 'scan-set'
  | 'filter'
  | 'projection'
  | 'preselect'
  | 'column-compat'
  | 'limit'
  | 'top-k'
  | 'parallelize'
  | 'source';

function sampleNodeText(node: Exclude<Node, { kind: RowNode }>): string {
  switch (node.kind) {
    case 'range-aggregation': {
      const parts = [`operation=${node.operation}`];
      if (node.mode !== 'single') parts.push(`mode=${node.mode}`);
      parts.push(evaluationText(node), `range=${formatGoDuration(node.rangeNs)}`);
      if (node.offsetNs !== 0) parts.push(`offset=${formatGoDuration(node.offsetNs)}`);
      if (node.parameter !== undefined) parts.push(`parameter=${formatGoFloat(node.parameter)}`);
      if (node.grouping.kind !== 'none') parts.push(groupingText(node.grouping));
      if (node.preserveErrors) parts.push('preserve_errors=true');
      return `RangeAggregation ${parts.join(' ')}`;
    }
    case 'vector-aggregation':
      return `VectorAggregation operation=${node.operation} ${groupingText(node.grouping)}`;
    case 'vector-top-k':
      return `VectorTopK operation=${node.operation} k=${node.k} ${groupingText(node.grouping)}`;
    case 'sort':
      return `Sort column=generated.value ascending=${!node.descending} nulls_first=false`;
    case 'scalar-binary':
      return `ScalarBinary expr=${scalarText(node)}${node.bool ? ' bool=true' : ''}`;
    case 'join':
      return joinText(node);
    case 'label-replace': {
      const { destination, replacement, source, pattern } = node;
      const target = `dst=${quoteGo(destination)} replacement=${quoteGo(replacement)}`;
      return `LabelReplace ${target} src=${quoteGo(source)} regex=${quoteGo(pattern)}`;
    }
    case 'vector-constant':
      return `VectorConstant value=${formatGoFloat(node.value)} ${evaluationText(node)}`;
    case 'absent': {
      const labels = node.labels.map(([name, value]) => `${name}=${quoteGo(value)}`).join(', ');
      return `Absent labels=(${labels}) ${evaluationText(node)}`;
    }
    default:
      return unreachable(node);
  }
}

function targetText(target: ScanTarget): string {
  const tenant = target.tenant === undefined ? '' : `tenant=${target.tenant} `;
  const size = `${tenant}streams=${target.streams.length} rows=${target.rows} bytes=${target.bytes}`;
  if (target.kind === 'live') return `type=Live ingester=${target.ingester} snapshot=${target.snapshot} ${size}`;
  return `type=DataObject location=${target.location} section_id=${target.section} pages=${target.pages.length} ${size}`;
}

function scanText({ range, predicates, projections, order, limit }: ScanOptions): string {
  const parts = [timesText(range.start, range.end), `order=${order}`];
  if (limit !== undefined) parts.push(`limit=${limit}`);
  if (projections !== undefined) parts.push(`projections=${listText(projections)}`);
  return [...parts, ...predicateTexts(predicates)].join(' ');
}

function predicateTexts(predicates: readonly Parameters<typeof predicateText>[0][]): readonly string[] {
  return predicates.map((predicate, i) => `predicate[${i}]=${predicateText(predicate)}`);
}

/** `all=true` keeps the columns that are there; functions appear in the order in which they run. */
function projectionText(functions: readonly RowFunction[]): string {
  const parts = functions.flatMap((fn) => {
    if (fn.kind === 'drop' || fn.kind === 'keep') return [`${fn.kind}=(${functionText(fn)})`];
    const expand = `expand=(${functionText(fn)})`;
    return fn.kind === 'unwrap' && !fn.keepLabel ? [expand, `drop=(ambiguous.${fn.label})`] : [expand];
  });
  return [`all=${functions.every((fn) => fn.kind !== 'keep')}`, ...parts].join(' ');
}

function stepText(step: PreselectStep): string {
  switch (step.kind) {
    case 'functions':
      return projectionText(step.functions);
    case 'predicates':
      return predicateTexts(step.predicates).join(' ');
  }
}

function scalarText({ operation, scalar, scalarLeft }: ScalarBinary): string {
  const number = formatGoFloat(scalar);
  return scalarLeft ? `${operation}(${number}, generated.value)` : `${operation}(generated.value, ${number})`;
}

function joinText({ operation, bool, matching, group }: Join): string {
  const parts = [`operation=${operation}`, `${matching.kind}=(${matching.labels.join(', ')})`];
  if (group !== undefined) parts.push(`group_${group.side}=(${group.include.join(', ')})`);
  if (bool) parts.push('bool=true');
  return `Join ${parts.join(' ')}`;
}

function groupingText(grouping: Grouping): string {
  return grouping.kind === 'none' ? 'group_without=()' : `group_${grouping.kind}=${listText(grouping.columns)}`;
}

function evaluationText({ start, end, stepNs }: { start: Nanos; end: Nanos; stepNs: number }): string {
  return `${timesText(start, end)} step=${formatGoDuration(stepNs)}`;
}

function timesText(start: Nanos, end: Nanos): string {
  return `start=${formatRfc3339Nano(start)} end=${formatRfc3339Nano(end)}`;
}
