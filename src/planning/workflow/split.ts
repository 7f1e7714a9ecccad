import type { TimeRange } from '../../wire/time.js';
import {
  inputsOf,
  type Node,
  type ScanSet,
  type ScanTarget,
  type SectionTarget,
  type Source,
} from '../physical/node.js';
import { mapInputs } from '../physical/tree.js';
import { countedGroups, isCounted, isCountingScan, isLittle, littleGroups, orderedGroups } from './groups.js';
import { type Piece, scanPieces } from './pieces.js';
import { asSent, clamp, findScanSet, withTarget, withTargets } from './targets.js';
import type { StreamId, Task, TaskId, Workflow } from './task.js';
import { bytesToRead, hasOneStep, mergesFew } from './weight.js';

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
  const splitter = new Splitter(ids);
  splitter.addTask(plan, results);
  const isSmall = splitter.weight <= SMALL_BYTES_MAX;
  if (isSmall && splitter.isCounted) return { tasks: [wholeTask(plan, ids.task(), results)], results };
  const hasLittleToMerge = splitter.rows <= MERGED_ROWS_MAX && hasOneStep(plan);
  const mergesHere = (task: Omit<Task, 'inPlace'>): boolean =>
    mergesFew(task.fragment) || (!task.scan && hasLittleToMerge);
  return { tasks: splitter.tasks.map((task) => ({ ...task, inPlace: isSmall || mergesHere(task) })), results };
}

/** What a thread reads and searches in a few milliseconds. */
const SMALL_BYTES_MAX = 1 << 20;
/** Rows whose states are merged in a few milliseconds, even if each has a series to itself, where there is only one time to merge them for. */
const MERGED_ROWS_MAX = 32 << 10;
/** Opening and handing out one more task, in bytes that are read meanwhile. */
const TASK_BYTES = 8 << 10;

class Splitter {
  readonly #ids: WorkflowIds;
  readonly tasks: Omit<Task, 'inPlace'>[] = [];
  /** Bytes that are read, about. */
  weight = 0;
  /** Rows that are looked at, at most. */
  rows = 0;
  /** Nothing is looked at but tables of sections. */
  get isCounted(): boolean {
    return this.#scans > 0 && this.#scans === this.#counts;
  }
  #scans = 0;
  #counts = 0;

  constructor(ids: WorkflowIds) {
    this.#ids = ids;
  }

  /** Ids are given to parents first, but tasks are listed after those that feed them. */
  addTask(root: Node, sink: StreamId): void {
    const id = this.#ids.task();
    const sources: StreamId[][] = [];
    const fragment = this.#cut(root, sources);
    this.tasks.push({ id, fragment, sources, sink, scan: false, cost: 0 });
  }

  #cut(node: Node, sources: StreamId[][]): Node {
    if (node.kind === 'parallelize') return addSource(sources, this.#scanTasks(node.input));
    if (node.kind === 'scan-set') return addSource(sources, this.#scanTasks(node));
    return mapInputs(node, (input) =>
      isBreaker(node) && containsBreaker(input) ? this.#ownTask(input, sources) : this.#cut(input, sources),
    );
  }

  #ownTask(root: Node, sources: StreamId[][]): Source {
    const stream = this.#ids.stream();
    const source = addSource(sources, [stream]);
    this.addTask(root, stream);
    return source;
  }

  /** One task a target, or a few; without targets nothing feeds the parent, which then sees an empty input. */
  #scanTasks(template: Node): StreamId[] {
    const set = findScanSet(template);
    const counted: SectionTarget[] = [];
    const little: SectionTarget[] = [];
    let littleBytes = 0;
    const read: Piece[] = [];
    const counts = isCountingScan(template);
    for (const piece of scanPieces(set)) {
      const { target } = piece;
      const bytes = bytesToRead(template, set.scan, target);
      const isCheap = counts && isCounted(target, set.scan);
      if (isCheap) counted.push(target);
      else if (isLittle(template, target, bytes)) {
        little.push(target);
        littleBytes += bytes;
      } else read.push(piece);
      this.weight += TASK_BYTES + (isCheap ? target.rows : bytes);
      this.rows += target.rows;
    }
    this.#scans += set.targets.length;
    this.#counts += counted.length;
    const { range } = set.scan;
    const countTasks = countedGroups(counted).map((group) => this.#groupTask(template, range, group, 0));
    const littleTasks = littleGroups(little, littleBytes).map((group) =>
      group.length === 1
        ? this.#scanTask(template, range, group[0]!)
        : this.#groupTask(template, range, group, costOf(group)),
    );
    const scans = groupsOf(template, set, read).map((group) => ({
      rank: group[0]!.rank,
      stream:
        group.length === 1
          ? this.#scanTask(template, range, group[0]!.target)
          : this.#groupTask(template, range, sectionsOf(group), costOf(sectionsOf(group))),
    }));
    return [...countTasks, ...littleTasks, ...scans.sort((a, b) => a.rank - b.rank).map(({ stream }) => stream)];
  }

  #scanTask(template: Node, range: TimeRange, target: ScanTarget): StreamId {
    const id = this.#ids.task();
    const sink = this.#ids.stream();
    const maxTimeRange = clamp(target, range);
    const fragment = withTarget(template, target);
    const affinity = target.kind === 'section' ? { affinity: `${target.location}#${target.section}` } : {};
    this.tasks.push({ id, fragment, sources: [], sink, maxTimeRange, scan: true, cost: target.bytes, ...affinity });
    return sink;
  }

  /** Several sections of which only tables are looked at, or few rows: each by itself would cost more to hand out than to read. */
  #groupTask(template: Node, range: TimeRange, targets: readonly SectionTarget[], cost: number): StreamId {
    const id = this.#ids.task();
    const sink = this.#ids.stream();
    const spans = targets.map((target) => clamp(target, range));
    const start = spans.reduce((min, span) => (span.start < min ? span.start : min), spans[0]!.start);
    const end = spans.reduce((max, span) => (span.end > max ? span.end : max), spans[0]!.end);
    const fragment = withTargets(template, targets);
    const affinity = `${targets[0]!.location}#${targets[0]!.section}`;
    this.tasks.push({ id, fragment, sources: [], sink, maxTimeRange: { start, end }, scan: true, cost, affinity });
    return sink;
  }
}

/** Rows of one group are picked in one go: ranks are those of the order in which it is scanned. */
function groupsOf(template: Node, { targets, scan }: ScanSet, pieces: readonly Piece[]): Piece[][] {
  if (template.kind !== 'top-k' || template.intervalNs > 0 || scan.order === 'any')
    return pieces.map((piece) => [piece]);
  const whole = new Set(targets);
  return orderedGroups(pieces, template.k, (target) => whole.has(target));
}

function sectionsOf(group: readonly Piece[]): SectionTarget[] {
  return group.flatMap(({ target }) => (target.kind === 'section' ? target : []));
}

/** A plan that takes less to run than to cut: so it is where tables of a few sections are added up. */
function wholeTask(plan: Node, id: TaskId, sink: StreamId): Task {
  return { id, fragment: asSent(plan), sources: [], sink, scan: false, cost: 0, inPlace: true };
}

function costOf(targets: readonly SectionTarget[]): number {
  return targets.reduce((sum, { bytes }) => sum + bytes, 0);
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
