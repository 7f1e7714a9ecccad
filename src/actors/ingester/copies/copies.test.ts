import { describe, expect, it } from 'vitest';
import {
  appendCopy,
  copyOf,
  knows,
  parts,
  SELF,
  status,
  told,
  writeCopy,
} from '../../../../test/support/copies-steps.js';
import { A, EVERYTHING, Harness, messageOf, NOTHING, readRows } from '../../../../test/support/ingester-steps.js';
import { decodeCopyHead } from '../../../storage/wal/copy-head.js';
import { openEntries } from '../../../wire/entries.js';

const OK = { kind: 'ok' };
const OWN = (seq: number) => copyOf(seq, SELF, [SELF, 'a', 'b']);
const HELD = (seq: number) => copyOf(seq, 'o');

function heldRows(h: Harness, ...owners: string[]): string[] {
  const query = `q ${owners}`;
  const { reply } = h.ask({
    kind: 'live.resolve',
    tenant: 'tenant',
    range: EVERYTHING,
    matchers: [],
    query,
    heldOf: owners,
  });
  if (reply?.kind !== 'live') throw new Error(JSON.stringify(reply));
  const streams = [0];
  return reply.snapshot.memtables
    .filter(({ fromSeq }) => fromSeq === 0)
    .flatMap(({ snapshot }) => readRows(h.read(snapshot, streams)));
}

describe('a part this instance owns', () => {
  it('is let in, seen by queries, and told released to its replicas once an object has it', () => {
    const h = new Harness();
    expect(writeCopy(h, OWN(1), [[1, 'one']])).toEqual(OK);
    expect(writeCopy(h, OWN(2), [[2, 'two']])).toEqual(OK);
    expect(h.rows()).toEqual(['1 one {}', '2 two {}']);
    expect(knows(h, parts(SELF, 1, 2, 3))).toEqual({
      stored: [],
      owned: [{ ...parts(SELF)[0], ranges: [[1, 2]] }],
      held: [],
    });
    h.ask({ kind: 'flush' });
    expect(told(h)).toEqual([]);
    expect(h.stored().input.source.copies).toEqual([{ ...parts(SELF)[0], ranges: [[1, 2]] }]);
    const release = `batches.release ${OWN(1).origin}:[[1,2]]`;
    expect(told(h)).toEqual([`ingester/a ${release}`, `ingester/b ${release}`]);
    expect(knows(h, parts(SELF, 1, 3)).stored).toEqual(parts(SELF, 1));
  });

  it('is written to the log with its name', () => {
    const h = new Harness();
    appendCopy(h, OWN(7), [[1, 'one']]);
    const { head, payload } = h.groups[0]!.records[0]!;
    expect(decodeCopyHead(head!)!.copy).toEqual(OWN(7));
    expect(openEntries(payload.buffer as SharedArrayBuffer).rows).toBe(1);
  });

  it('that comes again is answered without another record, in memory, in the same group, and stored', () => {
    const h = new Harness();
    const [first, second] = [appendCopy(h, OWN(1), [[1, 'one']]), appendCopy(h, OWN(1), [[1, 'one']])];
    const third = appendCopy(h, OWN(1), [[1, 'one']]);
    expect([h.groups.length, second.reply]).toEqual([1, null]);
    h.synced();
    expect([first.reply, second.reply, third.reply, h.groups]).toEqual([OK, OK, OK, []]);
    h.ask({ kind: 'flush' });
    h.stored();
    expect(writeCopy(h, OWN(1), [[1, 'one']])).toEqual(OK);
    expect([h.groups, h.rows()]).toEqual([[], []]);
  });

  it('that the disk refused is unknown, and may come again', () => {
    const h = new Harness();
    const refused = appendCopy(h, OWN(1), [[1, 'one']]);
    h.refused();
    expect(messageOf(refused.reply)).toMatch(/^storage-full/);
    expect(knows(h, parts(SELF, 1)).owned).toEqual([]);
    expect(writeCopy(h, OWN(1), [[1, 'one']])).toEqual(OK);
    expect(h.rows()).toEqual(['1 one {}']);
  });

  it('with nothing new is released when all that was in memory before it is stored', () => {
    const h = new Harness();
    writeCopy(h, OWN(1), [[1, 'one']]);
    h.ask({ kind: 'flush' });
    writeCopy(h, OWN(2), [[1, 'one']]);
    expect(h.metric('owned_parts')).toBe(2);
    h.stored();
    expect(knows(h, parts(SELF, 1, 2)).stored).toEqual([{ ...parts(SELF)[0], ranges: [[1, 2]] }]);
    expect([h.metric('owned_parts'), h.metric('parts_stored_total')]).toEqual([0, 2]);
  });

  it('that limits refuse is held by nobody for ever', () => {
    const h = new Harness({}, { per_stream_rate_limit: 1, per_stream_rate_limit_burst: 1 });
    expect(messageOf(writeCopy(h, OWN(1), [[1, 'too long']]))).toMatch(/^limited/);
    expect(h.groups).toEqual([]);
    expect(told(h)).toEqual([
      `ingester/a batches.release ${OWN(1).origin}:[[1,1]]`,
      `ingester/b batches.release ${OWN(1).origin}:[[1,1]]`,
    ]);
  });

  it('that a holder sends again has been let in before', () => {
    const h = new Harness({}, { per_stream_rate_limit: 1, per_stream_rate_limit_burst: 1 });
    expect(writeCopy(h, OWN(1), [[1, 'too long']], { again: true })).toEqual(OK);
    expect(h.rows()).toEqual(['1 too long {}']);
  });

  it('is named by every object of its tenant and memtable, so that each of its windows lists it', () => {
    const h = new Harness({ objectWindowMs: 1 });
    writeCopy(h, OWN(1), [[1, 'one']]);
    writeCopy(h, OWN(3), [
      [2, 'two'],
      [1_500_000, 'later'],
    ]);
    h.ask({ kind: 'flush' });
    const copies = parts(SELF, 1, 3);
    expect(h.stored().input.source).toMatchObject({ copies });
    expect(told(h)).toEqual([]);
    expect(h.stored().input.source).toMatchObject({ copies });
    expect(told(h)).toHaveLength(2);
  });
});

