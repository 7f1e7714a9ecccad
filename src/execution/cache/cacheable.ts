import { createHash } from 'node:crypto';
import { inputsOf, type Node, type RangeAggregation, type SectionTarget } from '../../planning/physical/node.js';
import { mapInputs } from '../../planning/physical/tree.js';
import type { TimeRange } from '../../wire/time.js';
import { stepGrid } from '../batch/sample-batch.js';

/** A fragment whose result may be kept, and what of its section it needs. */
export interface Cacheable {
  /** Equal keys: the same rows of the same section go through the same operators, but for the stretch of time. */
  readonly key: string;
  /** The stretch of the section's time that the fragment reads; half-open, never empty. */
  readonly needs: TimeRange;
  /** The partial aggregation at the root; undefined where log rows come out. */
  readonly windows: RangeAggregation | undefined;
}

/**
 * What makes a result reusable. A section never changes, so its rows between two times never do either, and a fragment's
 * result is a function of these rows and of the operators above them. The key says both: the object's path (which no
 * other object ever has, and which names the tenant), the section, the selector, the tenant shown as a label, older
 * copies that rows are compared with, and all operators, as text. Time is left out but for where the windows' bounds lie
 * between two steps: a window that slides needs less of the same. Memory of ingesters has no key, nor has a
 * template that asks for the time of the query. Nothing else can change: an object that is compacted away has another path
 * than what takes its place; entries deleted from a section that stays would be seen by a generation number of its
 * tenant's deletions in the `SectionTarget`, and thereby in the key.
 */
export function cacheable(fragment: Node): Cacheable | undefined {
  const operators = chainOf(fragment);
  const scan = operators.at(-1)!;
  if (scan.kind !== 'data-obj-scan' || scan.target.selector === undefined) return undefined;
  const windows = fragment.kind === 'range-aggregation' && fragment.mode === 'partial' ? fragment : undefined;
  if (!windows && !operators.every(yieldsNoneOnlyOfNone)) return undefined;
  const needs = neededOf(windows ? windowsRange(windows) : scan.scan.range, scan.scan.range, scan.target);
  if (needs.start >= needs.end) return undefined;
  const text = JSON.stringify(operators.map(described), literal);
  if (asksForNow(text)) return undefined;
  return { key: createHash('sha256').update(text).digest('base64url'), needs, windows };
}

/** A fragment over several sections as one over each, where results are kept section by section. */
export function fragmentsBySection(fragment: Node): readonly Node[] | undefined {
  const set = chainOf(fragment).at(-1)!;
  if (set.kind !== 'scan-set') return undefined;
  const fragments = set.targets.flatMap((target) => (target.kind === 'section' ? over(fragment, target) : []));
  const isWhole = fragments.length === set.targets.length;
  return isWhole && fragments.some((each) => cacheable(each)) ? fragments : undefined;
}

/** The fragment over those of its sections alone whose place among them passes. */
export function overSections(node: Node, passes: (place: number) => boolean): Node {
  if (node.kind === 'scan-set') return { ...node, targets: node.targets.filter((_, place) => passes(place)) };
  return mapInputs(node, (input) => overSections(input, passes));
}

function over(node: Node, target: SectionTarget): Node {
  if (node.kind === 'scan-set') return { kind: 'data-obj-scan', target, scan: node.scan };
  return mapInputs(node, (input) => over(input, target));
}

/** From the root down; ends early where a node has not one input. */
function chainOf(root: Node): readonly Node[] {
  const nodes: Node[] = [root];
  for (let inputs = inputsOf(root); inputs.length === 1; inputs = inputsOf(inputs[0]!)) nodes.push(inputs[0]!);
  return nodes;
}

/** Operators that make no rows out of some are only those whose rows do not pass, and that shall stay so for any limit. */
function yieldsNoneOnlyOfNone(node: Node): boolean {
  switch (node.kind) {
    case 'top-k':
      return node.k > 0;
    case 'data-obj-scan':
      return node.scan.limit !== 0;
    case 'filter':
    case 'projection':
    case 'preselect':
    case 'column-compat':
      return true;
    default:
      return false;
  }
}

/** What all windows cover together: those of an aggregation are half-open on the other side. */
function windowsRange({ start, end, stepNs, rangeNs, offsetNs }: RangeAggregation): TimeRange {
  const { steps } = stepGrid(start, end, stepNs);
  const origin = start - BigInt(offsetNs);
  return { start: origin - BigInt(rangeNs) + 1n, end: origin + BigInt((steps - 1) * stepNs) + 1n };
}

function neededOf(windows: TimeRange, scan: TimeRange, { minTime, maxTime }: SectionTarget): TimeRange {
  const start = [windows.start, scan.start, minTime].reduce((a, b) => (a > b ? a : b));
  const end = [windows.end, scan.end, maxTime + 1n].reduce((a, b) => (a < b ? a : b));
  return { start, end };
}

/** An operator without its input and without what only a limit, an order or the stretch of time decides. */
function described(node: Node): object {
  switch (node.kind) {
    case 'data-obj-scan': {
      const { location, section, selector, tenant, overlaps } = node.target;
      const { predicates, projections } = node.scan;
      return { location, section, selector, tenant, overlaps, predicates, projections };
    }
    case 'range-aggregation': {
      const { input: _, start, end: __, offsetNs, ...same } = node;
      return { ...same, phase: phaseOf(start - BigInt(offsetNs), node.stepNs) };
    }
    case 'top-k':
      return { kind: node.kind };
    default: {
      const { input: _, ...same } = node as Extract<Node, { input: Node }>;
      return same;
    }
  }
}

/** How far the windows' ends are from multiples of the step; the one window of an instant query says what it needs. */
function phaseOf(origin: bigint, stepNs: number): bigint {
  if (stepNs === 0) return 0n;
  const step = BigInt(stepNs);
  return ((origin % step) + step) % step;
}

/** JSON has no way to write these, or writes different ones alike. */
function literal(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { bigint: String(value) };
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
    return { number: Object.is(value, -0) ? '-0' : String(value) };
  return value;
}

function asksForNow(text: string): boolean {
  return /"(?:line|label)-format"/.test(text) && /\bnow\b/.test(text);
}
