import { predicateColumns } from './columns.js';
import { inputsOf, type Node } from './node.js';

/** What flows out of a node: log rows, states of a partial aggregation, or samples. */
type Flow = 'rows' | 'states' | 'samples';

/**
 * Checks that every node gets what it works on, that a scan has no conditions it cannot evaluate, and that there is one
 * ScanSet, and no second Parallelize, below each Parallelize. Throws an Error naming the node: a broken plan is a bug in
 * the planner.
 */
export function verifyPhysicalPlan(plan: Node): void {
  flowOf(plan);
}

function flowOf(node: Node): Flow {
  switch (node.kind) {
    case 'data-obj-scan':
    case 'live-scan':
    case 'scan-set':
      checkScan(node);
      return 'rows';
    case 'filter':
    case 'projection':
    case 'preselect':
    case 'column-compat':
    case 'limit':
    case 'top-k':
      return expect(node, 'rows');
    case 'range-aggregation':
      expect(node, node.mode === 'final' ? 'states' : 'rows');
      return node.mode === 'partial' ? 'states' : 'samples';
    case 'parallelize':
      return parallelFlow(node.input);
    case 'vector-constant':
      return 'samples';
    case 'source':
      return fail(node, 'belongs into a workflow');
    default:
      return expect(node, 'samples');
  }
}

function expect(node: Node, wanted: Flow): Flow {
  for (const input of inputsOf(node)) {
    const flow = flowOf(input);
    if (flow !== wanted) fail(node, `takes ${wanted} but ${input.kind} yields ${flow}`);
  }
  return wanted;
}

function parallelFlow(template: Node): Flow {
  const below = nodesOf(template);
  if (below.filter((node) => node.kind === 'scan-set').length !== 1) fail(template, 'is not over one scan set');
  if (below.some((node) => node.kind === 'parallelize')) fail(template, 'is parallel twice');
  const flow = flowOf(template);
  return flow === 'samples' ? fail(template, 'makes samples of a part of the data') : flow;
}

function nodesOf(node: Node): readonly Node[] {
  return [node, ...inputsOf(node).flatMap(nodesOf)];
}

function checkScan(node: Node & { readonly kind: 'data-obj-scan' | 'live-scan' | 'scan-set' }): void {
  for (const { type, name } of node.scan.predicates.flatMap(predicateColumns)) {
    if (type === 'parsed' || type === 'generated') fail(node, `cannot know ${type}.${name}`);
  }
}

function fail(node: Node, problem: string): never {
  throw new Error(`physical plan: ${node.kind} ${problem}`);
}
