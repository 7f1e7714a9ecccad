/** Which sections are scanned by one task together: those that take less to read than to hand out. */
import { countsMayAnswer, isCounting } from '../physical/counted.js';
import { inputsOf, type Node, type ScanOptions, type ScanTarget, type SectionTarget } from '../physical/node.js';

const SECTIONS_PER_TASK_MAX = 16;
/** What is read of a section that is read together with others, and of all of these. */
const LITTLE_BYTES_MAX = 512 << 10;
const LITTLE_PER_TASK = 2 << 20;

/** Of sections of which only tables are looked at. Nothing is kept of their counts. */
export function countedGroups(targets: readonly SectionTarget[]): SectionTarget[][] {
  return evenGroups(targets.map(unnamed), SECTIONS_PER_TASK_MAX);
}

/** Of sections of which little is read: so many bytes of all together. */
export function littleGroups(targets: readonly SectionTarget[], bytes: number): SectionTarget[][] {
  const tasks = Math.max(1, Math.ceil(bytes / LITTLE_PER_TASK));
  return evenGroups(targets, Math.min(SECTIONS_PER_TASK_MAX, Math.max(1, Math.ceil(targets.length / tasks))));
}

/** `bytes`: what is read of the target. Only rows that are folded right where they are read may come in any order. */
export function isLittle(template: Node, target: ScanTarget, bytes: number): target is SectionTarget {
  const folds = template.kind === 'range-aggregation' && template.mode === 'partial';
  return folds && target.kind === 'section' && bytes <= LITTLE_BYTES_MAX;
}

/** An aggregation of counts over nothing but scans. */
export function isCountingScan(template: Node): boolean {
  if (!isCounting(template)) return false;
  let [below] = inputsOf(template);
  while (below?.kind === 'column-compat') below = below.input;
  return below?.kind === 'scan-set';
}

export function isCounted(target: ScanTarget, scan: ScanOptions): target is SectionTarget {
  return target.kind === 'section' && target.counted !== undefined && countsMayAnswer(scan, target.counted);
}

function evenGroups<T>(items: readonly T[], most: number): T[][] {
  const groups = Math.ceil(items.length / most);
  const bound = (group: number): number => Math.round((group * items.length) / groups);
  return Array.from({ length: groups }, (_, group) => items.slice(bound(group), bound(group + 1)));
}

export function unnamed({ selector: _, ...target }: SectionTarget): SectionTarget {
  return target;
}
