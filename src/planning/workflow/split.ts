import {
  inputsOf,
  type Node,
  type ScanSet,
  type ScanTarget,
  type SectionTarget,
  type Source,
  type TopK,
} from '../physical/node.js';
import { mapInputs } from '../physical/tree.js';
import {
  countedGroups,
  firstPieces,
  isCounted,
  isCountingScan,
  isLittle,
  littleGroups,
  orderedGroups,
  suitsOne,
} from './groups.js';
import { type Piece, scanPieces } from './pieces.js';
import { asSent, clamp, findScanSet, withTarget, withTargets } from './targets.js';
import type { StreamId, Task, TaskId, Workflow } from './task.js';
import { bytesToRead, hasOneStep, isPicking, mergesFew, picksFew, weigh } from './weight.js';

/** Where fresh ids come from; every call yields another. */
export interface WorkflowIds {
  task(): TaskId;
  stream(): StreamId;
}

/**
 * Cuts a plan into tasks. An operator that must see all of its input before it says anything (a pipeline breaker) gets
 * a task of its own when what feeds it contains another one; below Parallelize the whole sub-tree is copied once per
 * scan target, so that rows are filtered and folded where they are read (once for several of which little is read). Every task has one sink; every stream has one
 * sender and one receiver.
 */
export function planWorkflow(plan: Node, ids: WorkflowIds): Workflow {
  const results = ids.stream();
  const { bytes, rows, isCounted } = weigh(plan);
  const isSmall = bytes <= SMALL_BYTES_MAX;
  if (isSmall && isCounted) return { tasks: [wholeTask(plan, ids.task(), results)], results };
  const splitter = new Splitter(ids, isSmall);
  splitter.addTask(plan, results);
  const hasLittleToMerge = rows <= MERGED_ROWS_MAX && hasOneStep(plan);
  const mergesHere = (task: Task): boolean => mergesFew(task.fragment) || (!task.scan && hasLittleToMerge);
  // Only scans rest: what folds the rows of many series into many windows may take seconds in one go.
  const placed = (task: Task): Task =>
    (isSmall && task.scan) || bytes <= BRIEF_BYTES_MAX || mergesHere(task) ? { ...task, inPlace: true } : task;
  return { tasks: splitter.tasks.map(placed), results };
}

/** All tasks that read no more than this are brief. */
const BRIEF_BYTES_MAX = 1 << 20;
/** What a thread reads and searches, or parses, in some ten milliseconds. */
const SMALL_BYTES_MAX = 8 << 20;
/** Rows whose states are merged in a few milliseconds, even if each has a series to itself, where there is only one time to merge them for. */
const MERGED_ROWS_MAX = 32 << 10;

class Splitter {
  readonly #ids: WorkflowIds;
  /** What one task scans is not cut. */
  readonly #isSmall: boolean;
  readonly tasks: Task[] = [];

  constructor(ids: WorkflowIds, isSmall: boolean) {
    this.#ids = ids;
    this.#isSmall = isSmall;
  }

  /** Ids are given to parents first, but tasks are listed after those that feed them. */
  addTask(root: Node, sink: StreamId): void {
    const picked = pickedTwice(root);
    const groups = picked && this.#groups(picked.template);
    if (groups?.length === 1) return this.#scanTask(picked!.template, groups[0]!, sink, picked!.withScan);
    const id = this.#ids.task();
    const sources: StreamId[][] = [];
    const fragment = this.#cut(root, sources, groups);
    this.tasks.push({ id, fragment, sources, sink, scan: false, cost: 0, inPlace: false });
  }

  /** `groups`: of what it scans, where that has been asked before. */
  #cut(node: Node, sources: StreamId[][], groups?: readonly Group[]): Node {
    const template = node.kind === 'parallelize' ? node.input : node;
    if (node.kind === 'parallelize' || node.kind === 'scan-set')
      return addSource(sources, this.#scanTasks(template, groups ?? this.#groups(template)));
    return mapInputs(node, (input) =>
      isBreaker(node) && containsBreaker(input) ? this.#ownTask(input, sources) : this.#cut(input, sources, groups),
    );
  }

