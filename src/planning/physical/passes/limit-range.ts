/**
 * Where every stored row of a scan is wanted and the first k are enough, indexes that count k rows bound the time that is
 * looked at. The answer stays the same because no row is counted twice: a section has no entry twice, and what may be a copy
 * of an older section's is counted there alone, or that section is not counted at all; that many rows are certain to lie at or before the
 * bound in the order of the query.
 */
import type { Nanos, TimeRange } from '../../../wire/time.js';
import { CertainRows, narrowed } from '../certain-rows.js';
import type { Node, ScanOptions, ScanSet, ScanTarget } from '../node.js';
import { rewriteUp } from '../tree.js';
import type { Pass } from './pass.js';

export const limitRange: Pass = {
  name: 'limit-range',
  run: (plan) => rewriteUp(plan, (node) => (node.kind === 'scan-set' ? bounded(node) : node)),
};

function bounded(set: ScanSet): Node {
  const { range, order, limit = 0, predicates } = set.scan;
  if (limit === 0 || predicates.length > 0 || order === 'any') return set;
  const certain = certainTime(set, limit);
  if (certain === undefined) return set;
  const start = order === 'descending' && certain > range.start ? certain : range.start;
  const end = order === 'ascending' && certain + 1n < range.end ? certain + 1n : range.end;
  if (start === range.start && end === range.end) return set;
  const targets = set.targets.flatMap((target) => within(target, { start, end }) ?? []);
  return { ...set, targets, scan: { ...set.scan, range: { start, end } } };
}

/** What is left of a target; undefined where nothing is. */
function within(target: ScanTarget, range: TimeRange): ScanTarget | undefined {
  if (target.maxTime < range.start || target.minTime >= range.end) return undefined;
  return target.kind === 'live' || target.runs === undefined ? target : narrowed(target, target.runs, range);
}

/** The time that enough rows are certain to reach; undefined when too few are certain. */
function certainTime({ targets, scan }: ScanSet, limit: number): Nanos | undefined {
  let best: Nanos | undefined;
  const consider = (time: Nanos | undefined): void => {
    if (time !== undefined && (best === undefined || comesBefore(time, best, scan))) best = time;
  };
  for (const target of targets) if (hasEnough(target, scan, limit)) consider(endOf(target, scan));
  const rows = new CertainRows(limit, scan.order === 'ascending');
  for (const target of inOrder(targets, scan)) {
    if (best !== undefined && !comesBefore(startOf(target, scan), best, scan)) break;
    if (target.kind !== 'section' || target.runs === undefined) continue;
    rows.add(target, target.runs, scan.range);
    consider(rows.time());
  }
  return best;
}

function comesBefore(a: Nanos, b: Nanos, { order }: ScanOptions): boolean {
  return order === 'ascending' ? a < b : a > b;
}

/** Where a target's rows begin, and end, in the order of the query. */
function startOf({ minTime, maxTime }: ScanTarget, { order }: ScanOptions): Nanos {
  return order === 'ascending' ? minTime : maxTime;
}

function endOf({ minTime, maxTime }: ScanTarget, { order }: ScanOptions): Nanos {
  return order === 'ascending' ? maxTime : minTime;
}

function inOrder(targets: readonly ScanTarget[], scan: ScanOptions): ScanTarget[] {
  const start = (target: ScanTarget): Nanos => startOf(target, scan);
  return targets.toSorted((a, b) => (start(a) === start(b) ? 0 : comesBefore(start(a), start(b), scan) ? -1 : 1));
}

/** Counts are of the whole section, so it must lie in the range. */
function hasEnough(target: ScanTarget, { range }: ScanOptions, limit: number): boolean {
  return target.kind === 'section' && target.rows >= limit && isWithin(target, range);
}

function isWithin({ minTime, maxTime }: ScanTarget, { start, end }: TimeRange): boolean {
  return minTime >= start && maxTime < end;
}
