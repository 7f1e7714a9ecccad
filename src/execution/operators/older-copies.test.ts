import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TestRow } from '../../../test/support/build-input.js';
import { linesOf, readLabels } from '../../../test/support/log-rows.js';
import { ScanStore, scanAll } from '../../../test/support/scan-store.js';
import type { ScanTarget } from '../../planning/physical/node.js';
import { scan } from './scan.js';

type Rows = readonly (readonly TestRow[])[];

const row: fc.Arbitrary<TestRow> = fc.record({
  labels: fc.record({ app: fc.constantFrom('a', 'b', 'c') }),
  time: fc.bigInt({ min: 0n, max: 20n }),
  line: fc.constantFrom('', 'x', 'yé'),
  metadata: fc.constantFrom<TestRow['metadata'] & {}>(
    [],
    [['m', '1']],
    [
      ['m', '1'],
      ['k', '2'],
    ],
    [
      ['k', '2'],
      ['m', '1'],
    ],
  ),
});
/** Within one target no entry is twice. */
const batches: fc.Arbitrary<TestRow[][]> = fc
  .uniqueArray(row, { selector: keyOf, minLength: 1, maxLength: 12 })
  .chain((rows) => fc.nat(rows.length).map((cut) => [rows.slice(0, cut), rows.slice(cut)]))
  .map((cut) => cut.filter((rows) => rows.length > 0));

function keyOf({ labels, time, line, metadata = [] }: TestRow): string {
  return JSON.stringify([labels.app, String(time), line, [...metadata].sort()]);
}

async function scanned(store: ScanStore, target: ScanTarget): Promise<string[]> {
  const found: string[] = [];
  for await (const batch of scan(target, scanAll(), store.context())) {
    const lines = linesOf(batch);
    readLabels(batch).forEach(({ label, metadata }, i) => {
      const time = batch.base + BigInt(batch.times[batch.row(i)]!);
      found.push(keyOf({ labels: { app: label.app! }, time, line: lines[i]!, metadata: Object.entries(metadata) }));
    });
  }
  return found;
}

async function scannedAll(store: ScanStore, targets: readonly ScanTarget[]): Promise<string[]> {
  const all: string[] = [];
  for (const target of await store.overlapped(targets)) all.push(...(await scanned(store, target)));
  return all;
}

describe('entries that are in several places', () => {
  test('are shown once, in whatever order objects and memory stand', async () => {
    const places = fc.array(fc.tuple(fc.constantFrom('object', 'live'), batches), { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(places, async (chosen) => {
        const store = new ScanStore();
        const targets: ScanTarget[] = [];
        for (const [i, [kind, rows]] of chosen.entries()) {
          if (kind === 'object') targets.push(...(await store.object(`o${i}`, rows)));
          else targets.push(store.live(`m${i}`, rows));
        }
        const entries = chosen.flatMap(([, rows]) => rows.flat().map(keyOf));
        expect((await scannedAll(store, targets)).sort()).toEqual([...new Set(entries)].sort());
      }),
      { numRuns: 100 },
    );
  });

  const others: Rows = [['z1', 'z2', 'z3'].map((app, i) => ({ labels: { app }, time: BigInt(i), line: app }))];
  const entry: TestRow = { labels: { app: 'a' }, time: 5n, line: 'twice' };

  test('are shown once where memory holds streams that nobody asked for', async () => {
    const store = new ScanStore();
    const object = await store.object('o', [[entry]]);
    const live = store.live('m', [...others, [entry, { ...entry, line: 'once' }]], ([label]) => label![1] === 'a');
    expect(await scannedAll(store, [...object, live])).toEqual([keyOf(entry), keyOf({ ...entry, line: 'once' })]);
    const newer = await store.object('n', [[entry, { ...entry, line: 'new' }]]);
    expect(await scannedAll(store, [live, ...newer])).toEqual([
      keyOf(entry),
      keyOf({ ...entry, line: 'once' }),
      keyOf({ ...entry, line: 'new' }),
    ]);
  });

  test('are not taken for copies when they belong to different streams', async () => {
    const store = new ScanStore();
    const rows = ['a', 'b', 'c'].map((app): TestRow => ({ ...entry, labels: { app } }));
    const older = store.live('m0', [[rows[2]!, rows[0]!]]);
    const newer = store.live('m1', [[...others[0]!, rows[1]!, rows[2]!]], ([label]) => 'bc'.includes(label![1]));
    expect((await scannedAll(store, [older, newer])).sort()).toEqual(rows.map(keyOf));
  });

  test('differ when any of time, line or metadata differs, and not by the order of metadata', async () => {
    const store = new ScanStore();
    const whole: TestRow = {
      ...entry,
      metadata: [
        ['m', '1'],
        ['k', '2'],
      ],
    };
    const older = await store.object('o', [[whole]]);
    const variants: TestRow[] = [
      { ...whole, time: 6n },
      { ...whole, line: 'twice ' },
      { ...whole, metadata: [['m', '1']] },
      { ...whole, metadata: [] },
    ];
    const newer = store.live('m', [
      [
        {
          ...whole,
          metadata: [
            ['k', '2'],
            ['m', '1'],
          ],
        },
        ...variants,
      ],
    ]);
    expect((await scannedAll(store, [...older, newer])).sort()).toEqual([whole, ...variants].map(keyOf).sort());
  });

  test('are not counted among the rows scanned of the newer target', async () => {
    const store = new ScanStore();
    const [older, newer] = await store.overlapped([
      ...(await store.object('o', [[entry]])),
      ...(await store.object('n', [[entry, { ...entry, time: 6n }]])),
    ]);
    const context = store.context();
    for (const target of [older!, newer!]) for await (const _ of scan(target, scanAll(), context));
    expect(context.counters).toMatchObject({ rowsScanned: 3, rowsKept: 2 });
  });
});
