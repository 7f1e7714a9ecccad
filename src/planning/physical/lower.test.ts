import { describe, expect, it } from 'vitest';
import { goldens } from '../../../test/support/golden.js';
import { logicalPlanOf, physicalPlanOf, sections } from '../../../test/support/plan-case.js';
import { lowerPlan } from './lower.js';
import { inputsOf, type Node, type ScanSet } from './node.js';
import { printPhysicalPlan } from './print.js';

const SECOND = 1_000_000_000n;

function scans(node: Node): readonly ScanSet[] {
  return node.kind === 'scan-set' ? [node] : inputsOf(node).flatMap(scans);
}

describe('lowerPlan', () => {
  for (const golden of goldens(new URL('./testdata/', import.meta.url))) {
    it(golden.claim, () => {
      golden.check([['physical', printPhysicalPlan(physicalPlanOf(golden.fields.query!, golden.fields))]]);
    });
  }

  it('reads from start to just before end for a log query', () => {
    const [scan] = scans(physicalPlanOf('{a="b"}'));
    expect(scan!.scan.range).toEqual({ start: 3600n * SECOND, end: 7200n * SECOND });
  });

  it('reads the windows (t - range - offset, t - offset] for a metric query', () => {
    const [scan] = scans(physicalPlanOf('count_over_time({a="b"}[1m] offset 10s)'));
    expect(scan!.scan.range).toEqual({ start: 3530n * SECOND + 1n, end: 7190n * SECOND + 1n });
  });

  it('reads the future for a negative offset', () => {
    const [scan] = scans(physicalPlanOf('count_over_time({a="b"}[1m] offset -10s)'));
    expect(scan!.scan.range).toEqual({ start: 3550n * SECOND + 1n, end: 7210n * SECOND + 1n });
  });

  it('gives each selector the snapshot in its place', () => {
    const plan = logicalPlanOf('rate({a="b"}[1m]) / rate({a="c"}[1m])');
    const lowered = lowerPlan(plan, [sections(1), sections(3)]);
    expect(scans(lowered).map((scan) => scan.targets.length)).toEqual([1, 3]);
  });

  it('refuses snapshots of another query', () => {
    expect(() => lowerPlan(logicalPlanOf('{a="b"}'), [])).toThrow('1 selectors but 0 catalog snapshots');
  });
});
