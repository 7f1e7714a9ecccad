import { describe, expect, test } from 'vitest';
import { labelsSeen, linesOf, logBatch, readLabels, run, UNCANCELLED } from '../../../test/support/log-rows.js';
import type { LabelFormat } from '../../planning/physical/expression.js';
import { compileFunction } from './compile.js';

const logfmt = { kind: 'parse-logfmt', strict: false, keepEmpty: false } as const;
const FAILS_ON_BAD = '{{ if eq .x "bad" }}{{ div 1 0 }}{{ end }}';

function rename(name: string, source: string): LabelFormat {
  return { kind: 'rename', name, source };
}

function assign(name: string, template: string): LabelFormat {
  return { kind: 'template', name, template };
}

function formatted(rows: Parameters<typeof run>[0], ...formats: LabelFormat[]): ReturnType<typeof labelsSeen> {
  return labelsSeen(run(rows, { kind: 'label-format', formats }));
}

describe('line_format', () => {
  test('writes lines from labels of every source', () => {
    const rows = [{ labels: { a: 'é' }, metadata: { m: '2' }, line: 'p=3' }, { line: 'p=4' }];
    const batch = run(rows, logfmt, { kind: 'line-format', template: '{{.a}}|{{.m}}|{{.p}}|{{__line__}}' });
    expect(linesOf(batch)).toEqual(['é|2|3|p=3', '||4|p=4']);
  });

  test('with a label that is not there keeps an empty line', () => {
    expect(linesOf(run([{ line: 'x' }], { kind: 'line-format', template: '{{.none}}' }))).toEqual(['']);
  });

  test('that fails leaves the line as it was and marks the row', () => {
    const rows = [
      { labels: { x: 'bad' }, line: 'first' },
      { labels: { x: 'ok' }, line: 'second' },
    ];
    const batch = run(rows, { kind: 'line-format', template: `${FAILS_ON_BAD}done` });
    expect(linesOf(batch)).toEqual(['first', 'done']);
    const [bad, good] = labelsSeen(batch);
    expect(bad!.__error__).toBe('TemplateFormatErr');
    expect(bad!.__error_details__).toContain('integer divide by zero');
    expect(good).toEqual({ x: 'ok' });
  });

  test('rewrites only rows that are alive', () => {
    const batch = logBatch([{ line: 'a' }, { line: 'b' }, { line: 'c' }]);
    batch.select(Int32Array.of(1), 1);
    compileFunction({ kind: 'line-format', template: '{{__line__}}!' }, UNCANCELLED)(batch);
    expect(linesOf(batch)).toEqual(['b!']);
    expect([...batch.messageLengths()]).toEqual([0, 2, 0]);
  });

  test('of one field alone finds labels only, and prints a variable that it declares', () => {
    const batch = logBatch([{ labels: { a: '1' }, line: 'x' }]);
    batch.setError(0, 'JSONParserErr', 'why', false);
    for (const [template, line] of [
      ['{{$x := .a}}', '1'],
      ['{{- .a -}}', '1'],
      ['{{.__error__}}', ''],
    ] as const) {
      compileFunction({ kind: 'line-format', template }, UNCANCELLED)(batch);
      expect(linesOf(batch)).toEqual([line]);
    }
  });

  test('sees the error of the row', () => {
    const batch = logBatch([{ line: 'x' }, { line: 'x' }]);
    batch.setError(1, 'JSONParserErr', 'why', false);
    compileFunction({ kind: 'line-format', template: '{{.__error__}}/{{.__error_details__}}' }, UNCANCELLED)(batch);
    expect(linesOf(batch)).toEqual(['/', 'JSONParserErr/why']);
  });
});

describe('label_format', () => {
  test('renames: the value moves and the old name is gone', () => {
    expect(formatted([{ labels: { a: '1', b: '2' } }], rename('c', 'a'))).toEqual([{ b: '2', c: '1' }]);
    expect(formatted([{ metadata: { a: '1' } }], rename('c', 'a'))).toEqual([{ c: '1' }]);
  });

  test('makes a renamed label a parsed one', () => {
    const batch = run([{ labels: { a: '1' } }], { kind: 'label-format', formats: [rename('c', 'a')] });
    expect(readLabels(batch)).toEqual([{ label: {}, metadata: {}, parsed: { c: '1' } }]);
  });

  test('renames nothing on rows that lack the source', () => {
    const rows = [{ labels: { a: '1', c: 'old' } }, { labels: { c: 'old' } }];
    expect(formatted(rows, rename('c', 'a'))).toEqual([{ c: '1' }, { c: 'old' }]);
    expect(formatted([{ labels: { c: 'old' } }], rename('c', 'none'))).toEqual([{ c: 'old' }]);
  });

  test('loses a label that is renamed to itself, as Loki does', () => {
    expect(formatted([{ labels: { a: '1', b: '2' } }], rename('a', 'a'))).toEqual([{ b: '2' }]);
  });

  test('does not rename errors', () => {
    const batch = logBatch([{}]);
    batch.setError(0, 'JSONParserErr', 'why', false);
    compileFunction({ kind: 'label-format', formats: [rename('a', '__error__')] }, UNCANCELLED)(batch);
    expect(labelsSeen(batch)).toEqual([{ __error__: 'JSONParserErr', __error_details__: 'why' }]);
  });

  test('sets a label from a template, also to nothing', () => {
    expect(formatted([{ labels: { a: '1' } }], assign('b', '{{.a}}{{.a}}'))).toEqual([{ a: '1', b: '11' }]);
    expect(formatted([{ labels: { a: '1' } }], assign('a', '{{.none}}'))).toEqual([{ a: '' }]);
  });

  test('lets templates see the labels as they were before the first of them ran', () => {
    const rows = [{ labels: { a: '1', b: '2' } }];
    expect(formatted(rows, assign('a', '{{.b}}'), assign('b', '{{.a}}'))).toEqual([{ a: '2', b: '1' }]);
  });

  test('lets templates see renames that stand before the first of them, not those behind', () => {
    const rows = [{ labels: { a: '1' } }];
    expect(formatted(rows, rename('b', 'a'), assign('c', '[{{.a}}{{.b}}]'))).toEqual([{ b: '1', c: '[1]' }]);
    expect(formatted(rows, assign('c', '[{{.a}}{{.b}}]'), rename('b', 'a'), assign('d', '{{.a}}'))).toEqual([
      { b: '1', c: '[1]', d: '1' },
    ]);
  });

  test('lets a rename see what a template before it has set', () => {
    expect(formatted([{ labels: { a: '1' } }], assign('b', 'new'), rename('c', 'b'))).toEqual([{ a: '1', c: 'new' }]);
  });

  test('that fails leaves the label unset or as it was, and marks the row', () => {
    const rows = [{ labels: { x: 'bad' } }, { labels: { x: 'ok' } }];
    const seen = formatted(rows, assign('y', `${FAILS_ON_BAD}done`));
    expect(seen[0]).toMatchObject({ x: 'bad', __error__: 'TemplateFormatErr' });
    expect(seen[0]).not.toHaveProperty('y');
    expect(seen[1]).toEqual({ x: 'ok', y: 'done' });
    expect(formatted(rows, assign('x', `${FAILS_ON_BAD}done`))[0]!.x).toBe('bad');
  });
});

test('decolorize takes escapes out of the lines alive', () => {
  const batch = logBatch([{ line: '\u001b[31mred\u001b[0m' }, { line: 'plain' }]);
  compileFunction({ kind: 'decolorize' }, UNCANCELLED)(batch);
  expect(linesOf(batch)).toEqual(['red', 'plain']);
});
