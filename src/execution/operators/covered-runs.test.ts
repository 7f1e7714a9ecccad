import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TestRow } from '../../../test/support/build-input.js';
import { compare } from '../../../test/support/log-rows.js';
import { INPUT, sortedOutput } from '../../../test/support/samples.js';
import { ScanStore, SMALL_PAGES, scanAll } from '../../../test/support/scan-store.js';
import {
  ALL_LABELS,
  columnOf,
  MESSAGE,
  MESSAGE_LENGTH,
  type Predicate,
  TIMESTAMP,
} from '../../planning/physical/expression.js';
import type { Grouping, RangeAggregation, ScanOptions, SectionTarget } from '../../planning/physical/node.js';
import type { BuildSettings } from '../../storage/dataobj/types.js';
import { PaneGrid } from '../aggregate/pane-grid.js';
import { RangeFinal } from '../aggregate/range-final.js';
import { RangePartial } from '../aggregate/range-partial.js';
import type { LogBatch } from '../batch/log-batch.js';
import type { SampleBatch } from '../batch/sample-batch.js';
import { BATCH_SIZES } from '../batch/sizes.js';
import type { ExecutionContext } from '../context.js';
import type { Pipeline } from '../pipeline.js';
import { scan } from './scan.js';

const row: fc.Arbitrary<TestRow> = fc.record({
  labels: fc.record({ app: fc.constantFrom('a', 'b'), env: fc.constantFrom('', 'prod') }),
  time: fc.oneof(fc.bigInt({ min: -40n, max: 400n }), fc.constantFrom(0n, 100n, 101n)),
  line: fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 9 }),
    fc.constantFrom('error 1', 'error 17', 'info 1', 'info'),
  ),
  metadata: fc.constantFrom<[string, string][]>([], [], [['m', '1']]),
});
const batches = fc.array(fc.array(row, { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 2 });

const lineHas = (value: string): Predicate => ({
  kind: 'compare',
  op: 'MATCH_STR',
  column: MESSAGE,
  literal: { kind: 'literal', type: 'string', value },
});

/** However little there is to read, shapes of lines are judged first. */
const SIZES = { ...BATCH_SIZES, lineBytesPerShapeByte: 0, parsedBytesPerShapeByte: 0 };

const by = (...names: string[]): Grouping => ({ kind: 'by', columns: names.map(columnOf) });

function aggregation(fields: Partial<RangeAggregation> = {}): RangeAggregation {
  return {
    kind: 'range-aggregation',
    operation: 'count',
    mode: 'single',
    start: 0n,
    end: 300n,
    stepNs: 100,
    rangeNs: 100,
    offsetNs: 0,
    grouping: by('app'),
    input: INPUT,
    ...fields,
  };
}

/** What aggregating sections gives, with and without leave to count from their index. */
async function aggregated(
  node: RangeAggregation,
  targets: readonly SectionTarget[],
  options: ScanOptions,
  context: ExecutionContext,
  counting: boolean,
): Promise<unknown> {
  const final = new RangeFinal(node, 1 << 24);
  for (const target of targets) {
    const partial = new RangePartial(node);
    const grid = counting ? new PaneGrid(node) : undefined;
    for await (const batch of scan(target, options, context, { counting: grid })) partial.add(batch);
    const states = partial.take();
    if (states) final.add(states);
  }
  // A series whose rows are all outside of the windows may be known or not.
  return (await sortedOutput(results(final))).filter(([, ...values]) => values.some((value) => value !== null));
}

async function* results(final: RangeFinal): Pipeline<SampleBatch> {
  yield* final.results();
}

describe('counting from the index', () => {
  test('gives what counting rows gives', async () => {
    const nodes = fc.record({
      operation: fc.constantFrom('count', 'bytes', 'absent'),
      step: fc.oneof(fc.integer({ min: 1, max: 150 }), fc.constantFrom(5, 10, 50, 100)),
      range: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constantFrom(5, 10, 50, 100)),
      offset: fc.integer({ min: -30, max: 30 }),
      grouping: fc.constantFrom(by('app'), by(), by('app', 'm'), by('app_extracted')),
      pageRowsMax: fc.constantFrom(1, 3, 7, 1000),
      countBinsNs: fc.constantFrom([], [1], [10], [7, 50], [100], [1, 5, 50]),
      rowsPerBinMin: fc.constantFrom(1, 3),
      predicates: fc.constantFrom(
        [],
        [compare('app', 'EQ', 'a')],
        [compare('m', 'EQ', '1')],
        [compare('m', 'NEQ', '1')],
        [lineHas('error')],
        [lineHas('17')],
        [lineHas('r'), lineHas('1')],
        [lineHas('o'), compare('app', 'EQ', 'a')],
      ),
    });
    const ranges = fc.tuple(fc.integer({ min: -50, max: 300 }), fc.integer({ min: 0, max: 500 }));
    await fc.assert(
      fc.asyncProperty(batches, nodes, ranges, async (rows, chosen, [start, length]) => {
        const { step, range, offset, pageRowsMax, countBinsNs, rowsPerBinMin, predicates, ...fields } = chosen;
        const settings: BuildSettings = { ...SMALL_PAGES, pageRowsMax, countBinsNs, rowsPerBinMin, pageBytesMax: 4000 };
        const node = aggregation({
          ...fields,
          stepNs: step,
          rangeNs: range,
          offsetNs: offset,
        } as Partial<RangeAggregation>);
        const store = new ScanStore();
        const targets = await store.object('o', rows, settings);
        const columns = node.grouping.kind === 'by' ? node.grouping.columns : [];
        const options = scanAll({
          range: { start: BigInt(start), end: BigInt(start + length) },
          predicates,
          projections: [TIMESTAMP, node.operation === 'bytes' ? MESSAGE_LENGTH : TIMESTAMP, ...columns],
        });
        const counted = await aggregated(node, targets, options, { ...store.context(), sizes: SIZES }, true);
        expect(counted).toEqual(await aggregated(node, targets, options, store.context(), false));
      }),
      { numRuns: 200 },
    );
  });

  const rows: TestRow[] = Array.from({ length: 50 }, (_, i) => ({
    labels: { app: i % 2 === 0 ? 'a' : 'b' },
    time: BigInt(1 + i),
    line: `line ${i}`,
  }));
  const counting = scanAll({ projections: [TIMESTAMP, columnOf('app')] });

  async function pagesRead(
    store: ScanStore,
    node: RangeAggregation,
    options: ScanOptions,
    targets: readonly SectionTarget[],
  ) {
    const context = store.context();
    const result = await aggregated(node, targets, options, context, true);
    return { result, pages: context.counters.pages };
  }

  test('reads no page that lies within a pane', async () => {
    const store = new ScanStore();
    const targets = await store.object('o', [rows]);
    expect(await pagesRead(store, aggregation(), counting, targets)).toEqual({
      pages: 0,
      result: [
        ['{app="a"}', null, 25, null, null],
        ['{app="b"}', null, 25, null, null],
      ],
    });
  });

  test('reads the pages that a bound of a window or of the range cuts', async () => {
    const store = new ScanStore();
    const targets = await store.object('o', [rows], { ...SMALL_PAGES, countBinsNs: [] });
    const total = targets.reduce((sum, { pages }) => sum + pages.length, 0);
    const cut = await pagesRead(store, aggregation({ stepNs: 20, rangeNs: 20, end: 60n }), counting, targets);
    expect(cut.pages).toBeGreaterThan(0);
    expect(cut.pages).toBeLessThan(total);
    const ranged = { ...counting, range: { start: 5n, end: 1000n } };
    const { pages } = await pagesRead(store, aggregation(), ranged, targets);
    expect(pages).toBeGreaterThan(0);
    expect(pages).toBeLessThan(total);
  });

  test.each([
    ['lines are filtered', scanAll({ projections: [TIMESTAMP], predicates: [lineHas('line 1')] })],
    ['it is not known what is read', scanAll()],
  ])('is not done where %s', async (_, options) => {
    const store = new ScanStore();
    const targets = await store.object('o', [rows]);
    expect((await pagesRead(store, aggregation(), options, targets)).pages).toBeGreaterThan(0);
  });

  test('adds up by stream and pane the rows of which the shapes of their lines tell enough', async () => {
    const store = new ScanStore();
    const lines = rows.map((one, i): TestRow => ({ ...one, line: i % 5 === 0 ? `error ${i}` : `info ${i}` }));
    const targets = await store.object('o', [lines], { ...SMALL_PAGES, sectionBytes: 1 << 20 });
    expect(targets).toHaveLength(1);
    const options = scanAll({ projections: [TIMESTAMP, columnOf('app')], predicates: [lineHas('error')] });
    const context = { ...store.context(), sizes: SIZES };
    const batches: LogBatch[] = [];
    const grid = new PaneGrid(aggregation({ stepNs: 25, rangeNs: 25, end: 50n }));
    for await (const batch of scan(targets[0]!, options, context, { counting: grid })) batches.push(batch);
    expect(batches.map(({ weights }) => [...(weights ?? [])].sort())).toEqual([[2, 2, 3, 3]]);
    expect(context.counters).toMatchObject({ rowsScanned: 50, rowsKept: 10 });
  });

  test('is not done where metadata may decide the series', async () => {
    const store = new ScanStore();
    const withMetadata = rows.map((one): TestRow => ({ ...one, metadata: [['m', '1']] }));
    const targets = await store.object('o', [withMetadata]);
    const pages = async (...names: string[]) => {
      const projections = [TIMESTAMP, ...names.map(columnOf)];
      return (await pagesRead(store, aggregation({ grouping: by(...names) }), scanAll({ projections }), targets)).pages;
    };
    expect(await pages('app')).toBe(0);
    expect(await pages('app_extracted')).toBeGreaterThan(0);
    const all = scanAll({ projections: [TIMESTAMP, ALL_LABELS] });
    expect((await pagesRead(store, aggregation({ grouping: { kind: 'none' } }), all, targets)).pages).toBeGreaterThan(
      0,
    );
  });

  test('counts by the keys of metadata that are asked for, one or more', async () => {
    const store = new ScanStore();
    const metadata: readonly (readonly [string, string][])[] = [
      [
        ['level', 'info'],
        ['zone', 'x'],
      ],
      [
        ['level', 'warn'],
        ['zone', 'y'],
      ],
      [['other', 'x']],
    ];
    const withLevels = rows.map((one, i): TestRow => ({ ...one, metadata: [...metadata[i % 3]!] }));
    const targets = await store.object('o', [withLevels]);
    const asked = async (names: string[], predicates: Predicate[] = []) => {
      const projections = [TIMESTAMP, ...names.map(columnOf)];
      return pagesRead(store, aggregation({ grouping: by(...names) }), scanAll({ projections, predicates }), targets);
    };
    expect(await asked(['level'])).toEqual({
      pages: 0,
      result: [
        ['{level="info"}', null, 17, null, null],
        ['{level="warn"}', null, 17, null, null],
        ['{}', null, 16, null, null],
      ],
    });
    expect(await asked(['zone', 'level'])).toEqual({
      pages: 0,
      result: [
        ['{level="info", zone="x"}', null, 17, null, null],
        ['{level="warn", zone="y"}', null, 17, null, null],
        ['{}', null, 16, null, null],
      ],
    });
    expect((await asked(['level', 'other'])).pages).toBeGreaterThan(0);
    const warnings = await asked(['app'], [compare('level', 'EQ', 'warn')]);
    expect(warnings).toEqual({
      pages: 0,
      result: [
        ['{app="a"}', null, 8, null, null],
        ['{app="b"}', null, 9, null, null],
      ],
    });
  });

  test('counts all labels where there is no metadata', async () => {
    const store = new ScanStore();
    const targets = await store.object('o', [rows]);
    const all = scanAll({ projections: [TIMESTAMP, ALL_LABELS] });
    const { pages, result } = await pagesRead(store, aggregation({ grouping: { kind: 'none' } }), all, targets);
    expect(pages).toBe(0);
    expect(result).toEqual([
      ['{app="a"}', null, 25, null, null],
      ['{app="b"}', null, 25, null, null],
    ]);
  });

  test('is not done where an older target may hold the same entries', async () => {
    const store = new ScanStore();
    const older = await store.object('o', [rows.slice(0, 10)]);
    const newer = await store.object('n', [rows]);
    const targets = await store.overlapped([...older, ...newer]);
    const { pages, result } = await pagesRead(store, aggregation({ grouping: by() }), counting, targets);
    expect(pages).toBeGreaterThan(0);
    expect(result).toEqual([['{}', null, 50, null, null]]);
  });
});
