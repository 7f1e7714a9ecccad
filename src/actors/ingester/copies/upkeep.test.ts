import { describe, expect, it } from 'vitest';
import { copyOf, knows, parts, SELF, status, told, writeCopy } from '../../../../test/support/copies-steps.js';
import { Harness, messageOf } from '../../../../test/support/ingester-steps.js';
import { openEntries } from '../../../wire/entries.js';
import { fault } from '../../../wire/fault.js';
import type { Reply } from '../../../wire/message.js';

const HELD = (seq: number) => copyOf(seq, 'o');
const SILENCE: Reply = { kind: 'fault', fault: fault('timeout', 'nobody answered') };
const PROOF = (...seqs: readonly number[]) => [{ window: 0n, copies: parts('o', ...seqs) }];

/** Holds parts 1 and 2 of `o`, with `r` as another replica. */
function holder(down: ReadonlySet<string> = new Set(), copy = HELD): Harness {
  const h = new Harness(
    {},
    { per_stream_rate_limit: 1, per_stream_rate_limit_burst: 1 },
    undefined,
    (one) => !down.has(one),
  );
  writeCopy(h, copy(1), [[1, 'one']]);
  writeCopy(h, copy(2), [[2, 'two']]);
  return h;
}

describe('a holder whose owner is up', () => {
  it('asks it now and then, in one question, and drops what is stored', () => {
    const h = holder();
    h.after(59_000);
    expect(h.asks).toEqual([]);
    h.after(6000);
    expect(h.asks).toMatchObject([
      { to: 'ingester/o', message: { kind: 'batches.ask', batches: [{ ranges: [[1, 2]] }] } },
    ]);
    h.answer(status({ stored: parts('o', 1), owned: parts('o', 2) }));
    expect([h.metric('held_parts'), knows(h, parts('o', 1, 2))]).toEqual([
      1,
      { stored: parts('o', 1), owned: [], held: parts('o', 2) },
    ]);
    expect(h.truncated).toEqual([1]);
    h.after(55_000);
    expect(h.asks).toEqual([]);
    h.after(10_000);
    h.answer(status({ stored: parts('o', 2) }));
    expect([h.metric('held_parts'), h.truncated, h.finds]).toEqual([0, [1, 2], []]);
  });

  it('asks again soon when there was no answer, and never two questions at once', () => {
    const h = holder();
    h.after(65_000);
    h.after(60_000);
    expect(h.asks).toHaveLength(1);
    h.answer(SILENCE);
    expect(h.asks).toEqual([]);
    h.after(6000);
    expect([h.asks.length, h.metric('held_parts')]).toEqual([1, 2]);
  });

  it('that does not know a part asks all others, drops what the table of contents proves, and sends the rest again', () => {
    const h = holder();
    h.after(65_000);
    h.answer(status({}));
    expect([h.asks, h.finds]).toEqual([[], []]);
    h.after(6000);
    expect(h.asks.map(({ to }) => to).sort()).toEqual(['ingester/o', 'ingester/r']);
    h.answer(status({}));
    h.answer(status({ held: parts('o', 1, 2) }));
    expect(h.finds).toMatchObject([{ tenant: 'tenant' }]);
    expect(h.finds[0]!.range.start <= 1n && h.finds[0]!.range.end > 2n).toBe(true);
    h.found(PROOF(1));
    expect(h.metric('held_parts')).toBe(1);
    const { to, message } = h.asks[0]!;
    expect([to, message]).toMatchObject(['ingester/o', { kind: 'append', again: true, copy: HELD(2) }]);
    if (message.kind === 'append') expect(openEntries(message.batch).rows).toBe(1);
    h.answer({ kind: 'ok' });
    h.after(55_000);
    expect([h.asks, h.metric('held_parts'), h.metric('parts_resent_total')]).toEqual([[], 1, 1]);
  });

  it('learns that another replica has become the owner', () => {
    const h = holder();
    h.after(65_000);
    h.answer(status({ held: parts('o', 1, 2) }));
    h.after(6000);
    const fromR = h.asks.findIndex(({ to }) => to === 'ingester/r');
    h.answer(status(fromR === 0 ? { owned: parts('o', 1, 2) } : {}));
    h.answer(status(fromR === 0 ? {} : { owned: parts('o', 1, 2) }));
    expect(h.finds).toEqual([]);
    h.after(65_000);
    expect(h.asks.map(({ to }) => to)).toEqual(['ingester/r']);
  });

  it('keeps everything when the table of contents cannot be read', () => {
    const h = holder();
    h.after(65_000);
    h.answer(status({}));
    h.after(6000);
    h.answer(status({}));
    h.answer(status({}));
    h.found(null);
    expect([h.asks, h.metric('held_parts')]).toEqual([[], 2]);
    h.after(6000);
    expect(h.asks).toHaveLength(2);
  });

  it('sends only what is in windows without proof', () => {
    const h = new Harness({ objectWindowMs: 1 });
    writeCopy(h, HELD(1), [
      [1, 'one'],
      [1_500_000, 'later'],
    ]);
    h.after(65_000);
    h.answer(status({}));
    h.after(6000);
    h.answer(status({}));
    h.answer(status({}));
    h.found(PROOF(1));
    const { message } = h.asks[0]!;
    expect(message.kind === 'append' && [...openEntries(message.batch).times]).toEqual([1_500_000n]);
  });
});

