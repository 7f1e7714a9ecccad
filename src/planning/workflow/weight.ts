import { readsMessage, wholeBins } from '../physical/counted.js';
import { MESSAGE, MESSAGE_LENGTH, type Predicate } from '../physical/expression.js';
import { inputsOf, type Node, type ScanOptions, type ScanTarget, type SectionTarget } from '../physical/node.js';

/** Rows that are picked from others and copied in a few milliseconds. */
const FEW_ROWS = 1000;

/** Picks rows from those that others have picked: frames would be sent to a thread and back for less work than that. */
export function mergesFew(fragment: Node): boolean {
  return (
    fragment.kind === 'top-k' && fragment.input.kind === 'source' && fragment.k <= FEW_ROWS && fragment.intervalNs === 0
  );
}

/** A metric query at one time: an instant query mostly. */
export function hasOneStep(plan: Node): boolean {
  if (plan.kind === 'range-aggregation') return plan.stepNs === 0 || plan.start === plan.end;
  const inputs = inputsOf(plan);
  return inputs.length > 0 && inputs.every(hasOneStep);
}

/** A row of a scan that reads no lines: its time, and what its metadata is compared with. */
const ROW_BYTES = 32;
/** Lines that are unpacked for the sake of a few, and not looked at: of so many bytes as much as of one that is searched. */
const UNSEEN_BYTES = 8;

/** Bytes that a scan task goes through, about. `template`: what is done with the rows it finds. */
export function bytesToRead(template: Node, scan: ScanOptions, target: ScanTarget): number {
  if (target.kind === 'section' && picksFew(template, scan)) return target.bytes / UNSEEN_BYTES;
  return readsAllLines(template, scan) ? target.bytes : Math.min(target.bytes, target.rows * ROW_BYTES);
}

/** To add a bin of a table up takes as long as to search so many bytes: some nanoseconds. */
const BIN_BYTES = 2;

/** The same of a section that tables of counts may answer for: where windows or the range cut bins, times of rows are read too. */
export function bytesToCount(template: Node, scan: ScanOptions, target: SectionTarget): number {
  const isInside = target.minTime >= scan.range.start && target.maxTime < scan.range.end;
  if (!isInside || !target.counted || template.kind !== 'range-aggregation') return target.rows;
  const bins = wholeBins(scan, target.counted, template);
  return bins === undefined ? target.rows : bins * BIN_BYTES;
}

/**
 * False where lines are not read at all, or only those of the few rows that leave: then conditions on metadata, which
 * were good enough to leave pages out, choose the rows, and lines of pages without any are not read.
 */
function readsAllLines(template: Node, scan: ScanOptions): boolean {
  if (scan.predicates.some(readsMessage)) return true;
  return wantsLines(scan) && !(isPicking(template) && scan.predicates.some(isEquality));
}

/** A few of all rows leave, by nothing but their times. */
function picksFew(template: Node, { predicates }: ScanOptions): boolean {
  return predicates.length === 0 && template.kind === 'top-k' && template.k <= FEW_ROWS && isPicking(template);
}

function wantsLines({ projections }: ScanOptions): boolean {
  if (projections === undefined) return true;
  return projections.some(
    ({ type, name }) => type === MESSAGE.type && (name === MESSAGE.name || name === MESSAGE_LENGTH.name),
  );
}

/** Nothing but the best rows is asked for. */
export function isPicking(template: Node): boolean {
  if (template.kind !== 'top-k') return false;
  let node: Node | undefined = template.input;
  while (node?.kind === 'column-compat' || node?.kind === 'parallelize') [node] = inputsOf(node);
  return node?.kind === 'scan-set';
}

function isEquality(predicate: Predicate): boolean {
  return predicate.kind === 'compare' && predicate.op === 'EQ' && predicate.literal.type === 'string';
}