  #ownTask(root: Node, sources: StreamId[][]): Source {
    const stream = this.#ids.stream();
    const source = addSource(sources, [stream]);
    this.addTask(root, stream);
    return source;
  }

  /** Without any, nothing feeds the parent, which then sees an empty input. */
  #scanTasks(template: Node, groups: readonly Group[]): StreamId[] {
    return groups.map((group) => {
      const sink = this.#ids.stream();
      this.#scanTask(template, group, sink);
      return sink;
    });
  }

  /** What is scanned by one task each: a target, or a few. */
  #groups(template: Node): Group[] {
    const set = findScanSet(template);
    const counted: SectionTarget[] = [];
    const little: SectionTarget[] = [];
    let littleBytes = 0;
    const read: Piece[] = [];
    const counts = isCountingScan(template);
    const inOne = this.#isSmall || (isOrdered(template, set) && suitsOne(set.targets, isPicking(template)));
    for (const piece of inOne ? scanPieces(set, 0) : scanPieces(set)) {
      const { target } = piece;
      const bytes = bytesToRead(template, set.scan, target);
      if (counts && isCounted(target, set.scan)) counted.push(target);
      else if (isLittle(template, target, bytes, inOne)) {
        little.push(target);
        littleBytes += bytes;
      } else read.push(piece);
    }
    return [
      ...countedGroups(counted).map((targets) => ({ targets, cost: 0 })),
      ...littleGroups(little, littleBytes, inOne).map(groupOf),
      ...groupsOf(template, set, read, inOne),
    ];
  }

  /** Of several sections only tables are looked at, or few rows: each by itself would cost more to hand out than to read. */
  #scanTask(template: Node, group: Group, sink: StreamId, around = (scan: Node): Node => scan): void {
    const { targets, cost, ahead } = group;
    const { range } = findScanSet(template).scan;
    const id = this.#ids.task();
    const spans = targets.map((target) => clamp(target, range));
    const start = spans.reduce((min, span) => (span.start < min ? span.start : min), spans[0]!.start);
    const end = spans.reduce((max, span) => (span.end > max ? span.end : max), spans[0]!.end);
    const [first] = targets;
    const scan = targets.length === 1 ? withTarget(template, first!) : withTargets(template, sectionsOf(targets));
    const affinity = first!.kind === 'section' ? { affinity: `${first!.location}#${first!.section}` } : {};
    const fragment = around(scan);
    const place = { inPlace: ahead === true, ...(ahead && { ahead }) };
    this.tasks.push({
      ...{ id, fragment, sources: [], sink, maxTimeRange: { start, end }, scan: true, cost },
      ...{ ...affinity, ...place },
    });
  }
}

/** Rows of one group are picked in one go: ranks are those of the order in which it is scanned. */
function groupsOf(template: Node, set: ScanSet, pieces: readonly Piece[], inOne: boolean): Group[] {
  if (!isOrdered(template, set)) return pieces.map(({ target }) => groupOf([target]));
  const whole = new Set(set.targets);
  const first = !inOne && picksFew(template) ? firstPieces(pieces) : [];
  const others = orderedGroups(pieces.slice(first.length), {
    ...{ wanted: template.k, inOne },
    isWhole: (target) => whole.has(target),
  });
  const inOrder = others.sort(([a], [b]) => a!.rank - b!.rank).map(ofPieces);
  return first.length > 0 ? [{ ...ofPieces(first), ahead: true }, ...inOrder] : inOrder;
}

function ofPieces(pieces: readonly Piece[]): Group {
  return groupOf(pieces.map(({ target }) => target));
}

/** The first rows in the order of time are wanted. */
function isOrdered(template: Node, { scan }: ScanSet): template is TopK {
  return template.kind === 'top-k' && template.intervalNs === 0 && scan.order !== 'any';
}

function sectionsOf(targets: readonly ScanTarget[]): SectionTarget[] {
  return targets.flatMap((target) => (target.kind === 'section' ? target : []));
}

/** A plan that takes less to run than to cut: so it is where tables of a few sections are added up. */
function wholeTask(plan: Node, id: TaskId, sink: StreamId): Task {
  return { id, fragment: asSent(plan), sources: [], sink, scan: false, cost: 0, inPlace: true };
}

/** What one task scans, and about how many bytes of it. */
interface Group {
  readonly targets: readonly ScanTarget[];
  readonly cost: number;
  /** The others wait for it. */
  readonly ahead?: true;
}

function groupOf(targets: readonly ScanTarget[]): Group {
  return { targets, cost: targets.reduce((sum, { bytes }) => sum + bytes, 0) };
}

interface PickedTwice {
  /** What scans are to run, and pick from. */
  readonly template: Node;
  /** The plan around a scan that is the only one. */
  readonly withScan: (scan: Node) => Node;
}

/** Where a plan picks rows from those that its scans have picked in the same way, so that those of a single scan are the ones. */
function pickedTwice(root: Node): PickedTwice | undefined {
  if (root.kind === 'top-k' && root.intervalNs === 0 && root.input.kind === 'parallelize') {
    const template = root.input.input;
    return template.kind === 'top-k' && template.k === root.k ? { template, withScan: (scan) => scan } : undefined;
  }
  // What leaves the rows that were picked alone, and only says more of them.
  if (root.kind !== 'projection' && root.kind !== 'column-compat') return undefined;
  const picked = pickedTwice(root.input);
  return picked && { ...picked, withScan: (scan) => mapInputs(root, () => picked.withScan(scan)) };
}

function addSource(sources: StreamId[][], streams: StreamId[]): Source {
  return { kind: 'source', slot: sources.push(streams) - 1 };
}

const BREAKERS: ReadonlySet<Node['kind']> = new Set([
  'top-k',
  'range-aggregation',
  'vector-aggregation',
  'vector-top-k',
  'join',
  'sort',
  'absent',
]);

function isBreaker(node: Node): boolean {
  return BREAKERS.has(node.kind);
}

/** What is below Parallelize runs in scan tasks anyway. */
function containsBreaker(node: Node): boolean {
  if (node.kind === 'parallelize') return false;
  return isBreaker(node) || inputsOf(node).some(containsBreaker);
}
