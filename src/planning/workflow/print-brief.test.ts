import { describe, expect, it } from 'vitest';
import { countingIds, live, physicalPlanOf, section, sections } from '../../../test/support/plan-case.js';
import type { Node, RangeAggregation, ScanTarget } from '../physical/node.js';
import { optimize } from '../physical/optimize.js';
import { printBriefPlan } from '../physical/print-brief.js';
import { printBriefWorkflow } from './print-brief.js';
import { planWorkflow } from './split.js';

function countPlan(targets: readonly ScanTarget[]): Node {
  const evaluation = { start: 3_600_000_000_000n, end: 7_200_000_000_000n, stepNs: 0 };
  const scan = { range: evaluation, predicates: [], order: 'any' } as const;
  const aggregation: RangeAggregation = {
    kind: 'range-aggregation',
    operation: 'count',
    mode: 'single',
    ...evaluation,
    rangeNs: 300e9,
    offsetNs: 0,
    grouping: { kind: 'none' },
    input: { kind: 'parallelize', input: { kind: 'scan-set', targets, scan } },
  };
  return { kind: 'vector-aggregation', operation: 'sum', grouping: { kind: 'by', columns: [] }, input: aggregation };
}

describe('a count over a hundred sections', () => {
  const plan = countPlan(sections(100, { rows: 1e5, bytes: 1e6 }).targets);
  const workflow = planWorkflow(plan, countingIds());

  it('is a chain of four operators', () => {
    expect(printBriefPlan(plan, { hide: ['column-compat'], targets: 'count' })).toBe(`\
VectorAggregation
└── RangeAggregation
    └── Parallelize
        └── ScanSet [100 targets]
`);
  });

  it('becomes 102 tasks', () => {
    expect(workflow.tasks).toHaveLength(102);
    expect(printBriefWorkflow(workflow)).toBe(`\
Task 1 (Root):
├── VectorAggregation
├── Sources: [Stream from Task 2]
└── Sinks: [Results Stream]

Task 2:
├── RangeAggregation
├── Sources: [Streams from Tasks 3-102]
└── Sinks: [Stream to Task 1]

Tasks 3-102 (Scan Tasks):
├── DataObjScan
├── Sources: []
└── Sinks: [Stream to Task 2]
`);
  });

  it('has as many tasks with partial counts in them', () => {
    const split = planWorkflow(optimize(plan).plan, countingIds());
    expect(split.tasks).toHaveLength(102);
    expect(printBriefWorkflow(split)).toContain('├── RangeAggregation ← DataObjScan\n');
  });
});

describe('printBriefWorkflow', () => {
  it('tells a single scan and one of memory apart from many', () => {
    const workflow = planWorkflow(countPlan([section(), section(), live()]), countingIds());
    expect(printBriefWorkflow(workflow)).toContain(`\
Tasks 3-4 (Scan Tasks):
├── DataObjScan
├── Sources: []
└── Sinks: [Stream to Task 2]

Task 5 (Scan Task):
├── LiveScan
├── Sources: []
└── Sinks: [Stream to Task 2]
`);
  });

  it('names both sides of a join', () => {
    const plan = optimize(physicalPlanOf('rate({a="b"}[5m]) / rate({a="c"}[5m])', { rows: '1000000' })).plan;
    expect(printBriefWorkflow(planWorkflow(plan, countingIds()))).toContain(`\
Task 1 (Root):
├── Join
├── Sources: [Stream from Task 2, Stream from Task 5]
└── Sinks: [Results Stream]
`);
  });
});
