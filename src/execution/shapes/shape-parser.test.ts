import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { labelsSeen, logBatch, UNCANCELLED } from '../../../test/support/log-rows.js';
import { lineShapes, numberColumns } from '../../../test/support/shape.js';
import type { RowFunction } from '../../planning/physical/expression.js';
import { type LineNumbers, LogBatch, type RowSource } from '../batch/log-batch.js';
import { LabelledStreams } from '../batch/streams.js';
import { compileFunction } from '../functions/compile.js';
import { LINE } from '../functions/row-step.js';
import { parsesByShape } from './shape-parser.js';

const json = { kind: 'parse-json' } as const;
const logfmt = { kind: 'parse-logfmt', strict: false, keepEmpty: false } as const;
const strict = { kind: 'parse-logfmt', strict: true, keepEmpty: true } as const;
const pattern = { kind: 'parse-pattern', pattern: '<ip> - [<_>] "<method> <path> <_>" <status>' } as const;

const ERRORS = [{ name: '__error__' }, { name: '__error_details__' }];

/** A batch of these lines, and whether any of them was read. */
function shaped(
  lines: readonly Buffer[],
  withShapes: boolean,
  numbers?: LineNumbers,
): { batch: LogBatch; wasRead: () => boolean } {
  const offsets = new Int32Array(lines.length + 1);
  lines.forEach((line, i) => {
    offsets[i + 1] = offsets[i]! + line.length;
  });
  let wasRead = false;
  const source: RowSource = {
    message: () => {
      wasRead = true;
      return { offsets, bytes: Buffer.concat(lines) };
    },
    shapes: () => (withShapes ? { ...lineShapes(lines), numbers } : undefined),
    messageLengths: () => undefined,
    metadataKeys: () => [],
    metadata: () => undefined,
  };
  const ids = new Int32Array(lines.length);
  const streams = new LabelledStreams([[['method', 'label']]]);
  return { batch: new LogBatch(0n, new Float64Array(lines.length), streams, ids, source), wasRead: () => wasRead };
}

function parsed(lines: readonly Buffer[], withShapes: boolean, functions: readonly RowFunction[]): unknown {
  const { batch } = shaped(lines, withShapes);
  for (const fn of functions) compileFunction(fn, UNCANCELLED)(batch);
  return seen(batch);
}

function seen(batch: LogBatch): unknown {
  const [kinds, details] = (['kinds', 'details'] as const).map((which) => batch.errorColumn(which));
  const text = (column: typeof kinds, row: number): string | undefined => column?.values[column.ids[row]!];
  return labelsSeen(batch).map((labels, row) => ({ labels, kind: text(kinds, row), details: text(details, row) }));
}

function expectSame(lines: readonly Buffer[], functions: readonly RowFunction[]): void {
  expect(parsed(lines, true, functions)).toEqual(parsed(lines, false, functions));
  if (functions.length === 1 && parsesByShape(functions[0]!)) expectSameByNumbers(lines, functions[0]!);
}

/** The same by the columns of numbers alone, where these have all that is read of these lines. */
function expectSameByNumbers(lines: readonly Buffer[], fn: RowFunction): void {
  const step = compileFunction(fn, UNCANCELLED);
  const { ids, shapes } = lineShapes(lines);
  const numbers = numberColumns(lines);
  const reads = Array.from(ids, (id) => step.reads!(shapes, id));
  const isThere = (bits: number, row: number): boolean =>
    bits < LINE && numbers.every((column, n) => (bits & (1 << n)) === 0 || !Number.isNaN(column![row]!));
  if (!reads.every(isThere)) return;
  const { batch, wasRead } = shaped(lines, true, numbers);
  step(batch);
  expect(seen(batch)).toEqual(parsed(lines, false, [fn]));
  expect(wasRead()).toBe(false);
}

const word = fc.oneof(
  fc.constantFrom(
    'a',
    'b5',
    'status',
    'method',
    'é',
    '',
    'ab12',
    '12ab',
    '7',
    '1e5',
    '5e1',
    '-3',
    '2.50',
    'null',
    'true',
  ),
  fc.constantFrom('\\u0041', '\\u00e9', '\\"', '\\n', '\\7', '\\b12', 'tru0e', ' ', '0x1f', 'DEAD1', '\\\\', '\ufffd'),
  fc.stringMatching(/^[0-9a-f]{1,3}$/),
);
const text = fc.array(word, { maxLength: 3 }).map((words) => words.join(''));
const value: fc.Arbitrary<string> = fc.letrec<{ value: string; object: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    word,
    text.map((content) => `"${content}"`),
    fc.array(tie('value'), { maxLength: 2 }).map((items) => `[${items.join(',')}]`),
    tie('object'),
  ),
  object: fc
    .array(fc.tuple(text, fc.constantFrom(':', ': '), tie('value')), { maxLength: 4 })
    .map((pairs) => `{${pairs.map(([key, colon, content]) => `"${key}"${colon}${content}`).join(',')}}`),
})).object;
const pairs = fc
  .array(
    fc.tuple(
      text,
      fc.oneof(
        text,
        text.map((content) => `"${content}"`),
      ),
    ),
    { maxLength: 5 },
  )
  .map((all) => all.map(([key, content]) => `${key}=${content}`).join(' '));
