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

/** Of sections of which little is read: so many bytes of all together. `inOne`: one task reads all of them. */
export function littleGroups(targets: readonly SectionTarget[], bytes: number, inOne: boolean): SectionTarget[][] {
  if (inOne) return targets.length > 0 ? [[...targets]] : [];
  const tasks = Math.max(1, Math.ceil(bytes / LITTLE_PER_TASK));
  return evenGroups(targets, Math.min(SECTIONS_PER_TASK_MAX, Math.max(1, Math.ceil(targets.length / tasks))));
}

/** `bytes`: what is read of the target. Only rows that are folded right where they are read may come in any order. */
export function isLittle(template: Node, target: ScanTarget, bytes: number, inOne: boolean): target is SectionTarget {
  const folds = template.kind === 'range-aggregation' && template.mode === 'partial';
  return folds && target.kind === 'section' && (inOne || bytes <= LITTLE_BYTES_MAX);
}

/** Rows that a first task looks at for each one that is wanted, at most: enough where a fourth of them is. */
const ROWS_PER_WANTED = 4;
/** Tasks of one size, before others have twice as many rows. */
const TASKS_OF_A_SIZE = 2;
/** What one thread searches in some ten milliseconds, if it does no more than that. Two find rows in vain, which costs more. */
const SEARCHED_ALONE_MAX = 8 << 20;
const SECTIONS_ALONE_MAX = 32;

/** Whether one task had best scan all of it. `isBare`: the scans' own conditions choose the rows, and nothing is parsed. */
export function suitsOne(targets: readonly ScanTarget[], isBare: boolean): boolean {
  return isBare && targets.length <= SECTIONS_ALONE_MAX && bytesOf(targets) <= SEARCHED_ALONE_MAX;
}

export interface OrderedScan {
  /** Rows. */
  readonly wanted: number;
  /** One task scans as much as it can. */
  readonly inOne: boolean;
  /** Whether a target is all that is scanned of a section. */
  readonly isWhole: (target: ScanTarget) => boolean;
}

/**
 * Where the first rows in the order of time are wanted: neighbours of which little is read share a task, the more of them
 * the later they come, since most questions have enough by then. Where that is all, they are one. Ranks of a group's pieces follow each other.
 */
export function orderedGroups(pieces: readonly Piece[], { wanted, inOne, isWhole }: OrderedScan): Piece[][] {
  const groups: Piece[][] = [];
  let most = wanted * ROWS_PER_WANTED;
  let [rows, bytes] = [0, 0];
  /** Which others may join. */
  let open: Piece[] = [];
  for (const piece of pieces) {
    const { target, rank } = piece;
    const isOpen = target.kind === 'section' && (inOne || (isWhole(target) && target.bytes <= LITTLE_BYTES_MAX));
    rows += target.rows;
    bytes += target.bytes;
    const hasRoom = inOne || (rows <= most && bytes <= LITTLE_PER_TASK && open.length < SECTIONS_PER_TASK_MAX);
    if (isOpen && hasRoom && open.at(-1)?.rank === rank - 1) {
      open.push(piece);
      continue;
    }
    if (groups.length > 0 && groups.length % TASKS_OF_A_SIZE === 0) most *= 2;
    [rows, bytes] = [target.rows, target.bytes];
    const group = [piece];
    groups.push(group);
    open = isOpen ? group : [];
  }
  return groups;
}

/** More than what is searched alone: of pages that lie beyond the rows that were found, nothing is read. */
const AHEAD_BYTES_MAX = 12 << 20;

/** What comes first, as much of it as one task searches: mostly the rows that are wanted are there. Their ranks follow each other. */
export function firstPieces(pieces: readonly Piece[]): Piece[] {
  const first: Piece[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    const { target, rank } = piece;
    bytes += target.bytes;
    const follows = first.length === 0 || first.at(-1)!.rank === rank - 1;
    const hasRoom = bytes <= AHEAD_BYTES_MAX && first.length < SECTIONS_ALONE_MAX;
    if (target.kind !== 'section' || !follows || !hasRoom) break;
    first.push(piece);
  }
  return first;
}

function bytesOf(targets: readonly ScanTarget[]): number {
  return targets.reduce((sum, { bytes }) => sum + bytes, 0);
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
