import type { Node } from '../node.js';

/** A rewrite that keeps the answer. Returns the very same tree when there was nothing to do. */
export interface Pass {
  readonly name: string;
  run(plan: Node): Node;
}