describe('a holder whose owner is down', () => {
  it('waits, asks whoever may know, looks for proof, and takes over what has none, whatever the limits', () => {
    const down = new Set(['o']);
    const h = holder(down);
    h.after(29_000);
    expect(h.asks).toEqual([]);
    h.after(10_000);
    expect(h.answer(status({ held: parts('o', 1, 2) })).to).toBe('ingester/r');
    h.found(PROOF(1));
    expect([h.groups.length, h.rows()]).toEqual([1, []]);
    h.synced();
    expect([h.rows(), h.metric('held_parts'), h.metric('parts_taken_over_total')]).toEqual([['2 two {}'], 0, 1]);
    const owned = `batches.owned ${HELD(2).origin}:[[2,2]]`;
    expect(told(h)).toEqual([`ingester/o ${owned}`, `ingester/r ${owned}`]);
    expect(knows(h, parts('o', 1, 2))).toEqual({ stored: parts('o', 1), owned: parts('o', 2), held: [] });
  });

  it('leaves them to a replica that comes before it and holds them', () => {
    const later = (seq: number) => copyOf(seq, 'o', ['o', 'r', SELF]);
    const h = holder(new Set(['o']), later);
    h.after(40_000);
    h.answer(status({ held: parts('o', 1) }));
    expect(h.finds).toHaveLength(1);
    h.found([]);
    h.synced();
    expect(knows(h, parts('o', 1, 2))).toEqual({ stored: [], owned: parts('o', 2), held: parts('o', 1) });
  });

  it('waits for a replica before it that does not answer as long as that is up', () => {
    const down = new Set(['o']);
    const h = holder(down, (seq) => copyOf(seq, 'o', ['o', 'r', SELF]));
    h.after(40_000);
    h.answer(SILENCE);
    expect(h.finds).toEqual([]);
    down.add('r');
    h.after(6000);
    expect([h.asks, h.finds.length]).toEqual([[], 1]);
  });

  it('does not take over when the owner comes back in time', () => {
    const down = new Set(['o']);
    const h = holder(down);
    h.after(25_000);
    down.delete('o');
    h.after(10_000);
    down.add('o');
    h.after(25_000);
    expect([h.asks, h.finds]).toEqual([[], []]);
  });

  it('keeps a part that its disk refuses to take over, and tries again', () => {
    const h = holder(new Set(['o', 'r']));
    h.after(40_000);
    h.found([]);
    h.refused();
    expect([h.metric('held_parts'), told(h)]).toEqual([2, []]);
    h.after(6000);
    h.found([]);
    h.synced();
    expect([h.metric('held_parts'), h.rows()]).toEqual([0, ['1 one {}', '2 two {}']]);
  });

  it('has nothing to append for what was released meanwhile', () => {
    const h = holder(new Set(['o', 'r']));
    h.after(40_000);
    h.ask({ kind: 'batches.release', batches: parts('o', 1, 2) });
    h.found([]);
    expect([h.groups, h.metric('held_parts'), messageOf(h.ask({ kind: 'flush' }).reply)]).toEqual([[], 0, 'ok']);
  });
});