describe('a part held for another instance', () => {
  it('is durable before it is answered, and in no memtable', () => {
    const h = new Harness({}, { per_stream_rate_limit: 1, per_stream_rate_limit_burst: 1 });
    const asked = appendCopy(h, HELD(1), [[1, 'one']]);
    expect([asked.reply, h.metric('held_parts')]).toEqual([null, 0]);
    expect(h.synced()).toEqual([{ [A]: ['1 one {}'] }]);
    expect([asked.reply, h.rows(), h.metric('held_parts')]).toEqual([OK, [], 1]);
    expect(knows(h, parts('o', 1, 2)).held).toEqual(parts('o', 1));
    expect(h.metric('held_bytes')).toBe(h.metric('memory_bytes'));
  });

  it('is held once, however often it comes, and not at all when the disk refuses it', () => {
    const h = new Harness();
    appendCopy(h, HELD(1), [[1, 'one']]);
    h.refused();
    expect(knows(h, parts('o', 1)).held).toEqual([]);
    const [first, second] = [appendCopy(h, HELD(1), [[1, 'one']]), appendCopy(h, HELD(1), [[1, 'one']])];
    h.synced();
    expect([first.reply, second.reply, h.groups, h.metric('held_parts')]).toEqual([OK, OK, [], 1]);
    expect(writeCopy(h, HELD(1), [[1, 'one']])).toEqual(OK);
    expect(h.groups).toEqual([]);
  });

  it('is refused like any other when it makes no sense, has no room, or comes too late', () => {
    const h = new Harness({ memoryBytesMax: 4000 });
    const nonsense = { kind: 'append', batch: new SharedArrayBuffer(3), copy: HELD(1) } as const;
    expect(messageOf(h.ask(nonsense).reply)).toMatch(/^bad-request/);
    expect(messageOf(writeCopy(h, { ...HELD(1), origin: 'x'.repeat(2000) }, [[1, 'x']]))).toMatch(/^bad-request/);
    expect(writeCopy(h, HELD(1), [[1, 'one']])).toEqual(OK);
    expect(messageOf(writeCopy(h, HELD(2), [[1, 'one']]))).toMatch(/^unavailable/);
    h.event({ kind: 'drain' });
    expect(messageOf(writeCopy(h, HELD(3), [[1, 'one']]))).toMatch(/^unavailable/);
  });

  it('keeps the log from its record on, until it is released', () => {
    const h = new Harness();
    h.write({ [A]: [[1, 'own']] });
    writeCopy(h, HELD(1), [[2, 'held']]);
    h.write({ [A]: [[3, 'own too']] });
    h.ask({ kind: 'flush' });
    h.stored();
    expect(h.truncated).toEqual([1]);
    h.ask({ kind: 'batches.release', batches: parts('o', 1) });
    expect([h.truncated, h.metric('held_parts')]).toEqual([[1, 3], 0]);
    expect(h.metric('memory_bytes')).toBe(0);
  });

  it('released before it came is not held when it comes', () => {
    const h = new Harness();
    const waiting = appendCopy(h, HELD(1), [[1, 'one']]);
    h.ask({ kind: 'batches.release', batches: parts('o', 1, 2) });
    h.synced();
    expect([waiting.reply, h.metric('held_parts')]).toEqual([OK, 0]);
    expect(writeCopy(h, HELD(2), [[2, 'two']])).toEqual(OK);
    expect(h.groups).toEqual([]);
  });

  it('stays in the log when the process stops', () => {
    const h = new Harness();
    writeCopy(h, HELD(1), [[2, 'held']]);
    h.write({ [A]: [[3, 'own']] });
    h.event({ kind: 'drain' });
    h.stored();
    h.answer(status({ owned: parts('o', 1) }));
    h.answer(status({ held: parts('o', 1) }));
    expect([h.isDrained, h.truncated.at(-1)]).toEqual([true, 0]);
  });

  it('is told to whoever asks a question, and shown to those who miss its owner', () => {
    const h = new Harness();
    h.write({ [A]: [[1, 'own']] });
    writeCopy(h, HELD(1), [[2, 'held']]);
    writeCopy(h, HELD(2), [
      [2, 'held'],
      [3, 'more'],
    ]);
    expect(h.live().holdsOf).toEqual(['o', 'r']);
    expect(h.live('other').holdsOf).toBeUndefined();
    const range = { start: 60_000_000_000n, end: 61_000_000_000n };
    const later = h.ask({ kind: 'live.resolve', tenant: 'tenant', range, matchers: [], query: 'later' }).reply;
    expect(later).toMatchObject({ kind: 'live', snapshot: { memtables: [] } });
    expect(later).not.toHaveProperty('snapshot.holdsOf');
    expect(h.rows()).toEqual(['1 own {}']);
    expect(heldRows(h, 'o', 'nobody')).toEqual(['2 held {}', '3 more {}']);
    expect(heldRows(h, 'nobody')).toEqual([]);
  });

  it('is in a memtable that no object ever covers', () => {
    const h = new Harness();
    writeCopy(h, HELD(1), [[2, 'held']]);
    const asked = {
      kind: 'live.resolve',
      tenant: 'tenant',
      range: EVERYTHING,
      matchers: [],
      query: 'q',
      heldOf: ['o'],
    } as const;
    expect(h.ask(asked).reply).toMatchObject({
      snapshot: { memtables: [{ held: 'ingester-0 o r', fromSeq: 0, toSeq: Number.MAX_SAFE_INTEGER, rows: 1 }] },
    });
  });

  it('stays readable for a query that named it, whatever becomes of it, and joins what later ones see', () => {
    const h = new Harness();
    writeCopy(h, HELD(1), [[2, 'held']]);
    const asked = { kind: 'live.resolve', tenant: 'tenant', range: EVERYTHING, matchers: [], heldOf: ['o'] } as const;
    const resolved = (query: string): string => {
      const { reply } = h.ask({ ...asked, query });
      return reply?.kind === 'live' ? reply.snapshot.memtables[0]!.snapshot : '';
    };
    const first = resolved('first');
    writeCopy(h, HELD(2), [[3, 'later']]);
    const second = resolved('second');
    h.ask({ kind: 'batches.release', batches: parts('o', 1) });
    const third = resolved('third');
    const rows = (snapshot: string) => readRows(h.read(snapshot, [0]));
    expect([rows(first), rows(second), rows(third)]).toEqual([
      ['2 held {}'],
      ['2 held {}', '3 later {}'],
      ['3 later {}'],
    ]);
    h.ask({ kind: 'batches.release', batches: parts('o', 2) });
    expect([rows(third), h.metric('memory_bytes') > 0]).toEqual([['3 later {}'], true]);
    for (const query of ['first', 'second', 'third']) h.ask({ kind: 'live.release', query });
    expect(h.metric('memory_bytes')).toBe(0);
  });
});

