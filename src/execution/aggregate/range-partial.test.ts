import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LogRow, logBatch, stringColumn } from '../../../test/support/log-rows.js';
import { INPUT } from '../../../test/support/samples.js';
import { columnOf } from '../../planning/physical/expression.js';
import type { Grouping, RangeAggregation } from '../../planning/physical/node.js';
import { asFault } from '../../wire/fault.js';
import { formatLabels, labelsOf } from '../../wire/labels.js';
import type { LogBatch } from '../batch/log-batch.js';
import { RangePartial } from './range-partial.js';

const by = (...names: string[]): Grouping => ({ kind: 'by', columns: names.map(columnOf) });
const without = (...names: string[]): Grouping => ({ kind: 'without', columns: names.map(columnOf) });

function nodeOf(fields: Partial<RangeAggregation> = {}): RangeAggregation {
  return {
    kind: 'range-aggregation',
    operation: 'count',
    mode: 'partial',
    start: 1000n,
    end: 1000n,
    stepNs: 0,
    rangeNs: 1000,
    offsetNs: 0,
    grouping: { kind: 'none' },
    input: INPUT,
    ...fields,
  };
}

/** Rows counted by series, over all states sent. */
function counted(partial: RangePartial, batches: readonly LogBatch[], every = 1): Record<string, number> {
  const counts: Record<string, number> = {};
  const take = (): void => {
    const states = partial.take();
    for (let row = 0; states && row < states.rows; row++) {
      const key = formatLabels(states.labels[states.series[row]!]!);
      counts[key] = (counts[key] ?? 0) + states.states[row]!;
    }
  };
  batches.forEach((batch, i) => {
    partial.add(batch);
    if ((i + 1) % every === 0) take();
  });
  take();
  return counts;
}

const some = fc.constantFrom('x', 'y', '');
const field = (name: string): fc.Arbitrary<Record<string, string>> =>
  fc
    .option(some, { nil: undefined })
    .map((value): Record<string, string> => (value === undefined ? {} : { [name]: value }));

interface TestRow {
  readonly row: LogRow;
  readonly parsed: string | undefined;
}

const testRow: fc.Arbitrary<TestRow> = fc.record({
  row: fc.record({ labels: field('a'), metadata: field('m'), time: fc.integer({ min: 1, max: 1000 }) }),
  parsed: fc.option(some, { nil: undefined }),
});

describe('the series of rows', () => {
  test('are their labels from every source, as the grouping picks them, also empty ones', () => {
    const groupings = fc.constantFrom<Grouping>(
      { kind: 'none' },
      by('a'),
      by('m', 'p'),
      by('a', 'p', 'z'),
      by(),
      without('a'),
      without('m', 'p'),
    );
    const batches = fc.array(fc.tuple(fc.array(testRow, { minLength: 1, maxLength: 15 }), fc.constantFrom('p', 'a')), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(groupings, batches, fc.integer({ min: 1, max: 4 }), (grouping, all, every) => {
        const expected: Record<string, number> = {};
        const made = all.map(([rows, parsedName]) => {
          const batch = logBatch(rows.map(({ row }) => row));
          batch.set('parsed', parsedName, stringColumn(rows.map(({ parsed }) => parsed)));
          for (const { row, parsed } of rows) {
            const stream = Object.fromEntries(labelsOf(row.labels ?? {}));
            const whole = { ...stream, ...row.metadata, ...(parsed === undefined ? {} : { [parsedName]: parsed }) };
            const names = grouping.kind === 'none' ? [] : grouping.columns.map(({ name }) => name);
            const picked = Object.entries(whole).filter(([name]) => names.includes(name) === (grouping.kind === 'by'));
            const key = formatLabels(picked.sort(([a], [b]) => (a < b ? -1 : 1)));
            expected[key] = (expected[key] ?? 0) + 1;
          }
          return batch;
        });
        expect(counted(new RangePartial(nodeOf({ grouping })), made, every)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  test('lack a label that was dropped on the way', () => {
    const batch = logBatch([{ labels: { a: '1', b: '2' }, time: 5 }]);
    batch.remove('a');
    expect(counted(new RangePartial(nodeOf()), [batch])).toEqual({ '{b="2"}': 1 });
    expect(counted(new RangePartial(nodeOf({ grouping: by('a') })), [batch])).toEqual({ '{}': 1 });
  });

  test('may be told by the error of their rows', () => {
    const batch = logBatch([{ time: 5 }, { time: 6 }]);
    batch.setError(1, 'JSONParserErr', '', false);
    const node = nodeOf({ grouping: by('__error__'), preserveErrors: true });
    expect(counted(new RangePartial(node), [batch])).toEqual({ '{}': 1, '{__error__="JSONParserErr"}': 1 });
  });
});

describe('what is counted', () => {
  test('is every row, or what a row stands for', () => {
    const batch = logBatch([{ time: 5 }, { time: 6 }, { time: 5000 }]);
    expect(counted(new RangePartial(nodeOf()), [batch])).toEqual({ '{}': 2 });
    batch.weights = Float64Array.of(10, 20, 40);
    expect(counted(new RangePartial(nodeOf()), [batch])).toEqual({ '{}': 30 });
  });

  test('are the bytes of lines, not their characters', () => {
    const batch = logBatch([
      { line: 'é雪', time: 5 },
      { line: 'ab', time: 6 },
    ]);
    expect(counted(new RangePartial(nodeOf({ operation: 'bytes' })), [batch])).toEqual({ '{}': 7 });
  });

  test('is nothing when no row lies in a window', () => {
    const partial = new RangePartial(nodeOf());
    partial.add(logBatch([{ time: 1001 }]));
    expect(partial.take()).toBeUndefined();
  });
});

describe('a sampled row with an error', () => {
  const erroneous = (kind: string): LogBatch => {
    const batch = logBatch([
      { labels: { app: 'a' }, time: 5 },
      { labels: { app: 'b' }, metadata: { m: '1' }, time: 6 },
    ]);
    batch.setError(1, kind, 'why', false);
    return batch;
  };
  const failure = (batch: LogBatch, fields: Partial<RangeAggregation> = {}): ReturnType<typeof asFault> | undefined => {
    try {
      new RangePartial(nodeOf(fields)).add(batch);
      return undefined;
    } catch (error) {
      return asFault(error);
    }
  };

  test('fails the query and says for which series', () => {
    const found = failure(erroneous('JSONParserErr'));
    expect(found?.code).toBe('bad-request');
    expect(found?.message).toContain(
      `pipeline error: 'JSONParserErr' for series: '{__error__="JSONParserErr", __error_details__="why", app="b", m="1"}'.\n`,
    );
  });

  test('does not fail it when a filter has dropped the row', () => {
    const batch = erroneous('JSONParserErr');
    batch.select(Int32Array.of(0), 1);
    expect(failure(batch)).toBeUndefined();
  });

  test('does not fail it when its error was cleared', () => {
    const batch = erroneous('JSONParserErr');
    batch.remove('__error__');
    expect(failure(batch)).toBeUndefined();
  });

  test('does not fail a query that asks for errors, unless a filter or unwrap made the error', () => {
    const fields = { preserveErrors: true };
    expect(failure(erroneous('JSONParserErr'), fields)).toBeUndefined();
    expect(failure(erroneous('LogfmtParserErr'), fields)).toBeUndefined();
    expect(failure(erroneous('LabelFilterErr'), fields)?.code).toBe('bad-request');
    expect(failure(erroneous('SampleExtractionErr'), fields)?.code).toBe('bad-request');
  });
});
