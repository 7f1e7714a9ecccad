import { describe, expect, it } from 'vitest';
import { countingIds, physicalPlanOf } from '../../../test/support/plan-case.js';
import { planWorkflow } from './split.js';
import type { Task } from './task.js';
import { verifyWorkflow } from './verify.js';

const WORKFLOW = planWorkflow(physicalPlanOf('sum(rate({a="b"}[5m]))'), countingIds());

function changed(at: number, change: Partial<Task>): () => void {
  const tasks = WORKFLOW.tasks.with(at, { ...WORKFLOW.tasks.at(at)!, ...change });
  return () => verifyWorkflow({ ...WORKFLOW, tasks });
}

describe('verifyWorkflow', () => {
  it('accepts what the splitter makes', () => {
    expect(() => verifyWorkflow(WORKFLOW)).not.toThrow();
  });

  it('refuses streams without exactly one sender and one receiver', () => {
    expect(changed(0, { sink: 'elsewhere' })).toThrow('has no sender before');
    expect(changed(1, { sink: WORKFLOW.tasks[0]!.sink })).toThrow('has two senders');
    expect(changed(-1, { sources: [[WORKFLOW.tasks[0]!.sink]] })).toThrow('has two receivers');
    expect(changed(-1, { sources: [[]] })).toThrow('leads nowhere');
  });

  it('refuses tasks before those that feed them', () => {
    expect(() => verifyWorkflow({ ...WORKFLOW, tasks: WORKFLOW.tasks.toReversed() })).toThrow('has no sender before');
  });

  it('refuses slots that the fragment does not read', () => {
    expect(changed(-1, { sources: [] })).toThrow('mixes up its slots');
  });

  it('refuses a workflow without a result', () => {
    expect(() => verifyWorkflow({ tasks: [], results: 'stream-1' })).toThrow('there is no result');
  });
});