describe('a holder that is made the owner', () => {
  it('answers once that is durable, tells the others, and shows and stores the part as its own', () => {
    const h = new Harness({}, { per_stream_rate_limit: 1, per_stream_rate_limit_burst: 1 });
    writeCopy(h, HELD(1), [[1, 'held']]);
    const asked = h.ask({ kind: 'append.own', origin: HELD(1).origin, seq: 1 });
    expect([asked.reply, h.rows(), told(h)]).toEqual([null, [], []]);
    expect(decodeCopyHead(h.groups[0]!.records[0]!.head!)!.copy).toEqual({ ...HELD(1), owner: SELF });
    h.synced();
    expect([asked.reply, h.rows(), h.metric('held_parts')]).toEqual([OK, ['1 held {}'], 0]);
    const owned = `batches.owned ${HELD(1).origin}:[[1,1]]`;
    expect(told(h)).toEqual([`ingester/o ${owned}`, `ingester/r ${owned}`]);
    expect(heldRows(h, 'o')).toEqual([]);
    h.ask({ kind: 'flush' });
    expect(h.stored().input.source.copies).toEqual(parts('o', 1));
    expect(told(h)).toHaveLength(2);
  });

  it('says so again when it is asked again, and not-found when it holds no such part', () => {
    const h = new Harness();
    const own = (seq: number) => h.ask({ kind: 'append.own', origin: HELD(1).origin, seq });
    expect(messageOf(own(1).reply)).toMatch(/^not-found/);
    writeCopy(h, HELD(1), [[1, 'held']]);
    const [first, second] = [own(1), own(1)];
    h.synced();
    expect([first.reply, second.reply, own(1).reply, h.groups]).toEqual([OK, OK, OK, []]);
    h.ask({ kind: 'flush' });
    h.stored();
    expect(own(1).reply).toEqual(OK);
  });

  it('is still the holder when its disk refuses', () => {
    const h = new Harness();
    writeCopy(h, HELD(1), [[1, 'held']]);
    const asked = h.ask({ kind: 'append.own', origin: HELD(1).origin, seq: 1 });
    h.refused();
    expect(messageOf(asked.reply)).toMatch(/^storage-full/);
    expect(knows(h, parts('o', 1)).held).toEqual(parts('o', 1));
  });

  it('is told to followers then, not when it takes over what the owner has told already', () => {
    const h = new Harness();
    h.ask({ kind: 'tail.subscribe', tenant: 'tenant', matchers: [], subscriber: 'tailer/1' });
    writeCopy(h, HELD(1), [[1, 'held']]);
    expect(h.told).toEqual([]);
    h.ask({ kind: 'append.own', origin: HELD(1).origin, seq: 1 });
    h.synced();
    expect(h.told.filter(({ message }) => message.kind === 'tail.data')).toHaveLength(1);
    h.told.splice(0);
    writeCopy(h, OWN(1), [[2, 'lost']], { again: true });
    expect(h.told.filter(({ message }) => message.kind === 'tail.data')).toHaveLength(0);
  });
});

