import { readsMessage, wholeBins } from '../physical/counted.js';
import { MESSAGE, MESSAGE_LENGTH, type Predicate, type RowFunction } from '../physical/expression.js';
import { inputsOf, type Node, type ScanOptions, type ScanTarget, type SectionTarget } from '../physical/node.js';
import { isCounted, isCountingScan } from './groups.js';
import { findScanSet } from './targets.js';

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

/** What running a plan comes to. */
export interface Weight {
  /** Bytes of lines that are searched or parsed, or what takes as long, about. */
  readonly bytes: number;
  /** Rows that are looked at, at most. */
  readonly rows: number;
  /** Nothing is looked at but tables of sections. */
  readonly isCounted: boolean;
}

/** Opening one more section, in bytes that are read meanwhile. */
const OPENING_BYTES = 64 << 10;

export function weigh(plan: Node): Weight {
  let [bytes, rows, scans, counted] = [0, 0, 0, 0];
  for (const template of templatesOf(plan)) {
    const { targets, scan } = findScanSet(template);
    const counts = isCountingScan(template);
    const slowness = workOnLines(template);
    for (const target of targets) {
      // Memory is read in one go.
      const work = target.kind === 'live' ? SLOWER : slowness;
      const isCheap = counts && isCounted(target, scan);
      const read = isCheap ? bytesToCount(template, scan, target) : work * bytesToRead(template, scan, target);
      bytes += OPENING_BYTES + read;
      rows += target.rows;
      scans++;
      if (isCheap) counted++;
    }
  }
  return { bytes, rows, isCounted: scans > 0 && counted === scans };
}

/** What is run for each target below Parallelize, or the scan itself. */
function templatesOf(node: Node): readonly Node[] {
  if (node.kind === 'parallelize') return [node.input];
  return node.kind === 'scan-set' ? [node] : inputsOf(node).flatMap(templatesOf);
}

/** Bytes that a scan task goes through, about. `template`: what is done with the rows it finds. */
export function bytesToRead(template: Node, scan: ScanOptions, target: ScanTarget): number {
  return readsAllLines(template, scan) ? target.bytes : Math.min(target.bytes, target.rows * ROW_BYTES);
}

/** To add a bin of a table up takes as long as to search so many bytes: some nanoseconds. */
const BIN_BYTES = 16;
/** So does a time that is read, where windows or the range cut bins. */
const TIME_BYTES = 8;

/** The same of a section that tables of counts may answer for. */
export function bytesToCount(template: Node, scan: ScanOptions, target: SectionTarget): number {
  const isInside = target.minTime >= scan.range.start && target.maxTime < scan.range.end;
  if (!isInside || !target.counted || template.kind !== 'range-aggregation') return target.rows * TIME_BYTES;
  const bins = wholeBins(scan, target.counted, template);
  return bins === undefined ? target.rows * TIME_BYTES : bins * BIN_BYTES;
}

/** What may take ten times as long for a line as to parse it: backtracking, programs of templates. */
const SLOW_STAGES: ReadonlySet<RowFunction['kind']> = new Set([
  'parse-regexp',
  'line-format',
  'label-format',
  'decolorize',
]);
const SLOWER = 8;

/** Times as much as to search a line, or to parse it, takes what is done with each below `node`. */
export function workOnLines(node: Node): number {
  const own = functionsOf(node).some(({ kind }) => SLOW_STAGES.has(kind)) ? SLOWER : 1;
  return Math.max(own, ...inputsOf(node).map(workOnLines));
}

function functionsOf(node: Node): readonly RowFunction[] {
  if (node.kind === 'projection') return node.functions;
  if (node.kind !== 'preselect') return [];
  return node.steps.flatMap((step) => (step.kind === 'functions' ? step.functions : []));
}

/**
 * False where lines are not read at all, or only those of the few rows that leave: then conditions on metadata, which
 * were good enough to leave pages out, choose the rows, and lines of pages without any are not read.
 */
function readsAllLines(template: Node, scan: ScanOptions): boolean {
  if (scan.predicates.some(readsMessage)) return true;
  return wantsLines(scan) && !(isPicking(template) && scan.predicates.some(isEquality));
}

/** A few rows leave, and nothing is done with others but to look at the scan's own conditions. */
export function picksFew(template: Node): boolean {
  return isPicking(template) && template.kind === 'top-k' && template.k <= FEW_ROWS;
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
