import { formatRfc3339Nano } from '../../wire/time.js';
import { inputsOf, type Node } from '../physical/node.js';
import { nodeTree } from '../physical/print.js';
import { drawTree, type TreeText } from '../tree-text.js';
import { type NumberedTask, numberTasks } from './order.js';
import type { Task, Workflow } from './task.js';

/** Scan tasks drawn for each task they feed. */
const SCANS_SHOWN = 16;

/** A box for each task with its fragment and streams, parents first. Stable to the byte. */
export function printWorkflow(workflow: Workflow): string {
  const numbered = numberTasks(workflow);
  const lines: string[] = [];
  const scans = new Map<number | undefined, number>();
  for (const [i, entry] of numbered.entries()) {
    const seen = scans.get(entry.receiver) ?? 0;
    if (entry.task.scan) scans.set(entry.receiver, seen + 1);
    if (!entry.task.scan || seen < SCANS_SHOWN) lines.push(...taskBox(entry.task));
    const hidden = seen + 1 - SCANS_SHOWN;
    if (entry.task.scan && hidden > 0 && isLastScan(numbered, i)) lines.push(`… ${hidden} more scan tasks`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

function isLastScan(numbered: readonly NumberedTask[], at: number): boolean {
  const next = numbered[at + 1];
  return next === undefined || !next.task.scan || next.receiver !== numbered[at]!.receiver;
}

function taskBox(task: Task): readonly string[] {
  const tree = nodeTree(task.fragment, (node) => [...sourceNotes(node, task), ...timeNotes(node, task)]);
  const root: TreeText = { ...tree, notes: [`@sink stream=${task.sink}`, ...tree.notes] };
  return [`┌ Task ${task.id}`, '│', ...drawTree(root).map((line) => `│ ${line}`), '└'];
}

/** Streams are drawn at the operator that reads them. */
function sourceNotes(node: Node, task: Task): readonly string[] {
  const sides = node.kind === 'join' ? [' side=left', ' side=right'] : [''];
  return inputsOf(node).flatMap((input, i) =>
    input.kind === 'source' ? task.sources[input.slot]!.map((stream) => `@source${sides[i]} stream=${stream}`) : [],
  );
}

function timeNotes(node: Node, { maxTimeRange }: Task): readonly string[] {
  if (maxTimeRange === undefined || inputsOf(node).length > 0) return [];
  return [`@max_time_range start=${formatRfc3339Nano(maxTimeRange.start)} end=${formatRfc3339Nano(maxTimeRange.end)}`];
}
