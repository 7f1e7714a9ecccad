import { describe, expect, it } from 'vitest';
import { copyOf, knows, parts, SELF, status, told } from '../../../../test/support/copies-steps.js';
import { entriesOf, type Row } from '../../../../test/support/entries.js';
import { A, Harness, messageOf, NOTHING } from '../../../../test/support/ingester-steps.js';
import type { BatchCopy } from '../../../wire/batch-copy.js';
import { fault } from '../../../wire/fault.js';
import type { Reply } from '../../../wire/message.js';
import type { RecoveredBatch } from '../events.js';

const OWN = (seq: number) => copyOf(seq, SELF, [SELF, 'a', 'b']);
const HELD = (seq: number) => copyOf(seq, 'o');
const SILENCE: Reply = { kind: 'fault', fault: fault('timeout', 'nobody answered') };

function record(seq: number, copy: BatchCopy, rows: readonly Row[]): RecoveredBatch {
  return { seq, copy, entries: entriesOf({ [A]: rows }) };
}

function restarted(batches: readonly RecoveredBatch[], proven: readonly (readonly [window: bigint, BatchCopy])[] = []) {
  const windows = proven.map(([window, { origin, seq }]) => {
    return { window, copies: [{ origin, ranges: [[seq, seq]] as const }] };
  });
  const copies = new Map([['tenant', windows]]);
  // Objects of this writer cover all of its log: of replicated parts that says nothing.
  const coverage = new Map([['tenant', [{ window: 0n, ranges: [[1, 99]] as const }]]]);
  const recovered = { ...NOTHING, batches, copies, coverage, lastSeq: 9, truncatedSeq: 4 };
  return new Harness({ objectWindowMs: 1 }, {}, recovered);
}

