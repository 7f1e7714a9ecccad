import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entriesOf, type Row, rowText } from '../../../test/support/entries.js';
import type { EntriesBatch } from '../../wire/entries.js';
import { splitRows } from './split-batch.js';

function texts(batch: EntriesBatch): string[] {
  return Array.from({ length: batch.rows }, (_, row) => {
    const stream = batch.streams[batch.streamEnds.findIndex((end) => row < end)];
    return `${batch.tenant} ${stream} ${rowText(batch, row)}`;
  });
}

const row: fc.Arbitrary<Row> = fc.tuple(
  fc.integer({ min: 0, max: 1e9 }),
  fc.string({ maxLength: 60, unit: 'binary' }),
  fc.dictionary(fc.constantFrom('trace', 'user'), fc.string({ maxLength: 8 }), { noNullPrototype: true }),
);

describe('a batch split by size', () => {
  it('has all its rows in order, in batches no larger than allowed', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('{a="1"}', '{a="2"}', '{b="long"}'),
          fc.array(row, { minLength: 1, maxLength: 20 }),
          { minKeys: 1, noNullPrototype: true },
        ),
        fc.integer({ min: 700, max: 4000 }),
        (streams, bytesMax) => {
          const batch = entriesOf(streams);
          const parts = splitRows(batch, bytesMax);
          expect(parts.flatMap(texts)).toEqual(texts(batch));
          for (const { buffer, rows } of parts) {
            expect(buffer.byteLength).toBeLessThanOrEqual(bytesMax);
            expect(rows).toBeGreaterThan(0);
          }
        },
      ),
    );
  });

  it('is itself when it is small enough, and refused when a row is too large', () => {
    const batch = entriesOf({
      '{a="1"}': [
        [1, 'x'],
        [2, 'y'.repeat(1000)],
      ],
    });
    expect(splitRows(batch, batch.buffer.byteLength)).toEqual([batch]);
    expect(() => splitRows(batch, 900)).toThrow(RangeError);
  });
});
