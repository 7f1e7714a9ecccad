import { describe, expect, it } from 'vitest';
import { live, logicalPlanOf, section } from '../../../test/support/plan-case.js';
import { lowerPlan } from './lower.js';
import { printBriefPlan } from './print-brief.js';

describe('printBriefPlan', () => {
  const targets = [
    section({ location: 'obj1', section: 0 }),
    section({ location: 'obj1', section: 1 }),
    section({ location: 'obj2', section: 0 }),
  ];

  it('shows filters and targets', () => {
    const plan = lowerPlan(logicalPlanOf('{app="test"} | level="error"'), [{ targets }]);
    expect(printBriefPlan(plan, { hide: ['top-k', 'parallelize'], targets: 'list' })).toBe(`\
Filter [predicate: EQ(level, "error")]
└── ColumnCompat
    └── ScanSet
        ├── DataObjScan [obj1, section 0]
        ├── DataObjScan [obj1, section 1]
        └── DataObjScan [obj2, section 0]
`);
  });

  it('shows all operators and what is in memory', () => {
    const plan = lowerPlan(logicalPlanOf('sort(rate({a="b"} | json [5m]) * 2) or vector(1)'), [{ targets: [live()] }]);
    expect(printBriefPlan(plan, { hide: [], targets: 'list' })).toBe(`\
Join
├── Sort
│   └── ScalarBinary
│       └── ScalarBinary
│           └── RangeAggregation
│               └── ColumnCompat
│                   └── Projection
│                       └── Parallelize
│                           └── ColumnCompat
│                               └── ScanSet
│                                   └── LiveScan [ingester-0, snapshot memtable-7]
└── VectorConstant
`);
  });
});
