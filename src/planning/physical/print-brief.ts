import { drawTree, type TreeText } from '../tree-text.js';
import { inputsOf, type Node, type ScanTarget } from './node.js';
import { predicateText } from './print-expression.js';

export interface BriefStyle {
  /** Kinds of nodes to pass over. */
  readonly hide: readonly Node['kind'][];
  /** Draw each target of a scan set, or only say how many there are. */
  readonly targets: 'list' | 'count';
}

/** The shape of a plan for people: operators, filters and what is scanned. */
export function printBriefPlan(plan: Node, style: BriefStyle): string {
  return briefTrees(plan, style)
    .flatMap((tree) => drawTree(tree))
    .map((line) => `${line}\n`)
    .join('');
}

function briefTrees(node: Node, style: BriefStyle): readonly TreeText[] {
  const below = inputsOf(node).flatMap((input) => briefTrees(input, style));
  if (style.hide.includes(node.kind)) return below;
  if (node.kind !== 'scan-set') return [{ text: briefText(node), notes: [], children: below }];
  if (style.targets === 'count') return [leaf(`ScanSet [${node.targets.length} targets]`)];
  return [{ text: 'ScanSet', notes: [], children: node.targets.map((target) => leaf(briefTarget(target))) }];
}

function leaf(text: string): TreeText {
  return { text, notes: [], children: [] };
}

function briefText(node: Node): string {
  switch (node.kind) {
    case 'data-obj-scan':
    case 'live-scan':
      return briefTarget(node.target);
    case 'filter': {
      const texts = node.predicates.map((predicate) => predicateText(predicate, (column) => column.name));
      return `Filter [predicate: ${texts.join(' and ')}]`;
    }
    default:
      return operatorName(node);
  }
}

function briefTarget(target: ScanTarget): string {
  if (target.kind === 'live') return `LiveScan [${target.ingester}, snapshot ${target.snapshot}]`;
  return `DataObjScan [${target.location}, section ${target.section}]`;
}

/** What an operator is called everywhere. */
export function operatorName({ kind }: Node): string {
  return NAMES[kind];
}

const NAMES: Record<Node['kind'], string> = {
  'data-obj-scan': 'DataObjScan',
  'live-scan': 'LiveScan',
  'scan-set': 'ScanSet',
  filter: 'Filter',
  projection: 'Projection',
  preselect: 'Preselect',
  'column-compat': 'ColumnCompat',
  limit: 'Limit',
  'top-k': 'TopK',
  'range-aggregation': 'RangeAggregation',
  'vector-aggregation': 'VectorAggregation',
  'vector-top-k': 'VectorTopK',
  sort: 'Sort',
  'scalar-binary': 'ScalarBinary',
  join: 'Join',
  'label-replace': 'LabelReplace',
  'vector-constant': 'VectorConstant',
  absent: 'Absent',
  parallelize: 'Parallelize',
  source: 'Source',
};
