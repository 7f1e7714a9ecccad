/**
 * A TopK sinks below functions that keep every row, so that they run on k rows only, and tells the scan which rows it
 * will keep. The answer stays the same because these functions leave time and number of rows alone: the first k rows
 * are the same before and after them. Below a Filter or a Preselect only the order is passed on, since it may take more than k rows
 * to find k that are kept; and with a sampling interval it always may. Which names a drop, keep or format has taken away
 * is not known beyond a TopK, so it does not come between these and a parser.
 */
import type { RowFunction } from '../expression.js';
import {
  type DataObjScan,
  inputsOf,
  type LiveScan,
  type Node,
  type ScanOptions,
  type ScanSet,
  type TopK,
} from '../node.js';
import { mapInputs, rewriteDown, withInput } from '../tree.js';
import type { Pass } from './pass.js';

export const limitPushdown: Pass = {
  name: 'limit-pushdown',
  run: (plan) => rewriteDown(plan, (node) => (node.kind === 'top-k' ? pushTopK(node) : node)),
};

function pushTopK(topK: TopK): Node {
  const { input } = topK;
  if (keepsRows(input) && !takesAway(belowKept(input))) return withInput(input, pushTopK(withInput(topK, input.input)));
  const limit = topK.intervalNs === 0 ? topK.k : undefined;
  return withInput(topK, announce(input, topK.ascending ? 'ascending' : 'descending', limit));
}

/** Row-wise and neither adding nor dropping; the compat of metadata belongs to the scan. */
function keepsRows(node: Node): node is Extract<Node, { kind: 'projection' | 'column-compat' }> {
  if (node.kind === 'column-compat') return node.source === 'parsed';
  return node.kind === 'projection' && node.functions.every((fn) => fn.kind !== 'unwrap');
}

/** Where the TopK would come to a halt. */
function belowKept(node: Node): Node {
  return keepsRows(node) ? belowKept(node.input) : node;
}

function takesAway(node: Node): boolean {
  const kinds: readonly RowFunction['kind'][] = ['drop', 'keep', 'label-format'];
  const takes = node.kind === 'projection' && node.functions.some(({ kind }) => kinds.includes(kind));
  return takes || inputsOf(node).some(takesAway);
}

function announce(node: Node, order: ScanOptions['order'], limit: number | undefined): Node {
  switch (node.kind) {
    case 'scan-set':
    case 'data-obj-scan':
    case 'live-scan':
      return withOrder(node, order, limit);
    case 'filter':
    case 'preselect':
      return mapInputs(node, (input) => announce(input, order, undefined));
    case 'projection':
    case 'column-compat':
    case 'parallelize':
    case 'top-k':
      return mapInputs(node, (input) => announce(input, order, limit));
    default:
      return node;
  }
}

function withOrder<S extends ScanSet | DataObjScan | LiveScan>(
  node: S,
  order: ScanOptions['order'],
  limit: number | undefined,
): S {
  if (node.scan.order === order && node.scan.limit === limit) return node;
  const scan: ScanOptions = { ...node.scan, order, ...(limit === undefined ? {} : { limit }) };
  return { ...node, scan };
}
