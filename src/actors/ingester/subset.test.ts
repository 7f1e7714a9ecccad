import { describe, expect, it } from 'vitest';
import { entriesOf, rowsOf } from '../../../test/support/entries.js';
import { withoutRows } from './subset.js';

describe('a batch without some of its rows', () => {
  const batch = entriesOf({
    '{a="1"}': [
      [1, 'one', { k: 'v', l: 'w' }],
      [2, 'two'],
    ],
    '{a="2"}': [[3, 'three', { l: 'x' }]],
    '{a="3"}': [
      [4, '', { m: '' }],
      [5, 'five', { k: 'y' }],
    ],
  });

  it('keeps all columns of the others', () => {
    const kept = withoutRows(batch, Uint8Array.of(0, 1, 0, 1, 0))!;
    expect(kept.tenant).toBe('tenant');
    expect(rowsOf(kept)).toEqual({
      '{a="1"}': ['1 one {"k":"v","l":"w"}'],
      '{a="2"}': ['3 three {"l":"x"}'],
      '{a="3"}': ['5 five {"k":"y"}'],
    });
  });

  it('loses the streams that have no rows left', () => {
    const kept = withoutRows(batch, Uint8Array.of(1, 1, 0, 0, 0))!;
    expect(kept.streams).toEqual(['{a="2"}', '{a="3"}']);
    expect(Object.values(rowsOf(kept)).flat()).toHaveLength(3);
  });

  it('is nothing when all of them go', () => {
    expect(withoutRows(batch, Uint8Array.of(1, 1, 1, 1, 1))).toBeNull();
  });
});
