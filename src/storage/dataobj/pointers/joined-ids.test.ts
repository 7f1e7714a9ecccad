import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JOINED_MAX, joinIds } from './joined-ids.js';

describe('joined numbers', () => {
  it('stand for the combination that a row has', () => {
    const column = (rows: number) => fc.array(fc.integer({ min: -1, max: 4 }), { minLength: rows, maxLength: rows });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 30 }).chain((rows) => fc.array(column(rows), { maxLength: 3 })),
        (columns) => {
          const rows = columns[0]?.length ?? 5;
          const joined = joinIds(
            columns.map((ids) => ({ ids: Int32Array.from(ids), values: 5 })),
            rows,
          )!;
          expect(Array.from(joined.ids, (id) => joined.tuples[id])).toEqual(
            Array.from({ length: rows }, (_, row) => columns.map((ids) => ids[row])),
          );
          expect(new Set(joined.tuples.map(String)).size).toBe(joined.tuples.length);
        },
      ),
    );
  });

  it('are not given to more combinations than may be', () => {
    const ids = Int32Array.from({ length: JOINED_MAX + 1 }, (_, row) => row);
    expect(joinIds([{ ids, values: ids.length }], ids.length)).toBeUndefined();
    expect(joinIds([{ ids: ids.subarray(1), values: ids.length }], JOINED_MAX)?.tuples.length).toBe(JOINED_MAX);
  });
});
