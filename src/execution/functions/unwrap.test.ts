import { describe, expect, test } from 'vitest';
import { alive, labelsSeen, run } from '../../../test/support/log-rows.js';
import type { RowFunction } from '../../planning/physical/expression.js';

type Unwrap = Extract<RowFunction, { kind: 'unwrap' }>;

const unwrap = (fields: Partial<Unwrap> = {}): Unwrap => ({
  kind: 'unwrap',
  label: 'x',
  conversion: 'none',
  keepLabel: false,
  ...fields,
});

function values(texts: readonly (string | undefined)[], fields: Partial<Unwrap> = {}) {
  const rows = texts.map((x) => ({ metadata: x === undefined ? {} : { x } }));
  const batch = run(rows, unwrap(fields));
  return { batch, rows: alive(batch).map((row) => [row, batch.value![row]!]) };
}

describe('unwrap', () => {
  test('takes no sample from rows without the label or with an empty one', () => {
    const { batch, rows } = values(['1.5', undefined, '', '-2e3']);
    expect(rows).toEqual([
      [0, 1.5],
      [3, -2000],
    ]);
    expect(batch.hasErrors).toBe(false);
    expect(values([undefined]).rows).toEqual([]);
    expect(run([{ labels: { a: 'b' } }], unwrap()).count).toBe(0);
  });

  test.each([
    ['none', '0x1p-2', 0.25],
    ['none', '+Inf', Number.POSITIVE_INFINITY],
    ['none', 'NaN', Number.NaN],
    ['bytes', '2KiB', 2048],
    ['bytes', '1.5 kB', 1500],
    ['duration', '1m30s', 90],
    ['duration_seconds', '250ms', 0.25],
  ] as const)('%s reads %j as %d', (conversion, text, value) => {
    expect(values([text], { conversion }).rows).toEqual([[0, value]]);
  });

  test.each([
    ['none', 'oops'],
    ['bytes', '3 parsecs'],
    ['duration', '1d'],
    ['duration_seconds', '90'],
  ] as const)('%s cannot read %j: the row stays with 0 and an error', (conversion, text) => {
    const { batch, rows } = values([text, undefined], { conversion });
    expect(rows).toEqual([[0, 0]]);
    const [seen] = labelsSeen(batch);
    expect(seen!.__error__).toBe('SampleExtractionErr');
    expect(seen!.__error_details__).not.toBe('');
  });

  test('removes the label it read, from whatever source, unless it is to stay', () => {
    const rows = [{ labels: { x: '1', a: 'b' } }, { metadata: { x: '2' } }];
    expect(labelsSeen(run(rows, unwrap()))).toEqual([{ a: 'b' }, {}]);
    expect(labelsSeen(run(rows, unwrap({ keepLabel: true })))).toEqual([{ a: 'b', x: '1' }, { x: '2' }]);
  });

  test('works on the rows alive', () => {
    const logfmt = { kind: 'parse-logfmt', strict: false, keepEmpty: false } as const;
    const batch = run([{ line: 'x=1' }, { line: 'y=1' }, { line: 'x=3' }], logfmt, unwrap());
    expect(alive(batch).map((row) => batch.value![row])).toEqual([1, 3]);
  });
});