describe('a holder that leaves', () => {
  it('takes over at once what its owner, which is down, may not bring back, and goes when that is stored', () => {
    const h = holder(new Set(['o']));
    h.event({ kind: 'drain' });
    expect(h.answer(status({})).to).toBe('ingester/r');
    h.found(PROOF(1));
    h.synced();
    expect([h.rows(), h.isDrained]).toEqual([['2 two {}'], false]);
    h.stored();
    h.after(2000);
    expect([h.isDrained, h.metric('held_parts'), h.truncated.at(-1)]).toEqual([true, 0, 3]);
  });

  it('goes when the owner says that it has the parts, and keeps them in its log', () => {
    const h = holder();
    h.event({ kind: 'drain' });
    expect([h.asks.map(({ to }) => to).sort(), h.isDrained]).toEqual([['ingester/o', 'ingester/r'], false]);
    h.answer(status({ owned: parts('o', 1, 2) }));
    h.answer(status({ owned: parts('o', 1, 2) }));
    expect([h.isDrained, h.metric('held_parts')]).toEqual([true, 2]);
  });

  it('sends an owner the parts that this does not know, and does not go before it has them', () => {
    const h = holder();
    h.event({ kind: 'drain' });
    h.answer(status({}));
    h.answer(status({}));
    h.found(PROOF(1));
    expect([h.asks.map(({ message }) => message.kind), h.isDrained]).toEqual([['append'], false]);
    h.answer({ kind: 'ok' });
    h.after(1000);
    h.answer(status({ owned: parts('o', 2) }));
    h.answer(status({ owned: parts('o', 2) }));
    expect([h.isDrained, h.metric('held_parts')]).toEqual([true, 1]);
  });

  it('takes over what an owner has that does not answer, once that is known to be down', () => {
    const down = new Set<string>(['r']);
    const h = holder(down);
    h.event({ kind: 'drain' });
    h.answer(SILENCE);
    h.found([]);
    h.answer(SILENCE);
    h.answer(SILENCE);
    expect([h.groups, h.isDrained]).toEqual([[], false]);
    down.add('o');
    h.after(1000);
    h.found([]);
    h.synced();
    h.stored();
    h.after(1000);
    expect([h.isDrained, h.metric('held_parts')]).toEqual([true, 0]);
  });

  it('leaves parts to a replica that comes before it and says that it holds them', () => {
    const h = holder(new Set(['o']), (seq) => copyOf(seq, 'o', ['o', 'r', SELF]));
    h.event({ kind: 'drain' });
    h.answer(status({ held: parts('o', 1, 2) }));
    expect([h.finds, h.isDrained]).toEqual([[], true]);
  });

  it('asks about so many parts at a time as it may, until it has asked about all', () => {
    const h = new Harness({ heldAskPartsMax: 2 });
    for (let seq = 1; seq <= 5; seq++) writeCopy(h, HELD(seq), [[seq, 'held']]);
    h.event({ kind: 'drain' });
    const asked: number[] = [];
    while (h.asks.length > 0) {
      const { message } = h.answer(status({ owned: parts('o', 1, 2, 3, 4, 5) }));
      h.answer(status({}));
      if (message.kind === 'batches.ask') asked.push(message.batches[0]!.ranges[0]![0]);
    }
    expect([asked, h.isDrained, h.metric('held_parts')]).toEqual([[1, 3, 5], true, 5]);
  });

  it('does not count on a replica that does not answer', () => {
    const h = holder(new Set(['o']), (seq) => copyOf(seq, 'o', ['o', 'r', SELF]));
    h.event({ kind: 'drain' });
    h.answer(SILENCE);
    h.found([]);
    h.synced();
    expect([h.rows(), h.isDrained]).toEqual([['1 one {}', '2 two {}'], false]);
  });

  it('tries again while the table of contents cannot be read', () => {
    const h = holder(new Set(['o', 'r']));
    h.event({ kind: 'drain' });
    h.found(null);
    expect([h.finds, h.isDrained]).toEqual([[], false]);
    h.after(2000);
    h.found(PROOF(1, 2));
    h.after(2000);
    expect([h.isDrained, h.metric('held_parts')]).toEqual([true, 0]);
  });

  it('hears the answers to what it was asking before it sees to the rest', () => {
    const down = new Set<string>();
    const h = holder(down, (seq) => copyOf(seq, 'o', ['o', 'r', SELF]));
    h.after(65_000);
    down.add('o');
    h.event({ kind: 'drain' });
    expect([h.asks.length, h.isDrained]).toEqual([1, false]);
    h.answer(SILENCE);
    expect(h.asks.map(({ to }) => to)).toEqual(['ingester/r']);
    h.answer(status({}));
    h.found([]);
    h.synced();
    h.stored();
    h.after(2000);
    expect([h.isDrained, h.metric('held_parts')]).toEqual([true, 0]);
  });
});