describe('an instance that comes back', () => {
  it('asks the replicas of what it owns before it lets anyone in', () => {
    const h = restarted([record(5, OWN(1), [[1, 'one']]), record(6, OWN(2), [[2, 'two']])]);
    expect(h.asks.map(({ to, message }) => [to, message.kind])).toEqual([
      ['ingester/a', 'batches.ask'],
      ['ingester/b', 'batches.ask'],
    ]);
    expect(messageOf(h.ask({ kind: 'batches.ask', batches: [] }).reply)).toMatch(/^unavailable/);
    h.answer(status({ held: parts(SELF, 1, 2) }));
    expect(h.isReady).toBe(false);
    h.answer(SILENCE);
    expect([h.isReady, h.rows()]).toEqual([true, ['1 one {}', '2 two {}']]);
    h.ask({ kind: 'flush' });
    expect(h.stored().input.source.copies).toEqual([{ ...parts(SELF)[0], ranges: [[1, 2]] }]);
    expect([told(h).length, h.truncated]).toEqual([2, [9]]);
  });

  it('leaves out what others have stored, and holds what they own now', () => {
    const h = restarted([
      record(5, OWN(1), [[1, 'one']]),
      record(6, OWN(2), [[2, 'two']]),
      record(7, OWN(3), [[3, '3']]),
    ]);
    h.answer(status({ stored: parts(SELF, 1) }));
    h.answer(status({ owned: parts(SELF, 2) }));
    expect([h.rows(), h.live().holdsOf]).toEqual([['3 3 {}'], ['a', 'b']]);
    expect(knows(h, parts(SELF, 1, 2, 3))).toEqual({
      stored: parts(SELF, 1),
      owned: parts(SELF, 3),
      held: parts(SELF, 2),
    });
    h.ask({ kind: 'flush' });
    h.stored();
    expect(h.truncated.at(-1)).toBe(5);
  });

  it('takes what it only holds when that is sent to it to own (simulation seed 16267: it passed for a retry, and was lost)', () => {
    const h = restarted([record(5, OWN(1), [[1, 'one']])]);
    h.answer(status({ owned: parts(SELF, 1) }));
    h.answer(SILENCE);
    expect([h.isReady, h.rows()]).toEqual([true, []]);
    const { reply } = h.ask({
      kind: 'append',
      batch: entriesOf({ [A]: [[1, 'one']] }).buffer,
      copy: OWN(1),
      again: true,
    });
    expect(reply).toBeNull();
    h.synced();
    expect([h.rows(), knows(h, parts(SELF, 1)).owned]).toEqual([['1 one {}'], parts(SELF, 1)]);
  });

  it('still knows a retry of what objects have', () => {
    const h = restarted([record(5, OWN(1), [[1, 'one']])], [[0n, OWN(1)]]);
    h.append({ [A]: [[1, 'one']] });
    expect(h.rows()).toEqual([]);
  });

  it('leaves out, window by window, what objects of any writer name, not what its own numbers cover', () => {
    const later = record(5, OWN(1), [
      [1, 'one'],
      [1_500_000, 'later'],
    ]);
    const h = restarted([later, record(6, OWN(2), [[2, 'two']])], [[0n, OWN(1)]]);
    for (const _ of [1, 2]) h.answer(SILENCE);
    expect(h.rows()).toEqual(['1500000 later {}', '2 two {}']);
  });

  it('knows at once what is stored of all it has, and forgets its log', () => {
    const h = restarted(
      [record(5, OWN(1), [[1, 'one']]), record(6, HELD(1), [[2, 'two']])],
      [
        [0n, OWN(1)],
        [0n, HELD(1)],
      ],
    );
    expect([h.isReady, h.asks, h.rows(), h.truncated]).toEqual([true, [], [], [9]]);
    expect(knows(h, [...parts(SELF, 1), ...parts('o', 1)]).stored).toHaveLength(2);
  });

  it('holds what it held, keeps the log for it, and asks about it soon', () => {
    const h = restarted([
      record(5, HELD(1), [[1, 'one']]),
      { seq: 6, entries: entriesOf({ [A]: [[2_000_000, 'own']] }) },
    ]);
    expect([h.isReady, h.rows(), h.live().holdsOf]).toEqual([true, ['2000000 own {}'], ['o', 'r']]);
    h.ask({ kind: 'flush' });
    h.stored();
    expect(h.truncated.at(-1)).toBe(4);
    h.after(1000);
    expect([h.answer(status({ stored: parts('o', 1) })).to, h.answer(SILENCE).to]).toEqual([
      'ingester/o',
      'ingester/r',
    ]);
    expect(h.truncated.at(-1)).toBe(9);
  });

  it('sends what it held to an owner that has lost it, as soon as that says so', () => {
    const h = restarted([record(5, HELD(1), [[1, 'one']])]);
    h.after(1000);
    while (h.asks.some(({ message }) => message.kind === 'batches.ask')) h.answer(status({}));
    h.found([]);
    expect(h.asks.map(({ to, message }) => [to, message.kind])).toEqual([['ingester/o', 'append']]);
  });

  it('owns a part that its log has as held and as owned', () => {
    const held = record(5, HELD(1), [[1, 'one']]);
    const owned = record(6, { ...HELD(1), owner: SELF }, [[1, 'one']]);
    for (const batches of [
      [held, owned],
      [owned, { ...held, seq: 7 }],
    ]) {
      const h = restarted(batches);
      h.answer(SILENCE);
      h.answer(SILENCE);
      expect([h.rows(), h.metric('held_parts'), h.metric('owned_parts')]).toEqual([['1 one {}'], 0, 1]);
    }
  });

  it('releases a part whose rows are in the log twice with the last of them', () => {
    const h = restarted([record(5, OWN(1), [[1, 'one']]), record(6, OWN(2), [[1, 'one']])]);
    h.answer(SILENCE);
    h.answer(SILENCE);
    expect(h.metric('owned_parts')).toBe(2);
    h.ask({ kind: 'flush' });
    h.stored();
    expect(h.metric('owned_parts')).toBe(0);
  });
});
