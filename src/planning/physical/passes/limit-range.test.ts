import { describe, expect, it } from 'vitest';
import { live, logicalPlanOf, section } from '../../../../test/support/plan-case.js';
import { lowerPlan } from '../lower.js';
import { inputsOf, type Node, type ScanSet, type ScanTarget } from '../node.js';
import { optimize } from '../optimize.js';

const SECOND = 1_000_000_000n;
/** Each holds one minute of every hour, from 00:30 on; the last one fewer rows. */
const HOURS = [
  section({ location: 'a', rows: 500 }, 0),
  section({ location: 'b', rows: 500 }, 1),
  section({ location: 'c', rows: 500 }, 2),
  section({ location: 'd', rows: 5 }, 3),
];

function setOf(query: string, fields: Record<string, string>, targets: readonly ScanTarget[] = HOURS): ScanSet {
  const day = { start: '0', end: '86400', ...fields };
  const find = (node: Node): ScanSet | undefined =>
    node.kind === 'scan-set'
      ? node
      : inputsOf(node)
          .map(find)
          .find((one) => one !== undefined);
  return find(optimize(lowerPlan(logicalPlanOf(query, day), [{ targets }])).plan)!;
}

const read = ({ targets }: ScanSet): string[] =>
  targets.map((target) => (target.kind === 'section' ? target.location : 'live'));

describe('a limit bounds the time that is looked at', () => {
  it('by the section that has enough, from the end where the rows come from', () => {
    const newest = setOf('{a="b"}', { limit: '100', direction: 'backward' });
    expect(read(newest)).toEqual(['c', 'd']);
    expect(newest.scan.range).toEqual({ start: HOURS[2]!.minTime, end: 86_400n * SECOND });
    const oldest = setOf('{a="b"}', { limit: '100', direction: 'forward' });
    expect(read(oldest)).toEqual(['a']);
    expect(oldest.scan.range).toEqual({ start: 0n, end: HOURS[0]!.maxTime + 1n });
  });

  it('but keeps what overlaps with it, and memory', () => {
    const targets = [...HOURS, section({ location: 'e', rows: 1, maxTime: HOURS[2]!.minTime }, 1), live()];
    expect(read(setOf('{a="b"}', { limit: '100' }, targets))).toEqual(['c', 'd', 'e']);
    const late = live({ maxTime: 80_000n * SECOND });
    expect(read(setOf('{a="b"}', { limit: '100' }, [...HOURS, late]))).toEqual(['c', 'd', 'live']);
  });

  it.each([
    ['a filter may leave nothing of it', '{a="b"} |= "x"', '100'],
    ['a label filter may', '{a="b"} | json | x="y"', '100'],
    ['more are wanted than any has', '{a="b"}', '501'],
    ['all rows are counted', 'count_over_time({a="b"}[5m])', '100'],
  ])('not where %s', (_, query, limit) => {
    expect(read(setOf(query, { limit }))).toEqual(['a', 'b', 'c', 'd']);
  });

  it('not by a section that lies in the range in part', () => {
    const end = '9030';
    expect(read(setOf('{a="b"}', { limit: '100', end }))).toEqual(['b', 'c']);
  });
});