const access = fc.tuple(text, text, text, text).map(([a, b, c, d]) => `${a} - [${b}] "GET /${c} HTTP/1.1" ${d}`);

/** Some lines, each in several spellings of its numbers, some cut short or with bytes that are no text. */
function linesOf(line: fc.Arbitrary<string>): fc.Arbitrary<Buffer[]> {
  const respelled = fc.tuple(line, fc.array(fc.stringMatching(/^[0-9]{1,3}$/), { minLength: 1, maxLength: 4 }));
  const several = respelled.map(([one, numbers]) =>
    numbers.map((number) => Buffer.from(one.replace(/[0-9]+/g, (digits) => digits + number))),
  );
  const broken = fc.tuple(line, fc.nat(), fc.boolean()).map(([one, at, isCut]) => {
    const bytes = Buffer.from(one);
    if (isCut) return [bytes.subarray(0, at % (bytes.length + 1))];
    if (bytes.length > 0) bytes[at % bytes.length] = 0xff;
    return [bytes];
  });
  return fc.array(fc.oneof(several, broken), { minLength: 1, maxLength: 4 }).map((all) => all.flat());
}

describe('lines parsed by their shapes', () => {
  test.each<[string, fc.Arbitrary<string>, readonly RowFunction[]]>([
    ['json', value, [json]],
    ['json for some keys', value, [{ ...json, keys: ['status', 'method', 'a_b'] }]],
    ['json up to some keys', value, [{ ...json, keys: ['status', 'a'], until: ['status', 'a'] }]],
    [
      'json for some keys, whatever is wrong with them',
      value,
      [
        { ...json, keys: ['status', 'a'], until: ['status', 'a'], errorsUnseen: true },
        { kind: 'drop', picks: ERRORS },
      ],
    ],
    [
      'logfmt for a key, whatever is wrong with it',
      pairs,
      [
        { ...logfmt, keys: ['status'], until: ['status'], errorsUnseen: true },
        { kind: 'drop', picks: ERRORS },
      ],
    ],
    ['logfmt', pairs, [logfmt]],
    ['strict logfmt', pairs, [strict]],
    ['logfmt for some keys', pairs, [{ ...logfmt, keys: ['status', 'method'], until: ['status'] }]],
    ['a pattern', access, [pattern]],
    ['json and logfmt', fc.oneof(value, pairs), [json, logfmt]],
    [
      'what is left after a format',
      value,
      [json, { kind: 'line-format', template: '{{.status}} x={{.method}} {{.a}}' }, logfmt],
    ],
  ])('give the same labels and errors: %s', (_, line, functions) => {
    fc.assert(
      fc.property(linesOf(line), (lines) => expectSame(lines, functions)),
      { numRuns: 400 },
    );
  });

  it('are not read where all that is wanted is the same for all of them', () => {
    const lines = ['{"level":"info","n":17}', '{"level":"info","n":4}', '{"level":"warn","n":1}'].map((line) =>
      Buffer.from(line),
    );
    const { batch, wasRead } = shaped(lines, true);
    compileFunction({ ...json, keys: ['level'] }, UNCANCELLED)(batch);
    expect(labelsSeen(batch).map(({ level }) => level)).toEqual(['info', 'info', 'warn']);
    expect(wasRead()).toBe(false);
  });

  it('have errors without being read', () => {
    const { batch, wasRead } = shaped([Buffer.from('no json at all 17')], true);
    compileFunction({ ...json, keys: ['level'] }, UNCANCELLED)(batch);
    expect(batch.hasErrors).toBe(true);
    expect(wasRead()).toBe(false);
  });

  it.each<[boolean, RowFunction]>([
    [true, json],
    [true, { ...logfmt, keys: ['status'] }],
    [false, { ...logfmt, keys: ['http2'] }],
    [false, { ...json, until: ['p99'] }],
    [true, pattern],
    [false, { kind: 'parse-pattern', pattern: 'id=<id> ' }],
    [false, { kind: 'parse-regexp', pattern: '(?P<a>x)' }],
  ])('%s: by %j', (expected, fn) => {
    expect(parsesByShape(fn)).toBe(expected);
  });

  it('leave batches alone that know no shapes', () => {
    const batch = logBatch([{ line: '{"a":1}' }]);
    compileFunction(json, UNCANCELLED)(batch);
    expect(labelsSeen(batch)).toEqual([{ a: '1' }]);
  });
});