describe('a holder that hears of another owner', () => {
  it('asks that one about the part, and shows it to those who miss any that it was sent to', () => {
    const h = new Harness({}, {}, undefined, (instance) => instance !== 'o');
    writeCopy(h, HELD(1), [[1, 'held']]);
    h.ask({ kind: 'batches.owned', owner: 'r', batches: parts('o', 1, 9) });
    expect([h.live().holdsOf, heldRows(h, 'o'), heldRows(h, 'r')]).toEqual([['o', 'r'], ['1 held {}'], ['1 held {}']]);
    h.after(59_000);
    expect(h.asks).toEqual([]);
    h.after(10_000);
    expect(h.answer(status({ owned: parts('o', 1) })).to).toBe('ingester/r');
  });
});

describe('an instance that is full of what it holds', () => {
  const SMALL = { memoryBytesMax: 30_000 };
  const fill = (h: Harness): number => {
    for (let seq = 1; seq < 100; seq++) {
      if (writeCopy(h, copyOf(seq, 'o'), [[seq, `held ${seq}`]])?.kind !== 'ok') return seq;
    }
    return 100;
  };

  it('holds no more, and takes what it is to own all the same, so that none waits for another for ever', () => {
    const h = new Harness(SMALL);
    expect(fill(h)).toBeLessThan(12);
    expect(writeCopy(h, copyOf(500, SELF), [[500, 'own']], { again: true })).toEqual({ kind: 'ok' });
    expect(writeCopy(h, copyOf(501, SELF), [[501, 'own too']])).toEqual({ kind: 'ok' });
  });
});

describe('an instance whose log was damaged', () => {
  const live = (h: Harness) => {
    const { reply } = h.ask({ kind: 'live.resolve', tenant: 'tenant', range: EVERYTHING, matchers: [], query: 'q' });
    return reply?.kind === 'live' && reply.snapshot.doubtful;
  };
  const isDamaged = (h: Harness) => {
    const { reply } = h.ask({ kind: 'live.resolve', tenant: 'tenant', range: EVERYTHING, matchers: [], query: 'q' });
    return reply?.kind === 'live' && reply.snapshot.damaged;
  };

  it('says that it may lack parts until holders must have asked about them', () => {
    const h = new Harness({}, {}, { ...NOTHING, isDoubtful: true });
    expect(live(h)).toBe(true);
    h.after(60_000);
    expect([live(h), h.trusted]).toEqual([true, 0]);
    h.after(20_000);
    expect([live(h), h.trusted]).toEqual([undefined, 1]);
    expect(live(new Harness())).toBe(undefined);
  });

  it('tells damage from being new', () => {
    expect(isDamaged(new Harness({}, {}, { ...NOTHING, isDoubtful: true }))).toBe(undefined);
    const h = new Harness({}, {}, { ...NOTHING, isDoubtful: true, isDamaged: true });
    expect(isDamaged(h)).toBe(true);
    h.after(80_000);
    expect(isDamaged(h)).toBe(undefined);
  });
});
