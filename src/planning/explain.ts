import { printLogicalPlan } from './logical/print.js';
import type { Fired } from './physical/optimize.js';
import { printPhysicalPlan } from './physical/print.js';
import type { PlannedQuery } from './plan.js';
import { printWorkflow } from './workflow/print.js';

/** All stages of a plan with headings. Stable to the byte for equal queries, snapshots and ids. */
export function explainPlan(planned: PlannedQuery): string {
  const { logical, simplified, physical, optimised, fired, workflow } = planned;
  return [
    section('Logical plan', printLogicalPlan(logical)),
    ...(simplified === logical ? [] : [section('Simplified logical plan', printLogicalPlan(simplified))]),
    section('Physical plan', printPhysicalPlan(physical)),
    section('Passes that fired', firedText(fired)),
    section('Optimised physical plan', printPhysicalPlan(optimised)),
    section(
      'Workflow',
      `${workflow.tasks.length} tasks, results in stream ${workflow.results}\n${printWorkflow(workflow)}`,
    ),
  ].join('\n');
}

function section(title: string, body: string): string {
  return `${title}\n${'='.repeat(title.length)}\n${body}`;
}

function firedText(fired: readonly Fired[]): string {
  if (fired.length === 0) return 'none\n';
  return fired.map(({ pass, iterations }) => `${pass} (${iterations})\n`).join('');
}
