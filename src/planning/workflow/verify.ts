import { inputsOf, type Node } from '../physical/node.js';
import type { StreamId, Workflow } from './task.js';

/**
 * Checks that every stream has one sender and one receiver, that fragments read exactly the slots their task has, and
 * that tasks come after those that feed them. Throws an Error: a broken workflow is a bug in the planner.
 */
export function verifyWorkflow({ tasks, results }: Workflow): void {
  const sent = new Set<StreamId>();
  const received = new Set<StreamId>();
  for (const { id, fragment, sources, sink } of tasks) {
    const slots = slotsOf(fragment).toSorted((a, b) => a - b);
    if (slots.length !== sources.length || slots.some((slot, i) => slot !== i)) fail(`task ${id} mixes up its slots`);
    for (const stream of sources.flat()) {
      if (!sent.has(stream)) fail(`stream ${stream} has no sender before task ${id}`);
      if (received.has(stream)) fail(`stream ${stream} has two receivers`);
      received.add(stream);
    }
    if (sent.has(sink)) fail(`stream ${sink} has two senders`);
    sent.add(sink);
  }
  for (const stream of sent) {
    if (received.has(stream) === (stream === results)) fail(`stream ${stream} leads nowhere`);
  }
  if (!sent.has(results)) fail('there is no result');
}

function slotsOf(node: Node): readonly number[] {
  return node.kind === 'source' ? [node.slot] : inputsOf(node).flatMap(slotsOf);
}

function fail(problem: string): never {
  throw new Error(`workflow: ${problem}`);
}
