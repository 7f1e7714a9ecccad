/** What planner tests share: queries with defaults, snapshots of made-up targets, counting ids. */
import type { CatalogSnapshot, QueryParameters } from '../../src/planning/facts.js';
import { buildLogicalPlan } from '../../src/planning/logical/builder.js';
import { simplifyRegexes } from '../../src/planning/logical/passes/simplify-regex.js';
import { tablesOf } from '../../src/planning/logical/tables.js';
import type { LogicalPlan } from '../../src/planning/logical/value.js';
import { verifyLogicalPlan } from '../../src/planning/logical/verify.js';
import { parseLogQL } from '../../src/planning/logql/parser.js';
import { lowerPlan } from '../../src/planning/physical/lower.js';
import type { LiveTarget, Node, SectionTarget } from '../../src/planning/physical/node.js';
import { verifyPhysicalPlan } from '../../src/planning/physical/verify.js';
import type { WorkflowIds } from '../../src/planning/workflow/split.js';

const SECOND = 1_000_000_000n;

type Fields = Readonly<Record<string, string>>;

/** Seconds and counts as text; one to two o'clock, instant, newest 1000 rows unless told otherwise. */
export function parametersOf(fields: Fields = {}): QueryParameters {
  const seconds = (key: string, otherwise: number): number => Number(fields[key] ?? otherwise);
  return {
    start: BigInt(seconds('start', 3600)) * SECOND,
    end: BigInt(seconds('end', 7200)) * SECOND,
    stepNs: seconds('step', 0) * 1e9,
    limit: Number(fields.limit ?? 1000),
    direction: fields.direction === 'forward' ? 'forward' : 'backward',
    intervalNs: seconds('interval', 0) * 1e9,
  };
}

export function logicalPlanOf(query: string, fields: Fields = {}): LogicalPlan {
  const plan = buildLogicalPlan(parseLogQL(query), parametersOf(fields));
  verifyLogicalPlan(plan);
  return plan;
}

/** Lowered over `targets` sections of `rows` (10 bytes each) for each selector, 2 little ones unless told otherwise. */
export function physicalPlanOf(query: string, fields: Fields = {}): Node {
  const logical = simplifyRegexes(logicalPlanOf(query, fields));
  verifyLogicalPlan(logical);
  const size = fields.rows === undefined ? {} : { rows: Number(fields.rows), bytes: Number(fields.rows) * 10 };
  const snapshot = sections(Number(fields.targets ?? 2), size);
  const snapshots = tablesOf(logical).map(() => snapshot);
  const plan = lowerPlan(logical, snapshots);
  verifyPhysicalPlan(plan);
  return plan;
}

export function sections(count: number, fields: Partial<SectionTarget> = {}): CatalogSnapshot {
  return { targets: Array.from({ length: count }, (_, i) => section({ location: `obj${i}`, ...fields }, i)) };
}

/** Holds one minute of every hour from 00:30 on. */
export function section(fields: Partial<SectionTarget> = {}, i = 0): SectionTarget {
  const minTime = BigInt(1800 + i * 3600) * SECOND;
  return {
    kind: 'section',
    location: 'obj',
    section: 0,
    streams: Int32Array.of(1, 2),
    pages: Int32Array.of(0, 1, 2),
    minTime,
    maxTime: minTime + 60n * SECOND,
    rows: 100,
    bytes: 1000,
    overlaps: [],
    ...fields,
  };
}

export function live(fields: Partial<LiveTarget> = {}): LiveTarget {
  return {
    kind: 'live',
    ingester: 'ingester-0',
    snapshot: 'memtable-7',
    streams: Int32Array.of(4),
    windows: [{ start: 0n, end: 7200n * SECOND }],
    minTime: 7000n * SECOND,
    maxTime: 7199n * SECOND,
    rows: 10,
    bytes: 500,
    overlaps: [],
    ...fields,
  };
}

/** `task-1`, `stream-1`, ... */
export function countingIds(): WorkflowIds {
  let tasks = 0;
  let streams = 0;
  return { task: () => `task-${++tasks}`, stream: () => `stream-${++streams}` };
}
