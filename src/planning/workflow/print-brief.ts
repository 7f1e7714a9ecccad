import { inputsOf, type Node } from '../physical/node.js';
import { operatorName } from '../physical/print-brief.js';
import { type NumberedTask, numberTasks } from './order.js';
import type { Workflow } from './task.js';

/** Tasks that differ in their target only, numbered in sequence. */
interface TaskGroup {
  readonly first: NumberedTask;
  readonly last: number;
  readonly operators: string;
}

/** Who feeds whom, for people: one paragraph a task, like scan tasks together. */
export function printBriefWorkflow(workflow: Workflow): string {
  return groupTasks(numberTasks(workflow)).map(paragraph).join('\n');
}

function groupTasks(tasks: readonly NumberedTask[]): readonly TaskGroup[] {
  const groups: TaskGroup[] = [];
  for (const task of tasks) {
    const operators = operatorsOf(task.task.fragment).join(' ← ');
    const open = groups.at(-1);
    const joins =
      open?.first.task.scan === true &&
      task.task.scan &&
      open.first.receiver === task.receiver &&
      open.operators === operators;
    if (joins) groups[groups.length - 1] = { ...open, last: task.number };
    else groups.push({ first: task, last: task.number, operators });
  }
  return groups;
}

/** The chain from the root of a fragment; compat is bookkeeping. */
function operatorsOf(node: Node): readonly string[] {
  const below = inputsOf(node).flatMap(operatorsOf);
  return node.kind === 'column-compat' || node.kind === 'source' ? below : [operatorName(node), ...below];
}

function paragraph({ first, last, operators }: TaskGroup): string {
  const many = last > first.number;
  const role = first.task.scan ? ` (Scan ${many ? 'Tasks' : 'Task'})` : first.receiver === undefined ? ' (Root)' : '';
  const sources = first.senders.flatMap(runs).map(([from, to]) => `${streams(from, to)} from ${tasks(from, to)}`);
  const sink = first.receiver === undefined ? 'Results Stream' : `Stream to Task ${first.receiver}`;
  return [
    `${tasks(first.number, last)}${role}:`,
    `├── ${operators}`,
    `├── Sources: [${sources.join(', ')}]`,
    `└── Sinks: [${sink}]`,
    '',
  ].join('\n');
}

function tasks(from: number, to: number): string {
  return from === to ? `Task ${from}` : `Tasks ${from}-${to}`;
}

function streams(from: number, to: number): string {
  return from === to ? 'Stream' : 'Streams';
}

/** Ascending numbers as runs without gaps. */
function runs(numbers: readonly number[]): readonly (readonly [from: number, to: number])[] {
  const out: [number, number][] = [];
  for (const number of numbers) {
    const open = out.at(-1);
    if (open !== undefined && open[1] + 1 === number) open[1] = number;
    else out.push([number, number]);
  }
  return out;
}
