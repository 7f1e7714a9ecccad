/** Which sections are scanned by one task together: those that take less to read than to hand out. */
import { countsMayAnswer, isCounting } from '../physical/counted.js';
import { inputsOf, type Node, type ScanOptions, type ScanTarget, type SectionTarget } from '../physical/node.js';
import type { Piece } from './pieces.js';

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

/** Rows that a first task looks at for each one that is wanted, at most: enough where a fourth of them is. */
const ROWS_PER_WANTED = 4;
/** Tasks of one size, before others have twice as many rows. */
const TASKS_OF_A_SIZE = 2;
/** What one thread searches in some ten milliseconds, if it does no more than that. Two find rows in vain, which costs more. */
const SEARCHED_ALONE_MAX = 8 << 20;
const SECTIONS_ALONE_MAX = 32;

export interface OrderedScan {
  /** Rows. */
  readonly wanted: number;
  /** The scans' own conditions choose the rows: nothing is parsed. */
  readonly isBare: boolean;
  /** Whether a target is all that is scanned of a section. */
  readonly isWhole: (target: ScanTarget) => boolean;
}

/**
 * Where the first rows in the order of time are wanted: neighbours of which little is read share a task, the more of them
 * the later they come, since most questions have enough by then. Where that is all, they are one. Ranks of a group's pieces follow each other.
 */
export function orderedGroups(pieces: readonly Piece[], { wanted, isBare, isWhole }: OrderedScan): Piece[][] {
  const groups: Piece[][] = [];
  const isAlone = isBare && pieces.length <= SECTIONS_ALONE_MAX && bytesOf(pieces) <= SEARCHED_ALONE_MAX;
  let most = isAlone ? Number.MAX_SAFE_INTEGER : wanted * ROWS_PER_WANTED;
  const bytesMax = isAlone ? SEARCHED_ALONE_MAX : LITTLE_PER_TASK;
  const sectionsMax = isAlone ? SECTIONS_ALONE_MAX : SECTIONS_PER_TASK_MAX;
  let [rows, bytes] = [0, 0];
  for (const piece of pieces) {
    const { target, rank } = piece;
    const isLittle = isWhole(target) && target.kind === 'section' && target.bytes <= LITTLE_BYTES_MAX;
    rows += target.rows;
    bytes += target.bytes;
    const group = groups.at(-1);
    const hasRoom = rows <= most && bytes <= bytesMax && group && group.length < sectionsMax;
    if (isLittle && hasRoom && group.at(-1)!.rank === rank - 1) {
      group.push(piece);
      continue;
    }
    if (groups.length > 0 && groups.length % TASKS_OF_A_SIZE === 0) most *= 2;
    [rows, bytes] = isLittle ? [target.rows, target.bytes] : [Number.POSITIVE_INFINITY, 0];
    groups.push([piece]);
  }
  return groups;
}

function bytesOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { target }) => sum + target.bytes, 0);
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
