import { describe, expect, it } from 'vitest';
import { TIMESTAMP } from '../../planning/physical/expression.js';
import type { Node, RangeAggregation, SectionTarget } from '../../planning/physical/node.js';
import type { TaskReport } from '../../wire/messages/workflow.js';
import { noCounts } from '../context.js';
import type { TaskIo, TaskJob, TaskPool } from '../pool.js';
import { CachingPool } from './caching-pool.js';
import { ResultCache } from './result-cache.js';

const SECOND = 1_000_000_000n;

function target(location: string, more: Partial<SectionTarget> = {}): SectionTarget {
  return {
    ...{ kind: 'section', location, section: 0, streams: Int32Array.of(1), pages: Int32Array.of(0), overlaps: [] },
    ...{ minTime: 100n * SECOND, maxTime: 200n * SECOND, rows: 1, bytes: 1, selector: '[app]' },
    ...more,
  };
}

function folding(...targets: SectionTarget[]): RangeAggregation {
  const range = { start: 0n, end: 1000n * SECOND };
  const input: Node = { kind: 'scan-set', targets, scan: { range, predicates: [], order: 'any' } };
  return {
    ...{ kind: 'range-aggregation', operation: 'count', mode: 'partial', start: 60n * SECOND, end: 600n * SECOND },
    ...{ stepNs: 10e9, rangeNs: 30e9, offsetNs: 0, grouping: { kind: 'none' }, input },
  };
}

function picking(...targets: SectionTarget[]): Node {
  const scan = { range: { start: 0n, end: 1000n * SECOND }, predicates: [], order: 'descending' } as const;
  const input: Node = { kind: 'scan-set', targets, scan };
  return { kind: 'top-k', sortBy: TIMESTAMP, k: 10, ascending: false, intervalNs: 0, input };
}

/** Remembers what it was asked to run; nothing comes of it but counts. */
class Recorder {
  readonly run: Node[] = [];
  readonly pool: CachingPool;
  emitted: TaskReport['emitted'];

  constructor() {
    const inner: Pick<TaskPool, 'run'> = {
      run: async ({ fragment }) => {
        this.run.push(fragment);
        const emitted = this.emitted && { emitted: this.emitted };
        return { ...noCounts(), rowsScanned: 10, pages: 1, operators: [], ...emitted };
      },
    };
    this.pool = new CachingPool(inner as TaskPool, new ResultCache(1 << 20));
  }

  ask(fragment: Node, noCache = false) {
    const job: TaskJob = {
      fragment,
      slots: 0,
      memoryBytesMax: 1,
      run: { analyze: false, now: 0n, ...(noCache && { noCache }) },
    };
    const io = { signal: new AbortController().signal, sources: [], send: async () => {} } as Pick<TaskIo, 'signal'>;
    return this.pool.run(job, io as TaskIo);
  }
}

function scanned(fragment: Node): string {
  const leaf = (fragment as RangeAggregation).input;
  return leaf.kind === 'data-obj-scan' ? leaf.target.location : leaf.kind;
}

describe('a fragment over several sections', () => {
  it('is kept section by section, and what is known of some is not read again', async () => {
    const recorder = new Recorder();
    const first = await recorder.ask(folding(target('a'), target('b')));
    expect(first).toMatchObject({ cache: ['stored', 'stored'], rowsScanned: 20, pages: 2 });
    const second = await recorder.ask(folding(target('b'), target('c'), target('a')));
    expect(second).toMatchObject({ cache: ['found', 'stored', 'found'], rowsScanned: 10 });
    expect(recorder.run.map(scanned)).toEqual(['a', 'b', 'c']);
  });

  it('reads at once what nothing may be kept of, or known', async () => {
    const recorder = new Recorder();
    await recorder.ask(folding(target('a'), target('b')), true);
    const { selector: _, ...unnamed } = target('a');
    const report = await recorder.ask(folding(unnamed, unnamed));
    expect(report.cache).toBeUndefined();
    expect(recorder.run.map(scanned)).toEqual(['scan-set', 'scan-set']);
  });

  it('reads beside others those sections of which nothing may be kept', async () => {
    const recorder = new Recorder();
    const outside = target('late', { minTime: 900n * SECOND, maxTime: 950n * SECOND });
    const report = await recorder.ask(folding(target('a'), outside));
    expect(report).toMatchObject({ cache: ['stored'], rowsScanned: 20 });
    expect(recorder.run.map(scanned)).toEqual(['a', 'late']);
  });
});

describe('rows picked out of several sections', () => {
  const locations = (fragment: Node): string[] => {
    const { input } = fragment as Extract<Node, { kind: 'top-k' }>;
    return input.kind === 'scan-set' ? input.targets.map((one) => (one as SectionTarget).location) : [];
  };

  it('come in one go, without the sections that are known to have none', async () => {
    const recorder = new Recorder();
    expect((await recorder.ask(picking(target('a')))).cache).toEqual(['stored']);
    const { cache } = await recorder.ask(picking(target('a'), target('b'), target('c')));
    expect(cache).toEqual(['found', 'stored', 'stored']);
    expect(recorder.run.map(locations)).toEqual([['a'], ['b', 'c']]);
    expect((await recorder.ask(picking(target('b'), target('c')))).cache).toEqual(['found', 'found']);
    expect(recorder.run).toHaveLength(2);
  });

  it('say nothing of single sections where there are some', async () => {
    const recorder = new Recorder();
    recorder.emitted = [{ rows: 1, lastTime: 100n * SECOND }];
    await recorder.ask(picking(target('a'), target('b')));
    expect((await recorder.ask(picking(target('a'), target('b')))).cache).toEqual(['missed', 'missed']);
    expect(recorder.run).toHaveLength(2);
  });
});
