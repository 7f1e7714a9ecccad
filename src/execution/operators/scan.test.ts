import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { TestRow } from '../../../test/support/build-input.js';
import { compare, linesOf, readLabels } from '../../../test/support/log-rows.js';
import { ALWAYS, ScanStore, SMALL_PAGES, scanAll } from '../../../test/support/scan-store.js';
import { MESSAGE, type Predicate } from '../../planning/physical/expression.js';
import type { ScanOptions, ScanTarget } from '../../planning/physical/node.js';
import { DEFAULT_BUILD_SETTINGS } from '../../storage/dataobj/types.js';
import { asFault, FaultError, fault } from '../../wire/fault.js';
import { PaneGrid } from '../aggregate/pane-grid.js';
import { BATCH_SIZES } from '../batch/sizes.js';
import type { ExecutionContext } from '../context.js';
import { scan } from './scan.js';
import { TopKBound } from './top-k.js';

const text = fc.oneof(fc.constantFrom('', 'error x', 'Error', 'yé', 'long '.repeat(60)), fc.string({ maxLength: 9 }));
const row: fc.Arbitrary<TestRow> = fc.record({
  labels: fc.record({ app: fc.constantFrom('a', 'b'), env: fc.constantFrom('', 'prod') }),
  time: fc.bigInt({ min: -500n, max: 500n }),
  line: text,
  metadata: fc.uniqueArray(
    fc.tuple(fc.constantFrom('m', 'trace', 'rare', 'rarer', 'app', 'env'), fc.constantFrom('', '1', 'é')),
    {
      selector: ([key]) => key,
      maxLength: 5,
    },
  ),
});
const batches = fc.array(fc.array(row, { minLength: 1, maxLength: 25 }), { minLength: 1, maxLength: 3 });

const onLine = (op: 'MATCH_STR' | 'NOT_MATCH_STR' | 'MATCH_RE' | 'NEQ', value: string): Predicate => ({
  kind: 'compare',
  op,
  column: MESSAGE,
  literal: { kind: 'literal', type: 'string', value },
});
const predicate: fc.Arbitrary<Predicate> = fc.constantFrom(
  compare('m', 'EQ', '1'),
  compare('m', 'GTE', 0),
  compare('rarer', 'NEQ', ''),
  compare('app_extracted', 'EQ', '1'),
  compare('env', 'EQ', 'prod'),
  onLine('MATCH_STR', 'rr'),
  onLine('NOT_MATCH_STR', 'é'),
  onLine('NEQ', 'error x 0.1'),
  onLine('MATCH_RE', 'r.*\\d\\.[12]'),
  { kind: 'not', inner: { kind: 'and', left: onLine('MATCH_STR', 'r'), right: onLine('MATCH_STR', ' 1') } },
  { kind: 'or', left: onLine('MATCH_STR', 'é'), right: compare('app', 'EQ', 'a') },
  { kind: 'or', left: onLine('MATCH_STR', 'long'), right: onLine('MATCH_STR', '.7') },
);
const options: fc.Arbitrary<ScanOptions> = fc.record({
  range: fc
    .tuple(fc.integer({ min: -600, max: 600 }), fc.nat(800))
    .map(([start, length]) => ({ start: BigInt(start), end: BigInt(start + length) })),
  predicates: fc.array(predicate, { maxLength: 2 }),
  order: fc.constantFrom('ascending', 'descending', 'any'),
});

/** However few lines there are. */
const SHAPES_FIRST = { ...BATCH_SIZES, lineBytesPerShapeByte: 0, parsedBytesPerShapeByte: 0 };

async function rowsOf(
  target: ScanTarget,
  scanning: ScanOptions,
  context: ExecutionContext,
  loads = false,
): Promise<string[]> {
  const found: string[] = [];
  for await (const batch of scan(target, scanning, context, { loads })) {
    if (loads) await batch.load();
    const lines = linesOf(batch);
    const labels = readLabels(batch);
    lines.forEach((line, i) => {
      found.push(JSON.stringify([String(batch.base + BigInt(batch.times[batch.row(i)]!)), line, labels[i]]));
    });
  }
  return found;
}

