/** What a plan scans, and the same plan over a part of it. */
import type { TimeRange } from '../../wire/time.js';
import {
  inputsOf,
  type Node,
  type ScanOptions,
  type ScanSet,
  type ScanTarget,
  type SectionTarget,
} from '../physical/node.js';
import { mapInputs, rewriteUp } from '../physical/tree.js';
import { unnamed } from './groups.js';

export function findScanSet(template: Node): ScanSet {
  for (let node: Node | undefined = template; node !== undefined; node = inputsOf(node)[0]) {
    if (node.kind === 'scan-set') return node;
  }
  throw new Error('workflow: nothing to scan below Parallelize');
}

export function withTarget(node: Node, target: ScanTarget): Node {
  return node.kind === 'scan-set' ? scanOf(target, node.scan) : mapInputs(node, (input) => withTarget(input, target));
}

export function withTargets(node: Node, targets: readonly SectionTarget[]): Node {
  return node.kind === 'scan-set'
    ? { ...node, targets: targets.map(sent) }
    : mapInputs(node, (input) => withTargets(input, targets));
}

/** Tables of counts and runs are the section's, and its reader has them. */
function sent({ counted: _, runs: __, ...target }: SectionTarget): SectionTarget {
  return target;
}

function scanOf(target: ScanTarget, scan: ScanOptions): Node {
  return target.kind === 'live'
    ? { kind: 'live-scan', target, scan }
    : { kind: 'data-obj-scan', target: sent(target), scan };
}

/** The part of the scanned range where the target has rows. */
export function clamp({ minTime, maxTime }: ScanTarget, range: TimeRange): TimeRange {
  const start = minTime > range.start ? minTime : range.start;
  const end = maxTime < range.end ? maxTime + 1n : range.end;
  return { start, end: end > start ? end : start };
}

/** A whole plan without what only planning looks at. */
export function asSent(plan: Node): Node {
  return rewriteUp(plan, (node) => (node.kind === 'scan-set' ? withoutNames(node) : node));
}

function withoutNames(node: ScanSet): ScanSet {
  const targets = node.targets.map((target) => (target.kind === 'section' ? sent(unnamed(target)) : target));
  return { ...node, targets };
}
