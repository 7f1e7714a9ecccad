/**
 * Conditions on the line, on labels and on metadata move from a Filter into the scan below it. The answer stays the
 * same because nothing between the two adds, drops or changes a row, and the scan evaluates conditions with the same
 * code: before any parser an ambiguous name can only be metadata or a label. Conditions that set or see `__error__`
 * keep their order among each other.
 */
import { conjuncts, predicateColumns, touchesErrors } from '../columns.js';
import type { Predicate } from '../expression.js';
import type { Filter, Node, ScanOptions } from '../node.js';
import { rewriteUp, withInput } from '../tree.js';
import type { Pass } from './pass.js';

export const predicatePushdown: Pass = {
  name: 'predicate-pushdown',
  run: (plan) => rewriteUp(plan, (node) => (node.kind === 'filter' ? pushFilter(node) : node)),
};

function pushFilter(filter: Filter): Node {
  if (!reachesScan(filter.input)) return filter;
  const { moved, kept } = split(filter.predicates.flatMap(conjuncts));
  if (moved.length === 0) return filter;
  const input = addPredicates(filter.input, moved);
  return kept.length === 0 ? input : { ...filter, predicates: kept, input };
}

/** Whether only nodes that pass rows through as they are lie above the scan. */
function reachesScan(node: Node): boolean {
  switch (node.kind) {
    case 'scan-set':
    case 'data-obj-scan':
    case 'live-scan':
      return true;
    case 'parallelize':
      return reachesScan(node.input);
    case 'column-compat':
      return node.source === 'metadata' && reachesScan(node.input);
    default:
      return false;
  }
}

function addPredicates(node: Node, added: readonly Predicate[]): Node {
  switch (node.kind) {
    case 'parallelize':
    case 'column-compat':
      return withInput(node, addPredicates(node.input, added));
    case 'scan-set':
    case 'data-obj-scan':
    case 'live-scan': {
      const scan: ScanOptions = { ...node.scan, predicates: [...node.scan.predicates, ...added] };
      return { ...node, scan };
    }
    default:
      throw new Error(`${node.kind} takes no predicates`);
  }
}

function split(predicates: readonly Predicate[]): { moved: readonly Predicate[]; kept: readonly Predicate[] } {
  const moved: Predicate[] = [];
  const kept: Predicate[] = [];
  let errorsAbove = false;
  for (const predicate of predicates) {
    const columns = predicateColumns(predicate);
    const scannable = columns.every(({ type }) => type !== 'parsed' && type !== 'generated');
    const aboutErrors = touchesErrors(predicate);
    if (scannable && !(aboutErrors && errorsAbove)) moved.push(predicate);
    else {
      kept.push(predicate);
      errorsAbove ||= aboutErrors;
    }
  }
  return { moved, kept };
}
