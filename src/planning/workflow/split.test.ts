import { describe, expect, it } from 'vitest';
import { goldens } from '../../../test/support/golden.js';
import {
  countingIds,
  live,
  logicalPlanOf,
  physicalPlanOf,
  section,
  sections,
} from '../../../test/support/plan-case.js';
import type { CountedTable } from '../physical/counted.js';
import { TIMESTAMP } from '../physical/expression.js';
import { lowerPlan } from '../physical/lower.js';
import { inputsOf, type Node, type ScanTarget, type SectionTarget } from '../physical/node.js';
import { optimize } from '../physical/optimize.js';
import { printWorkflow } from './print.js';
import { planWorkflow } from './split.js';
import type { Workflow } from './task.js';
import { verifyWorkflow } from './verify.js';

const SECOND = 1_000_000_000n;

function workflowOf(plan: Node): Workflow {
  const workflow = planWorkflow(plan, countingIds());
  verifyWorkflow(workflow);
  return workflow;
}

function optimised(query: string, targets: readonly ScanTarget[]): Node {
  return optimize(lowerPlan(logicalPlanOf(query), [{ targets }])).plan;
}

describe('planWorkflow', () => {
  for (const golden of goldens(new URL('./testdata/', import.meta.url))) {
    it(golden.claim, () => {
      const workflow = workflowOf(optimize(physicalPlanOf(golden.fields.query!, golden.fields)).plan);
      golden.check([['workflow', printWorkflow(workflow)]]);
    });
  }

  it('splits unoptimised plans as well', () => {
    const workflow = workflowOf(physicalPlanOf('sum(rate({a="b"} | json | x="1" [5m]))', { targets: '3' }));
    expect(workflow.tasks.map((task) => task.fragment.kind)).toEqual([
      'column-compat',
      'column-compat',
      'column-compat',
      'scalar-binary',
      'vector-aggregation',
    ]);
  });

  it('lists tasks after those that feed them, the root last', () => {
    const { tasks, results } = workflowOf(
      optimised('sum(rate({a="b"}[5m]))', sections(3, { rows: 1e6, bytes: 1e7 }).targets),
    );
    expect(tasks.map((task) => task.scan)).toEqual([true, true, true, false, false]);
    expect(tasks.at(-1)!.sink).toBe(results);
  });

  it('hands out together what is counted without being read, and nothing else', () => {
    const counted = { counted: [table(), table('level')], hasKey: (name: string) => name !== 'app' };
    const large = { rows: 1e6, bytes: 1e7 };
    const targets = [
      ...Array.from({ length: 20 }, (_, i) => section({ location: `c${i}`, counted, ...large }, i)),
      section({ location: 'uncounted', ...large }, 20),
      live(),
    ];
    const scanned = (query: string): number[] =>
      workflowOf(optimised(query, targets))
        .tasks.filter(({ scan }) => scan)
        .map(({ fragment }) => targetsOf(fragment));
    const apart = targets.map(() => 1);
    expect(scanned('sum(count_over_time({a="b"}[5m]))')).toEqual([10, 10, 1, 1]);
    expect(scanned('sum by (app, level) (rate({a="b"} | level="warn" [5m]))')).toEqual([10, 10, 1, 1]);
    expect(scanned('sum by (level, pod) (rate({a="b"}[5m]))')).toEqual(apart);
    expect(scanned('sum(count_over_time({a="b"} |= "x" [5m]))')).toEqual(apart);
    expect(scanned('sum(count_over_time({a="b"} | json | x="y" [5m]))')).toEqual(apart);
    expect(scanned('sum(sum_over_time({a="b"} | unwrap level [5m]))')).toEqual(apart);
    expect(scanned('{a="b"} |= "x"')).toEqual(apart);
  });

  it('hands out together sections of which little is read, where rows are folded, and as evenly as it can', () => {
    const scanned = (query: string, ...sizes: number[]): number[] =>
      workflowOf(
        optimised(
          query,
          sizes.map((bytes, i) => section({ location: `s${i}`, bytes, rows: 1e6 }, i)),
        ),
      )
        .tasks.filter(({ scan }) => scan)
        .map(({ fragment }) => targetsOf(fragment));
    const count = 'sum by (x) (count_over_time({a="b"} | json [5m]))';
    expect(scanned(count, ...new Array(20).fill(500_000))).toEqual([4, 4, 4, 4, 4]);
    expect(scanned(count, 9_000_000, ...new Array(40).fill(1000))).toEqual([13, 14, 13, 1]);
    expect(scanned(count, 1000, 600_000, 1000, 9_000_000)).toEqual([2, 1, 1]);
    expect(scanned(count, 9_000_000, 1000)).toEqual([1, 1]);
    // What is small all together is one task, whatever single sections have.
    expect(scanned(count, ...new Array(40).fill(1000))).toEqual([40]);
    expect(scanned(count, 600_000, 1000, 2_000_000)).toEqual([3]);
    expect(scanned('{a="b"} | json | x="y"', 1000, 1000)).toEqual([2]);
  });

  it('leaves whole what only adds up tables of a few sections', () => {
    const counted = { counted: [table()], hasKey: () => false };
    const small = [0, 1, 2].map((i) => section({ location: `s${i}`, counted, selector: '[a]' }, i));
    const query = 'sum(count_over_time({a="b"}[5m])) / sum(rate({a="c"}[5m]))';
    const tasksOver = (targets: readonly ScanTarget[]): Workflow =>
      workflowOf(optimize(lowerPlan(logicalPlanOf(query), [{ targets }, { targets }])).plan);
    const { tasks, results } = tasksOver(small);
    expect(tasks).toMatchObject([
      { fragment: { kind: 'join' }, sources: [], sink: results, scan: false, inPlace: true },
    ]);
    expect(sectionsOf(tasks[0]!.fragment)).toHaveLength(6);
    expect(sectionsOf(tasks[0]!.fragment).some((target) => 'counted' in target || 'selector' in target)).toBe(false);
    for (const more of [live(), section(), section({ counted, rows: 2 << 20 })])
      expect(tasksOver([...small, more]).tasks.length).toBeGreaterThan(1);
  });

  it('keeps names of sections where results are kept section by section', () => {
    const counted = { counted: [table()], hasKey: () => false };
    const named = (query: string): readonly unknown[] => {
      const targets = [0, 1].map((i) => section({ location: `s${i}`, counted, selector: '[a]' }, i));
      const [scan] = workflowOf(optimised(query, targets)).tasks;
      return sectionsOf(scan!.fragment).map((target) => (target.kind === 'section' ? target.selector : 'live'));
    };
    expect(named('sum(count_over_time({a="b"} |= "x" [5m]))')).toEqual(['[a]', '[a]']);
    expect(named('sum(count_over_time({a="b"} | json | x="y" [5m]))')).toEqual(['[a]', '[a]']);
    expect(named('sum(count_over_time({a="b"}[5m]))')).toEqual([undefined, undefined]);
  });

  it('merges in place what few rows have left, where there is one time to merge them for', () => {
    const inPlace = (query: string, rows: number, options?: Record<string, string>): readonly boolean[] => {
      const big = section({ bytes: 1e7, rows });
      const plan = optimize(lowerPlan(logicalPlanOf(query, options), [{ targets: [big, big] }])).plan;
      return workflowOf(plan).tasks.map((task) => task.inPlace);
    };
    const at = { start: '7200', end: '7200' };
    const count = 'sum by (x) (count_over_time({a="b"} | json [5m]))';
    expect(inPlace(count, 16_000, at)).toEqual([false, false, true, true]);
    expect(inPlace(count, 17_000, at)).not.toContain(true);
    expect(inPlace(count, 16_000, { step: '60' })).not.toContain(true);
  });

  it('keeps what only planning needs to know', () => {
    const counted = { counted: [table()], hasKey: () => false };
    for (const query of ['{a="b"}', 'sum(count_over_time({a="b"}[5m]))']) {
      const { tasks } = workflowOf(optimised(query, [section({ counted })]));
      expect(() => structuredClone(tasks)).not.toThrow();
    }
  });

  it('starts newest scans first for the newest rows and oldest first for the oldest', () => {
    const at = (location: string, hour: number) => section({ location, bytes: 1e7 }, hour);
    const targets = [at('a', 0), at('b', 2), at('c', 1)];
    const order = (direction: string): readonly string[] => {
      const plan = optimize(lowerPlan(logicalPlanOf('{a="b"}', { direction }), [{ targets }])).plan;
      const scans = workflowOf(plan).tasks.filter((task) => task.scan);
      return scans.map((task) => (task.maxTimeRange!.start / (3600n * SECOND)).toString());
    };
    expect(order('backward')).toEqual(['2', '1', '1']);
    expect(order('forward')).toEqual(['1', '1', '2']);
  });

  it('says how much a scan reads and between which times', () => {
    const target = section({ minTime: 7000n * SECOND, maxTime: 9000n * SECOND, bytes: 123 });
    const [scan] = workflowOf(optimised('{a="b"}', [target])).tasks;
    expect(scan).toMatchObject({ cost: 123, maxTimeRange: { start: 7000n * SECOND, end: 7200n * SECOND } });
    const inside = section({ minTime: 3700n * SECOND, maxTime: 3700n * SECOND });
    const [other] = workflowOf(optimised('{a="b"}', [inside])).tasks;
    expect(other!.maxTimeRange).toEqual({ start: 3700n * SECOND, end: 3700n * SECOND + 1n });
  });

  it('is small when all tasks together read little, or only count many rows', () => {
    const isSmall = (query: string, targets: readonly ScanTarget[]): boolean =>
      workflowOf(optimised(query, targets)).tasks.every(({ inPlace, sources }) => inPlace || sources.length > 0);
    const of = (count: number, bytes: number, more = {}): ScanTarget[] =>
      Array.from({ length: count }, (_, i) => section({ location: `s${i}`, bytes, ...more }, i));
    for (const query of ['{a="b"} | json | c="d"', 'sum(rate({a="b"} | logfmt | c="d" [5m]))']) {
      expect([query, isSmall(query, of(1, 8_000_000)), isSmall(query, of(1, 9_000_000))]).toEqual([query, true, false]);
      expect(isSmall(query, of(3, 3_000_000))).toBe(false);
    }
    expect([isSmall('{a="b"}', of(120, 1)), isSmall('{a="b"}', of(130, 1))]).toEqual([true, false]);
    const slow = [
      'regexp "(?P<c>.)" | c="d"',
      'label_format c="{{.d}}" | c="d"',
      'decolorize | pattern "<c> <_>" | c="d"',
    ];
    for (const stage of [...slow, 'line_format "{{.c}}" |= "c"']) {
      const query = `{a="b"} | ${stage}`;
      expect([stage, isSmall(query, of(1, 900_000)), isSmall(query, of(1, 1_100_000))]).toEqual([stage, true, false]);
    }
    const counted = { counted: [table()], hasKey: () => false };
    const count = 'sum(count_over_time({a="b"}[5m]))';
    expect(isSmall(count, of(3, 1e9, { counted, rows: 10_000 }))).toBe(true);
    expect(isSmall(count, of(3, 1e9, { counted, rows: 1_000_000 }))).toBe(false);
    expect(isSmall(count, of(3, 1e9, { rows: 100_000 }))).toBe(false);
  });

  it('weighs what is counted by its bins, unless windows or the range cut some', () => {
    const isSmall = (bins: number, widthNs: number, more: Partial<SectionTarget> = {}): boolean => {
      const counted = { counted: [{ keys: [], widthNs, bins }], hasKey: () => false };
      const target = section({ counted, rows: 1e7, bytes: 1e9, ...more }, 1);
      const logical = logicalPlanOf('sum(count_over_time({a="b"}[1h]))', { start: '7200', end: '7200' });
      return workflowOf(optimize(lowerPlan(logical, [{ targets: [target] }])).plan).tasks.every((task) => task.inPlace);
    };
    expect([isSmall(100_000, 60e9), isSmall(1_000_000, 60e9)]).toEqual([true, false]);
    expect([isSmall(1000, 7e9), isSmall(1000, 60e9, { minTime: 3000n * SECOND })]).toEqual([false, false]);
  });

  it('merges few picked rows in place, however much was read for them, and nothing else', () => {
    const big = section({ bytes: 2e7, rows: 1e6 });
    const inPlace = (query: string, options?: Record<string, string>): readonly boolean[] => {
      const plan = optimize(lowerPlan(logicalPlanOf(query, options), [{ targets: [big, big] }])).plan;
      return workflowOf(plan).tasks.map((task) => task.inPlace);
    };
    expect(inPlace('{a="b"}', { limit: '1000' })).toEqual([false, false, true]);
    expect(inPlace('{a="b"}', { limit: '1001' })).toEqual([false, false, false]);
    expect(inPlace('{a="b"}', { limit: '100', interval: '5' })).toEqual([false, false, false]);
    expect(inPlace('sum(count_over_time({a="b"}[5m]))')).not.toContain(true);
  });

  it('weighs by rows what reads no lines, or those of the few rows that are chosen by an equality', () => {
    const isSmall = (query: string, rows: number): boolean =>
      workflowOf(optimised(query, [section({ bytes: 2e7, rows })])).tasks.every(
        ({ inPlace, sources }) => inPlace || sources.length > 0,
      );
    for (const query of ['{a="b"} | id="x"', 'sum(count_over_time({a="b"} | id="x" [5m]))']) {
      expect([query, isSmall(query, 250_000), isSmall(query, 270_000)]).toEqual([query, true, false]);
    }
    for (const query of [
      '{a="b"}',
      '{a="b"} | id!="x"',
      '{a="b"} | id="x" | json | y="z"',
      '{a="b"} |= "y" | id="x"',
    ]) {
      expect([query, isSmall(query, 20_000)]).toEqual([query, false]);
    }
    expect(isSmall('sum(bytes_over_time({a="b"} | id="x" [5m]))', 20_000)).toBe(false);
  });

  it('searches what comes first ahead of the rest, in place, where few rows are wanted and nothing is parsed', () => {
    const ahead = (
      query: string,
      sizes: readonly number[],
      limit = '1000',
    ): readonly (readonly [number, boolean])[] => {
      const targets = sizes.map((bytes, i) => section({ location: `s${i}`, bytes }, i));
      const plan = optimize(lowerPlan(logicalPlanOf(query, { limit }), [{ targets }])).plan;
      const scans = workflowOf(plan).tasks.filter(({ scan }) => scan);
      expect(scans.every((task) => task.inPlace === (task.ahead === true))).toBe(true);
      return scans.map((task) => [targetsOf(task.fragment), task.ahead === true]);
    };
    const sizes = [6_000_000, 6_000_000, 3_000_000, 6_000_000];
    expect(ahead('{a="b"} |= "c"', sizes)).toEqual([
      [2, true],
      [1, false],
      [1, false],
    ]);
    expect(ahead('{a="b"} |= "c"', sizes, '1001')).not.toContainEqual([2, true]);
    expect(ahead('{a="b"} | json | c="d"', sizes)).not.toContainEqual([2, true]);
    expect(ahead('{a="b"} |= "c"', [1000, 13_000_000])).toEqual([
      [1, false],
      [1, false],
    ]);
  });

  it('picks the first rows of little in one task, however it lies', () => {
    const cut = (bytes: number): number => {
      const pages = Int32Array.from({ length: 40 }, (_, page) => page);
      const runs = {
        ...{ base: 3600n * SECOND, starts: Int32Array.from({ length: 41 }, (_, page) => page) },
        ...{ stream: new Int32Array(40).fill(1), rows: new Int32Array(40).fill(100) },
        ...{ minTime: new Float64Array(40).fill(1), maxTime: new Float64Array(40).fill(9e9) },
      };
      const target = section({ bytes, rows: 4000, pages, runs, streams: Int32Array.of(1) });
      return workflowOf(optimised('{a="b"} |= "c"', [target])).tasks.length;
    };
    expect([cut(12_000_000), cut(13_000_000)]).toEqual([1, 3]);
  });

  it('never ends a time range before it starts', () => {
    const [scan] = workflowOf(optimised('{a="b"}', [section({ minTime: 1n, maxTime: 2n })])).tasks;
    expect(scan!.maxTimeRange).toEqual({ start: 3600n * SECOND, end: 3600n * SECOND });
  });

  it('scans memory beside objects', () => {
    const workflow = workflowOf(optimised('{a="b"}', [section(), live()]));
    const leaves = workflow.tasks
      .filter((task) => task.scan)
      .map((task) => printWorkflow({ ...workflow, tasks: [task], results: task.sink }));
    expect(leaves[0]).toContain('LiveScan type=Live ingester=ingester-0 snapshot=memtable-7 streams=1');
    expect(leaves[1]).toContain('DataObjScan type=DataObject location=obj');
  });

  it('refuses a Parallelize with nothing to scan', () => {
    const plan: Node = {
      kind: 'top-k',
      sortBy: TIMESTAMP,
      ascending: true,
      k: 1,
      intervalNs: 0,
      input: { kind: 'parallelize', input: { kind: 'source', slot: 0 } },
    };
    expect(() => planWorkflow(plan, countingIds())).toThrow('nothing to scan below Parallelize');
  });
});

/** Of counts, which windows of whole minutes do not cut. */
function table(...keys: string[]): CountedTable {
  return { keys, widthNs: 60e9, bins: 1000 };
}

/** Of the scan of a fragment. */
function targetsOf(node: Node): number {
  return sectionsOf(node).length;
}

function sectionsOf(node: Node): readonly ScanTarget[] {
  if (node.kind === 'scan-set') return node.targets;
  if (node.kind === 'data-obj-scan' || node.kind === 'live-scan') return [node.target];
  return inputsOf(node).flatMap(sectionsOf);
}
