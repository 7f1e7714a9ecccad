import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entriesOf, type Row } from '../../../test/support/entries.js';
import { Runs } from './runs.js';

describe('the runs of a batch', () => {
  it('tell the bytes of lines and metadata values, by stream and of all', () => {
    const runs = new Runs(
      entriesOf({
        '{a="1"}': [
          [1, 'four', { id: 'abc' }],
          [2, 'two', { id: 'abc', level: 'é' }],
        ],
        '{a="2"}': [],
        '{a="3"}': [[3, '']],
      }),
    );
    expect([0, 1, 2].map((s) => runs.bytes(s))).toEqual([4 + 3 + 3 + 3 + 2, 0, 0]);
    expect(runs.rawBytes).toBe(15);
  });

  it('tell the first row with the least time and the first with the greatest', () => {
    const time = fc.constantFrom(-(2n ** 40n), -1n, 0n, 1n, 2n ** 31n, 2n ** 32n, 2n ** 62n);
    fc.assert(
      fc.property(fc.array(fc.array(time, { minLength: 1 }), { minLength: 1, maxLength: 4 }), (streams) => {
        const named = streams.map((times, i) => [`{a="${i}"}`, times.map((at): Row => [at, 'line'])] as const);
        const runs = new Runs(entriesOf(Object.fromEntries(named)));
        let from = 0;
        streams.forEach((times, s) => {
          const sorted = [...times].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
          const rows = [sorted[0]!, sorted.at(-1)!].map((at) => from + times.indexOf(at));
          expect([runs.oldest(s), runs.newest(s)]).toEqual(rows);
          from += times.length;
        });
      }),
    );
  });
});