describe('a scan', () => {
  test('finds the same rows in memory as in an object', async () => {
    const layouts = fc.constantFrom(undefined, DEFAULT_BUILD_SETTINGS);
    await fc.assert(
      fc.asyncProperty(batches, options, layouts, fc.boolean(), async (rows, scanning, layout, loads) => {
        // Equal entries of one place are one entry in an object; memory never holds two.
        const distinct = rows.map((batch, b) => batch.map((one, i) => ({ ...one, line: `${one.line} ${b}.${i}` })));
        const store = new ScanStore();
        const sections = await store.object('o', distinct, layout);
        const live = store.live('m', distinct);
        const stored = await Promise.all(
          sections.map((target) => rowsOf(target, scanning, { ...store.context(), sizes: SHAPES_FIRST }, loads)),
        );
        expect(stored.flat().sort()).toEqual((await rowsOf(live, scanning, store.context())).sort());
      }),
      { numRuns: 150 },
    );
  });

  const many: TestRow[] = Array.from({ length: 60 }, (_, i) => ({
    labels: { app: i % 3 === 0 ? 'a' : 'b' },
    time: BigInt(i * 10),
    line: `line ${i}`,
  }));
  const LINES = many.map(({ line }) => line);

  async function linesIn(
    store: ScanStore,
    targets: readonly ScanTarget[],
    fields: Partial<ScanOptions> = {},
    context = store.context(),
    bound?: TopKBound,
  ): Promise<string[]> {
    const found: string[] = [];
    for (const target of targets) {
      for await (const batch of scan(target, scanAll(fields), context, { bound })) found.push(...linesOf(batch));
    }
    return found.sort((a, b) => LINES.indexOf(a) - LINES.indexOf(b));
  }

  test('reads what does not choose rows only of pages with rows to show', async () => {
    const store = new ScanStore();
    const traced = many.map((one, i) => ({ ...one, metadata: [['trace', `t${i}`]] as const }));
    const [target] = await store.object('o', [traced], { ...SMALL_PAGES, sectionBytes: 1 << 20 });
    const fetch = vi.spyOn(await (await store.cache.open('o')).section(0), 'fetch');
    const pagesRead = (): number[] =>
      fetch.mock.calls.flatMap(([columns, pages]) => (columns.includes('metadata.trace') ? Array.from(pages) : []));
    const scanning = scanAll({ predicates: [onLine('MATCH_STR', 'line 59')] });
    const none = scanAll({ predicates: [onLine('MATCH_STR', 'nowhere')] });
    for (const loads of [true, false]) {
      fetch.mockClear();
      expect(await rowsOf(target!, none, store.context(), loads)).toEqual([]);
      expect(pagesRead()).toEqual([]);
      expect(await rowsOf(target!, scanning, store.context(), loads)).toHaveLength(1);
      expect(pagesRead()).toHaveLength(1);
    }
  });

  test('reads no times where only panes matter and pages have wanted rows of one, and all others', async () => {
    const store = new ScanStore();
    const [target] = await store.object('o', [many], { ...SMALL_PAGES, sectionBytes: 1 << 20 });
    const fetch = vi.spyOn(await (await store.cache.open('o')).section(0), 'fetch');
    const panesOf = async (panes: PaneGrid, fields: Partial<ScanOptions> = {}): Promise<(number | undefined)[]> => {
      const found: (readonly [string, number | undefined])[] = [];
      for await (const batch of scan(target!, scanAll(fields), store.context(), { panes })) {
        const shift = Number(batch.base - panes.origin);
        linesOf(batch).forEach((line, i) => {
          found.push([line, panes.locate(batch.times[batch.row(i)]! + shift) ? panes.pane : undefined]);
        });
      }
      return found.sort(([a], [b]) => LINES.indexOf(a) - LINES.indexOf(b)).map(([, pane]) => pane);
    };
    const expected = (grid: PaneGrid): (number | undefined)[] =>
      many.map(({ time }) => (grid.locate(Number(time - grid.origin)) ? grid.pane : undefined));
    const readsTimes = (): boolean => fetch.mock.calls.some(([columns]) => columns.includes('timestamp'));
    const windows = { start: 1000n, end: 1000n, stepNs: 0, rangeNs: 2000, offsetNs: 0 };
    const one = new PaneGrid(windows);
    expect(await panesOf(one)).toEqual(expected(one));
    expect(readsTimes()).toBe(false);
    const several = new PaneGrid({ ...windows, start: 100n, stepNs: 100, rangeNs: 100 });
    expect(await panesOf(several)).toEqual(expected(several));
    expect(readsTimes()).toBe(true);
    fetch.mockClear();
    expect(await panesOf(one, { range: { start: 55n, end: 505n } })).toHaveLength(45);
    expect(readsTimes()).toBe(true);
  });

  test('reads only the streams it is told to', async () => {
    const store = new ScanStore();
    const wanted = LINES.filter((_, i) => i % 3 === 0);
    const sections = (await store.object('o', [many])).map((target) => ({ ...target, streams: Int32Array.of(0) }));
    expect(await linesIn(store, sections)).toEqual(wanted);
    const live = store.live('m', [many], ([label]) => label![1] === 'a');
    expect(await linesIn(store, [live])).toEqual(wanted);
  });

  test('of memory leaves out rows outside its windows: objects have them', async () => {
    const store = new ScanStore();
    const windows = [
      { start: 0n, end: 50n },
      { start: 500n, end: 510n },
    ];
    const live = { ...store.live('m', [many]), windows };
    expect(await linesIn(store, [live])).toEqual([...LINES.slice(0, 5), 'line 50']);
  });

  test('looks at no page that cannot beat the rows already found', async () => {
    const store = new ScanStore();
    const context = store.context();
    const bound = new TopKBound(false, 500n);
    const sections = await store.object('o', [many]);
    const found = await linesIn(store, sections, { order: 'descending' }, context, bound);
    expect(found).toEqual(LINES.slice(50));
    expect(context.counters.pagesPruned).toBeGreaterThan(0);
  });

  test.each([
    ['descending', 305n, LINES.slice(31)],
    ['ascending', 295n, LINES.slice(0, 30)],
  ] as const)(
    '%s looks at the times of rows beyond those found, and at nothing else of them',
    async (order, time, rest) => {
      const store = new ScanStore();
      const context = store.context();
      const sections = await store.object('o', [many]);
      const bound = new TopKBound(order === 'ascending', time);
      const fields = { order, predicates: [onLine('MATCH_STR', 'line')] };
      expect(await linesIn(store, sections, fields, context, bound)).toEqual(rest);
      expect(context.counters.rowsScanned).toBe(rest.length);
    },
  );

  test('opens no section that cannot beat the rows already found', async () => {
    const store = new ScanStore();
    const sections = await store.object('o', [many]);
    const targets = sections.map((target) => ({ ...target, minTime: 0n, maxTime: 590n }));
    const context = store.context();
    const openObject = vi.fn(context.openObject);
    const bound = new TopKBound(false, 600n);
    expect(await linesIn(store, targets, { order: 'descending' }, { ...context, openObject }, bound)).toEqual([]);
    expect(openObject).not.toHaveBeenCalled();
    expect(context.counters.pagesPruned).toBe(targets[0]!.pages.length);
  });

  test('goes through pages in the order asked for', async () => {
    const store = new ScanStore();
    const [target] = await store.object('o', [many], { ...DEFAULT_BUILD_SETTINGS, pageRowsMax: 5 });
    for (const order of ['ascending', 'descending'] as const) {
      const ends: number[] = [];
      for await (const batch of scan(target!, scanAll({ order }), store.context())) {
        ends.push(order === 'ascending' ? Math.min(...batch.times) : Math.max(...batch.times));
      }
      expect(ends.length).toBeGreaterThan(3);
      expect(ends).toEqual([...ends].sort((a, b) => (order === 'ascending' ? a - b : b - a)));
    }
  });

  test('counts what it looked at', async () => {
    const store = new ScanStore();
    const range = { start: 100n, end: 200n };
    const object = store.context();
    await linesIn(store, await store.object('o', [many]), { range, predicates: [onLine('MATCH_STR', '11')] }, object);
    expect(object.counters).toMatchObject({ rowsScanned: 10, rowsKept: 1, liveRows: 0 });
    const live = store.context();
    await linesIn(store, [store.live('m', [many])], { range, predicates: [onLine('MATCH_STR', '11')] }, live);
    expect(live.counters).toMatchObject({ rowsScanned: 10, rowsKept: 1, liveRows: 10, bytesScanned: 70 });
  });

  describe('of a damaged object', () => {
    /** Turns one byte after the other around until reading the rows shows it, not only opening the object. */
    async function damaged(store: ScanStore): Promise<string> {
      await store.object('good', [many]);
      const bytes = await store.bucket.get('good');
      for (let at = 4; at < bytes.length; at++) {
        const broken = Uint8Array.from(bytes);
        broken[at]! ^= 0xff;
        const path = `broken-${at}`;
        await store.bucket.upload(path, broken);
        const opened = await store.sections(path).catch(() => undefined);
        if (!opened) continue;
        const failing = await linesIn(store, opened).then(
          () => false,
          () => true,
        );
        if (failing) return path;
      }
      throw new Error('no damage shows');
    }

    test('fails with a fault that names it, and others are read all the same', async () => {
      const store = new ScanStore();
      const path = await damaged(store);
      const error: unknown = await linesIn(store, await store.sections(path)).catch((reason: unknown) => reason);
      expect(asFault(error).message).toContain(path);
      expect(asFault(error).message).toContain('page');
      expect(await linesIn(store, await store.sections('good'))).toEqual(LINES);
    });

    test('gives its other pages', async () => {
      const store = new ScanStore();
      const sections = await store.sections(await damaged(store));
      const perPage = sections.flatMap((target) =>
        [...target.pages].map((page) => linesIn(store, [{ ...target, pages: Int32Array.of(page) }])),
      );
      const outcomes = await Promise.allSettled(perPage);
      const failed = outcomes.filter(({ status }) => status === 'rejected');
      expect(failed).toHaveLength(1);
      const read = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
      expect(read.length).toBeGreaterThan(LINES.length / 2);
      expect(LINES).toEqual(expect.arrayContaining(read));
    });

    test('fails with a fault that names one that is not there', async () => {
      const store = new ScanStore();
      const [target] = await store.object('o', [many]);
      await expect(linesIn(store, [{ ...target!, location: 'gone' }])).rejects.toThrow('gone');
    });
  });

  describe('that is cancelled', () => {
    const cancelled = new FaultError(fault('cancelled', 'the client went away'));

    test.each(['object', 'live'])('stops at the next batch of its %s', async (kind) => {
      const store = new ScanStore();
      const cut = Array.from({ length: 6 }, (_, i) => many.slice(i * 10, i * 10 + 10));
      const [target] =
        kind === 'object'
          ? await store.object('o', cut, { ...DEFAULT_BUILD_SETTINGS, pageRowsMax: 10 })
          : [store.live('m', cut)];
      const controller = new AbortController();
      let seen = 0;
      const reading = (async () => {
        for await (const _ of scan(target!, scanAll(), store.context({ signal: controller.signal }))) {
          if (++seen === 2) controller.abort(cancelled);
        }
      })();
      await expect(reading).rejects.toBe(cancelled);
      expect(seen).toBe(2);
    });

    test('hears of it while it reads older copies', async () => {
      const store = new ScanStore();
      const older = store.live('m0', [many.slice(0, 30), many.slice(30)]);
      const [, newer] = await store.overlapped([older, store.live('m1', [many])]);
      let asked = 0;
      const controller = new AbortController();
      // A thread learns that it is cancelled when it asks for the signal.
      const context: ExecutionContext = {
        ...store.context(),
        get signal() {
          if (++asked === 3) controller.abort(cancelled);
          return controller.signal;
        },
      };
      await expect(rowsOf(newer!, scanAll({ range: ALWAYS }), context)).rejects.toBe(cancelled);
      expect(context.counters.rowsScanned).toBe(0);
    });
  });
});
