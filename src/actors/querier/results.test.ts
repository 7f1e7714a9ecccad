import { describe, expect, it } from 'vitest';
import type { StringColumn } from '../../execution/batch/column.js';
import { type PairColumn, PairLists, pairText } from '../../execution/batch/pair-lists.js';
import { tableToFrame } from '../../execution/batch/rows-table.js';
import { emptySamples, labelsKey } from '../../execution/batch/sample-batch.js';
import { samplesToFrame } from '../../execution/batch/sample-frames.js';
import type { QueryParameters } from '../../planning/facts.js';
import type { ResultShape } from '../../planning/plan.js';
import { decodeFrame, encodeFrame, type Frame } from '../../wire/arrow-frame.js';
import { formatLabels, labelsOf } from '../../wire/labels.js';
import type { QueryResult } from '../../wire/query.js';
import { compareLabels, resultBuilder, seriesCount, truncateSeries } from './results.js';

type Set = Readonly<Record<string, string>>;
type Row = readonly [time: number, line: string, label: Set, metadata?: Set, parsed?: Set];

const PARAMETERS: QueryParameters = {
  ...{ start: 10_000_000_000n, end: 30_000_000_000n, stepNs: 10e9, limit: 100, direction: 'forward', intervalNs: 0 },
};

function column(sets: readonly Set[]): StringColumn {
  const keys = sets.map((set) => labelsKey(labelsOf(set)));
  const values = [...new Set(keys)];
  return { ids: Int32Array.from(keys, (key) => values.indexOf(key)), values };
}

function pairs(sets: readonly Set[]): PairColumn {
  const lists = new PairLists(sets.length);
  for (const set of sets) {
    for (const [name, value] of labelsOf(set)) lists.add(lists.number(pairText(name, value)));
    lists.endRow();
  }
  return lists.finish();
}

function rows(list: readonly Row[]): Frame {
  const texts = list.map(([, line]) => Buffer.from(line));
  const offsets = new Int32Array(list.length + 1);
  for (const [i, text] of texts.entries()) offsets[i + 1] = offsets[i]! + text.length;
  return tableToFrame({
    rows: list.length,
    times: BigInt64Array.from(list, ([time]) => BigInt(time)),
    text: { offsets, bytes: Buffer.concat(texts) },
    label: column(list.map((row) => row[2])),
    metadata: pairs(list.map((row) => row[3] ?? {})),
    parsed: pairs(list.map((row) => row[4] ?? {})),
  });
}

/** Samples by series; undefined = none at that step. */
function samples(...series: readonly (readonly [Set, ...(number | undefined)[]])[]): Frame {
  const steps = Math.max(...series.map((one) => one.length - 1));
  const batch = emptySamples(
    series.map(([labels]) => labelsOf(labels)),
    steps,
  );
  series.forEach(([, ...values], s) => {
    values.forEach((value, k) => {
      if (value === undefined) return;
      batch.values[s * steps + k] = value;
      batch.present[s * steps + k] = 1;
    });
  });
  return samplesToFrame(batch);
}

/** As the querier does it: frames arrive as bytes. */
function result(
  type: ResultShape['type'],
  frames: readonly Frame[],
  more: { categorize?: boolean; keepsOrder?: boolean } = {},
): QueryResult {
  const builder = resultBuilder({ type, keepsOrder: more.keepsOrder ?? false }, PARAMETERS, more.categorize ?? false);
  for (const frame of frames) builder.add(decodeFrame(encodeFrame(frame)));
  return builder.finish();
}

function streamsText(answer: QueryResult): string[] {
  if (answer.type !== 'streams') throw new Error(answer.type);
  return answer.streams.map(
    ({ labels, entries }) => `${formatLabels(labels)}: ${entries.map(({ line }) => line).join(' ')}`,
  );
}

