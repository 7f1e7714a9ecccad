/**
 * Where every stored row of a scan is wanted and the first k are enough, an index that counts k rows bounds the time that
 * is looked at. The answer stays the same because a section has no entry twice: that many rows are certain to lie at or before its
 * far end in the order of the query, and what an older target has the same of is at the same time there.
 */
import type { TimeRange } from '../../../wire/time.js';
import type { Node, ScanOptions, ScanSet, ScanTarget } from '../node.js';
import { rewriteUp } from '../tree.js';
import type { Pass } from './pass.js';

export const limitRange: Pass = {
  name: 'limit-range',
  run: (plan) => rewriteUp(plan, (node) => (node.kind === 'scan-set' ? bounded(node) : node)),
};

function bounded(set: ScanSet): Node {
  const { range, order } = set.scan;
  const certain = certainTime(set);
  if (certain === undefined || order === 'any') return set;
  const start = order === 'descending' && certain > range.start ? certain : range.start;
  const end = order === 'ascending' && certain + 1n < range.end ? certain + 1n : range.end;
  if (start === range.start && end === range.end) return set;
  const targets = set.targets.filter(({ minTime, maxTime }) => maxTime >= start && minTime < end);
  return { ...set, targets, scan: { ...set.scan, range: { start, end } } };
}

/** The time that enough rows are certain to reach; undefined when no section alone has enough. */
function certainTime({ targets, scan }: ScanSet): bigint | undefined {
  let best: bigint | undefined;
  for (const target of targets) {
    if (!hasEnough(target, scan)) continue;
    if (scan.order === 'descending') best = best === undefined || target.minTime > best ? target.minTime : best;
    else best = best === undefined || target.maxTime < best ? target.maxTime : best;
  }
  return best;
}

/** Counts are of the whole section, so it must lie in the range. */
function hasEnough(target: ScanTarget, { limit = 0, predicates, range }: ScanOptions): boolean {
  if (target.kind !== 'section' || limit === 0 || predicates.length > 0) return false;
  return target.rows >= limit && isWithin(target, range);
}

function isWithin({ minTime, maxTime }: ScanTarget, { start, end }: TimeRange): boolean {
  return minTime >= start && maxTime < end;
}
