import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  alive,
  type LogRow,
  labelsSeen,
  linesOf,
  logBatch,
  readLabels,
  stringColumn,
} from '../../../test/support/log-rows.js';
import { decodeFrame, encodeFrame, type Frame } from '../../wire/arrow-frame.js';
import type { LogBatch } from './log-batch.js';
import { frameToTable, gatherRows, type RowsTable, TableRows, tableBatch, tableToFrame } from './rows-table.js';

const BASE = 1_793_491_200_000_000_000n;
const text = fc.oneof(fc.string({ maxLength: 8 }), fc.string({ unit: 'grapheme', maxLength: 6 }), fc.constant(''));
const word = fc.oneof(fc.constantFrom('x', 'y', 'ünï"\\'), text);

interface TestRow {
  readonly row: LogRow;
  readonly parsed: string | undefined;
  readonly error: string | undefined;
  readonly details: string;
}

const testRow: fc.Arbitrary<TestRow> = fc.record({
  row: fc.record({
    labels: fc.constantFrom<Record<string, string>>({}, { app: 'a' }, { app: 'b', env: 'prod' }, { n: 'label' }),
    line: text,
    metadata: fc.constantFrom<Record<string, string>>({}, { n: 'metadata', trace: '雪' }, { trace: '"' }),
  }),
  parsed: fc.option(word, { nil: undefined }),
  error: fc.option(fc.constantFrom('JSONParserErr', 'LabelFilterErr'), { nil: undefined }),
  details: fc.constantFrom('', 'why é'),
});

function batchOf(rows: readonly TestRow[]): LogBatch {
  const batch = logBatch(
    rows.map(({ row }) => row),
    BASE,
  );
  batch.set('parsed', 'p', stringColumn(rows.map(({ parsed }) => parsed)));
  rows.forEach(({ error, details }, row) => {
    if (error !== undefined) batch.setError(row, error, details, false);
  });
  return batch;
}

function everything(batch: LogBatch): unknown[] {
  const lines = linesOf(batch);
  const labels = readLabels(batch);
  return alive(batch).map((row, i) => [batch.base + BigInt(batch.times[row]!), lines[i], labels[i]]);
}

function throughWire(table: RowsTable): RowsTable {
  return frameToTable(decodeFrame(encodeFrame(tableToFrame(table))));
}

describe('rows cut loose from their batches', () => {
  test('say the same after travelling as a frame, in any order and from several batches', () => {
    const rows = fc.array(testRow, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(rows, rows, fc.array(fc.tuple(fc.nat(1), fc.nat(100)), { minLength: 1 }), (first, second, picks) => {
        const batches = [batchOf(first), batchOf(second)];
        const expected = batches.map(everything);
        const rowOf = picks.map(([batch, row]) => row % batches[batch]!.rows);
        const table = gatherRows(
          batches,
          picks.map(([batch]) => batch),
          rowOf,
        );
        const arrived = tableBatch(throughWire(table));
        expect(everything(arrived)).toEqual(picks.map(([batch], i) => expected[batch]![rowOf[i]!]));
      }),
    );
  });

  test('may be gathered again from tables, alone or beside batches', () => {
    const batch = logBatch([
      { labels: { a: '1' }, line: 'one' },
      { line: 'two', metadata: { m: 'é' } },
    ]);
    const table = throughWire(gatherRows([batch], [0, 0], [1, 0]));
    const again = gatherRows([new TableRows(table), batch], [0, 1, 0], [1, 1, 0]);
    const rows = tableBatch(throughWire(again));
    expect(linesOf(rows)).toEqual(['one', 'two', 'two']);
    expect(labelsSeen(rows)).toEqual([{ a: '1' }, { m: 'é' }, { m: 'é' }]);
  });

  test('keep times whose distance from each other is more than a double can tell apart', () => {
    const batch = logBatch([{ time: 0 }, { time: 1 }, { time: 2 ** 52 + 1 }], BASE);
    const table = throughWire(gatherRows([batch], [0, 0, 0], [2, 1, 0]));
    expect([...table.times]).toEqual([BASE + 2n ** 52n + 1n, BASE + 1n, BASE]);
  });

  test('keep details that stand without an error', () => {
    const batch = logBatch([{ line: 'x' }, { line: 'y' }]);
    batch.setError(0, 'JSONParserErr', 'why', false);
    batch.remove('__error__');
    const arrived = tableBatch(throughWire(gatherRows([batch], [0, 0], [0, 1])));
    expect(labelsSeen(arrived)).toEqual([{ __error_details__: 'why' }, {}]);
  });

  test('may be none', () => {
    const none = throughWire(gatherRows([], [], []));
    expect(none.rows).toBe(0);
    expect(tableBatch(none).count).toBe(0);
  });
});

describe('a frame that holds no rows of a log', () => {
  const frame = (): Frame => tableToFrame(gatherRows([logBatch([{ line: 'x' }])], [0], [0]));

  test.each(['timestamp', 'message', 'label', 'metadata', 'parsed'])('is refused without %s', (missing) => {
    const { columns, ...rest } = frame();
    const without = { ...rest, columns: columns.filter(({ name }) => name !== missing) };
    expect(() => frameToTable(without)).toThrow(`rows frame lacks column ${missing}`);
  });

  test('is refused with a column of another type', () => {
    const { columns, ...rest } = frame();
    const swapped = (name: string) => ({
      ...rest,
      columns: columns.map((column) =>
        column.name === name ? { name, type: 'int32' as const, values: Int32Array.of(0) } : column,
      ),
    });
    expect(() => frameToTable(swapped('metadata'))).toThrow('no lists');
    expect(() => frameToTable(swapped('label'))).toThrow('wrong column types');
    expect(() => frameToTable(swapped('message'))).toThrow('wrong column types');
    expect(() => frameToTable(swapped('timestamp'))).toThrow('wrong column types');
  });
});