describe('streams', () => {
  const frames = [
    rows([
      [9, 'one', { app: 'b' }, { trace: '1' }],
      [8, 'two', { app: 'a' }],
      [7, 'three', { app: 'b' }],
    ]),
    rows([
      [6, 'four', { app: 'b' }, { trace: '1' }],
      [5, 'five', { app: 'a' }, {}, { trace: '1' }],
      [4, 'six', { app: 'b' }, {}, { trace: '1' }],
    ]),
  ];

  it('are distinct sets of all labels, sorted by their text, entries in the order they come', () => {
    expect(streamsText(result('streams', frames))).toEqual([
      '{app="a", trace="1"}: five',
      '{app="a"}: two',
      '{app="b", trace="1"}: one four six',
      '{app="b"}: three',
    ]);
  });

  it('are those of the store when labels are categorised, and every entry says what is its own', () => {
    const answer = result('streams', frames, { categorize: true });
    expect(streamsText(answer)).toEqual(['{app="a"}: two five', '{app="b"}: one three four six']);
    expect(answer).toMatchObject({
      streams: [
        {
          entries: [
            { structuredMetadata: [], parsed: [] },
            { structuredMetadata: [], parsed: [['trace', '1']] },
          ],
        },
        { entries: [{ time: 9n, line: 'one', structuredMetadata: [['trace', '1']], parsed: [] }, {}, {}, {}] },
      ],
    });
  });

  it('carry no categories unless asked', () => {
    const answer = result('streams', [rows([[1, 'x', { app: 'a' }]])]);
    expect(answer).toEqual({
      type: 'streams',
      streams: [{ labels: [['app', 'a']], entries: [{ time: 1n, line: 'x' }] }],
    });
  });

  it('put names of all categories in order', () => {
    const answer = result('streams', [rows([[1, 'x', { m: '1' }, { a: '2' }, { z: '3', b: '4' }]])]);
    expect(streamsText(answer)).toEqual(['{a="2", b="4", m="1", z="3"}: x']);
  });

  it('keep lines byte for byte as text', () => {
    const lines = ['', 'снег 雪 🎿', 'a"b\\c\n'];
    const answer = result('streams', [rows(lines.map((line, i) => [i, line, {}]))]);
    expect(answer).toMatchObject({ streams: [{ entries: lines.map((line) => ({ line })) }] });
  });

  it('are none without frames', () => expect(result('streams', [])).toEqual({ type: 'streams', streams: [] }));
});

describe('a vector', () => {
  const frames = [samples([{ app: 'b' }, 2], [{ app: 'c' }, undefined]), samples([{ app: 'a' }, Number.NaN], [{}, 7])];

  it('is sorted by labels, at the time of the query, without series that have no sample', () => {
    expect(result('vector', frames)).toEqual({
      type: 'vector',
      samples: [
        { labels: [], timeMs: 10_000, value: 7 },
        { labels: [['app', 'a']], timeMs: 10_000, value: Number.NaN },
        { labels: [['app', 'b']], timeMs: 10_000, value: 2 },
      ],
    });
  });

  it('that the query sorts keeps its order', () => {
    const answer = result('vector', frames, { keepsOrder: true });
    expect(answer).toMatchObject({ samples: [{ value: 2 }, { value: Number.NaN }, { value: 7 }] });
  });
});

describe('a matrix', () => {
  it('has a point for each step with a sample, series sorted by labels, empty ones left out', () => {
    const frames = [
      samples([{ b: '1' }, 1, undefined, 3], [{ c: '1' }, undefined, undefined, undefined]),
      samples([{ a: '1' }, undefined, 0, Number.POSITIVE_INFINITY]),
    ];
    expect(result('matrix', frames)).toEqual({
      type: 'matrix',
      series: [
        { labels: [['a', '1']], timesMs: [20_000, 30_000], values: [0, Number.POSITIVE_INFINITY] },
        { labels: [['b', '1']], timesMs: [10_000, 30_000], values: [1, 3] },
      ],
    });
  });
});

describe('a scalar', () => {
  it('is the one sample', () => {
    expect(result('scalar', [samples([{}, 2.5])])).toEqual({ type: 'scalar', timeMs: 10_000, value: 2.5 });
  });

  it('that never came is our fault', () => expect(() => result('scalar', [])).toThrow('a scalar query gave no value'));
});

describe('label sets', () => {
  it('are compared pair by pair, then the shorter one is first', () => {
    const sets = [{}, { a: '1' }, { a: '1', b: '1' }, { a: '2' }, { b: '0' }].map(labelsOf);
    expect([...sets].reverse().sort(compareLabels)).toEqual(sets);
  });
});

describe('truncating', () => {
  const vector = result('vector', [samples([{ a: '1' }, 1], [{ a: '2' }, 2], [{ a: '3' }, 3])]);
  const matrix = result('matrix', [samples([{ a: '1' }, 1], [{ a: '2' }, 2], [{ a: '3' }, 3])]);

  it('keeps the first series of vectors and matrices and leaves other results alone', () => {
    for (const answer of [vector, matrix]) {
      expect(seriesCount(answer)).toBe(3);
      expect(seriesCount(truncateSeries(answer, 2))).toBe(2);
    }
    expect(truncateSeries(vector, 2)).toMatchObject({ samples: [{ value: 1 }, { value: 2 }] });
    const streams = result('streams', [rows([[1, 'x', {}]])]);
    expect([seriesCount(streams), truncateSeries(streams, 0)]).toEqual([0, streams]);
  });
});
