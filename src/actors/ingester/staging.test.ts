import { describe, expect, it } from 'vitest';
import type { Row } from '../../../test/support/entries.js';
import { A, B, Harness, messageOf } from '../../../test/support/ingester-steps.js';

describe('duplicates', () => {
  it('are kept once: within a group, across memtables, and not written to the log either', () => {
    const h = new Harness();
    h.write({
      [A]: [
        [1, 'one'],
        [2, 'two'],
      ],
    });
    h.ask({ kind: 'flush' });
    h.write({ [A]: [[3, 'three']] });
    h.append({ [B]: [[1, 'other']] });
    const again = h.append({
      [A]: [
        [2, 'two'],
        [3, 'three'],
        [4, 'four'],
      ],
    });
    const last = h.append({
      [A]: [
        [4, 'four'],
        [1, 'one'],
      ],
    });
    h.synced();
    expect(h.synced()).toEqual([{ [A]: ['4 four {}'] }]);
    expect([again.reply, last.reply]).toEqual([{ kind: 'ok' }, { kind: 'ok' }]);
    expect(h.rows()).toEqual(['1 one {}', '2 two {}', '3 three {}', '1 other {}', '4 four {}']);
    expect(h.metric('duplicate_entries_total')).toBe(4);
  });

  it('are answered at once when all of them are durable already', () => {
    const h = new Harness();
    h.write({ [A]: [[1, 'one']] });
    expect(
      h.append({
        [A]: [
          [1, 'one'],
          [1, 'one'],
        ],
      }).reply,
    ).toEqual({ kind: 'ok' });
    expect(h.groups).toEqual([]);
  });

  it('fail with the group that their first copy is in', () => {
    const h = new Harness();
    h.append({ [B]: [[1, 'first']] });
    const one = h.append({ [A]: [[1, 'one']] });
    const again = h.append({
      [A]: [
        [1, 'one'],
        [1, 'one'],
      ],
    });
    h.synced();
    h.refused();
    expect([messageOf(one.reply), messageOf(again.reply)]).toEqual([
      'storage-full: no space',
      'storage-full: no space',
    ]);
  });

  it('of an append whose answer came late are known again after its entries have left memory', () => {
    const h = new Harness({ retriedAfterMs: 1000 });
    const late = {
      [A]: [
        [1, 'one'],
        [2, 'two'],
      ] as Row[],
    };
    h.append(late);
    h.after(1000);
    h.synced();
    h.ask({ kind: 'flush' });
    h.stored();
    expect(h.rows()).toEqual([]);
    expect(h.append(late).reply).toEqual({ kind: 'ok' });
    expect([h.groups, h.rows(), h.metric('duplicate_entries_total')]).toEqual([[], [], 2]);
  });
});
