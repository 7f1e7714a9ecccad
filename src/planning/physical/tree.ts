import type { Node } from './node.js';

/** Rebuilds a node over new children; the same node when none has changed, so that identity tells what a pass did. */
export function mapInputs(node: Node, map: (input: Node) => Node): Node {
  switch (node.kind) {
    case 'data-obj-scan':
    case 'live-scan':
    case 'scan-set':
    case 'vector-constant':
    case 'source':
      return node;
    case 'join': {
      const left = map(node.left);
      const right = map(node.right);
      return left === node.left && right === node.right ? node : { ...node, left, right };
    }
    default:
      return withInput(node, map(node.input));
  }
}

/** A node with exactly one child. */
export type Unary = Extract<Node, { readonly input: Node }>;

export function withInput<N extends Unary>(node: N, input: Node): N {
  return input === node.input ? node : { ...node, input };
}

/** Applies a rewrite to every node, children first. */
export function rewriteUp(node: Node, rewrite: (node: Node) => Node): Node {
  return rewrite(mapInputs(node, (input) => rewriteUp(input, rewrite)));
}

/** Applies a rewrite to every node, parents first; goes on below what the rewrite returns. */
export function rewriteDown(node: Node, rewrite: (node: Node) => Node): Node {
  return mapInputs(rewrite(node), (input) => rewriteDown(input, rewrite));
}
