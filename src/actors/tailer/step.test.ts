import { describe, expect, it } from 'vitest';
import { fault } from '../../wire/fault.js';
import type { Reply } from '../../wire/message.js';
import type { TailData } from '../../wire/messages/following.js';
import type { StreamResult } from '../../wire/query.js';
import { DEFAULT_TAILER_SETTINGS, type TailerSettings } from './settings.js';
import { initialTail, type TailEffect, type TailEvent } from './state.js';
import { step, wakeMs } from './step.js';

const SETTINGS: TailerSettings = { ...DEFAULT_TAILER_SETTINGS, ingesters: () => ['ingester/0'], querier: 'querier/0' };
const HISTORY = { range: { start: 0n, end: 100n }, throughSeq: new Map([['0', 5]]) };

function entry(time: number): StreamResult {
  return { labels: [], entries: [{ time: BigInt(time), line: String(time) }] };
}

function data(bytes = 1, dropped: TailData['dropped'] = [], number = 0): TailData {
  const batch = { batch: new SharedArrayBuffer(0), runs: Int32Array.of(0, 1, 0), seq: 1 };
  return {
    kind: 'tail.data',
    ingester: '0',
    number,
    batches: bytes > 0 ? [batch] : [],
    labels: [[]],
    bytes,
    dropped,
  };
}

class Tail {
  now = 0;
  readonly state;
  evaluations: Extract<TailEffect, { kind: 'evaluate' }>[] = [];
  credits: number[] = [];
  renewals = 0;
  watches = 0;
  reads: (bigint | undefined)[] = [];
  ends = 0;

  constructor(settings: Partial<TailerSettings> = {}, delayMs = 0) {
    this.state = initialTail({ ...SETTINGS, ...settings }, delayMs, 0);
  }

  event(event: TailEvent): void {
    for (const effect of step(this.state, event, this.now)) {
      if (effect.kind === 'reply') effect.to(effect.reply);
      else if (effect.kind === 'evaluate') this.evaluations.push(effect);
      else if (effect.kind === 'credit') this.credits.push(effect.bytes);
      else if (effect.kind === 'renew') this.renewals++;
      else if (effect.kind === 'watch') this.watches++;
      else if (effect.kind === 'read.missed') this.reads.push(effect.after);
      else this.ends++;
    }
  }

  history(...times: number[]): this {
    this.event({ kind: 'history', history: HISTORY, streams: times.map(entry) });
    return this;
  }

  data(message = data()): void {
    this.event({ kind: 'data', message });
  }

  /** The query's rows of the batches that were looked at. */
  evaluated(...times: number[]): void {
    const { chunk } = this.evaluations.shift()!;
    this.event({ kind: 'evaluated', streams: times.map(entry), chunk });
  }

  ask(): { reply: Reply | null } {
    const asked: { reply: Reply | null } = { reply: null };
    this.event({ kind: 'next', reply: (reply) => Object.assign(asked, { reply }) });
    return asked;
  }

  /** Lets time pass, with the timer. */
  after(ms: number): void {
    for (const end = this.now + ms; ; ) {
      const wake = wakeMs(this.state);
      if (wake > end) {
        this.now = end;
        return;
      }
      expect(wake).toBeGreaterThanOrEqual(this.now);
      this.now = wake;
      this.event({ kind: 'timer' });
      expect(wakeMs(this.state)).toBeGreaterThan(this.now);
    }
  }
}

function linesOf({ reply }: { reply: Reply | null }): string[] | string | null {
  if (reply?.kind === 'fault') return reply.fault.message;
  return reply?.kind === 'tail.frame' ? reply.frame.streams.map(({ entries }) => entries[0]!.line) : null;
}

describe('a tail', () => {
  it('sends the past first, and looks at nothing new before it is known', () => {
    const tail = new Tail();
    const asked = tail.ask();
    tail.data();
    expect([tail.evaluations.length, linesOf(asked)]).toEqual([0, null]);
    tail.history(1, 2);
    expect(linesOf(asked)).toEqual(['1', '2']);
    expect(tail.evaluations).toMatchObject([{ history: HISTORY, messages: [{ bytes: 1 }] }]);
    tail.evaluated(3);
    expect(linesOf(tail.ask())).toEqual(['3']);
  });

  it('looks at what came within a moment together, one thing at a time', () => {
    const tail = new Tail({ gatherMs: 50 }).history();
    tail.data();
    tail.data();
    tail.data();
    expect(tail.evaluations).toHaveLength(1);
    tail.evaluated();
    expect(tail.evaluations).toHaveLength(0);
    tail.after(50);
    expect(tail.evaluations).toMatchObject([{ messages: [{}, {}] }]);
  });

  it('looks at no more at once than it may, and at least at one thing', () => {
    const tail = new Tail({ gatherMs: 0, evaluatedBytesMax: 10 });
    for (const bytes of [50, 4, 4, 4, 4]) tail.data(data(bytes));
    tail.history();
    const taken: number[] = [];
    while (tail.evaluations.length > 0) {
      taken.push(tail.evaluations[0]!.messages.length);
      tail.evaluated();
    }
    expect(taken).toEqual([1, 3, 1]);
  });

  it('sends at most so many entries at once', () => {
    const tail = new Tail({ frameEntriesMax: 2 }).history(1, 2, 3);
    expect([linesOf(tail.ask()), linesOf(tail.ask()), linesOf(tail.ask())]).toEqual([['1', '2'], ['3'], null]);
  });

  it('gives batches back when all of their entries have gone, or there were none', () => {
    const tail = new Tail({ frameEntriesMax: 2, gatherMs: 0 }).history();
    tail.data(data(7));
    tail.evaluated(1, 2, 3);
    tail.ask();
    expect(tail.credits).toEqual([]);
    tail.ask();
    expect(tail.credits).toEqual([7]);
    tail.data(data(8));
    tail.evaluated();
    expect(tail.credits).toEqual([7, 8]);
  });

  it('looks at nothing more while its reader is behind', () => {
    const tail = new Tail({ readyEntriesMax: 2, gatherMs: 0 }).history(1, 2);
    tail.data();
    expect(tail.evaluations).toHaveLength(0);
    tail.ask();
    expect(tail.evaluations).toHaveLength(1);
  });

  it('tells what was dropped, as much of it as it keeps', () => {
    const tail = new Tail({ droppedMax: 2 }).history();
    const dropped = [1n, 2n, 3n].map((time) => ({ time, labels: [] }));
    tail.data(data(0, dropped));
    expect(tail.ask().reply).toMatchObject({ frame: { streams: [], dropped: dropped.slice(0, 2) } });
  });

  it('holds entries for the delay; older ones that come meanwhile go before them', () => {
    const tail = new Tail({ gatherMs: 0 }, 1000).history();
    const asked = tail.ask();
    tail.data();
    tail.evaluated(10, 12);
    tail.after(600);
    tail.data();
    tail.evaluated(11, 13);
    tail.after(399);
    expect(linesOf(asked)).toBe(null);
    tail.after(1);
    expect(linesOf(asked)).toEqual(['10', '11', '12']);
    const next = tail.ask();
    tail.after(599);
    expect(linesOf(next)).toBe(null);
    tail.after(1);
    expect(linesOf(next)).toEqual(['13']);
  });

  it('answers with nothing now and then, and the older of two questions at once', () => {
    const tail = new Tail({ pollMs: 1000 }).history();
    const first = tail.ask();
    const second = tail.ask();
    expect(linesOf(first)).toEqual([]);
    tail.after(999);
    expect(linesOf(second)).toBe(null);
    tail.after(1);
    expect(linesOf(second)).toEqual([]);
  });

  it('renews its subscriptions for as long as it is read', () => {
    const tail = new Tail({ renewMs: 10_000, pollMs: 3000 }).history();
    for (let i = 0; i < 10; i++) {
      tail.ask();
      tail.after(3000);
    }
    expect(tail.renewals).toBe(3);
  });

  it('ends when nobody asks, when it is closed, and after the longest time, once', () => {
    const left = new Tail({ leaseMs: 5000 }).history();
    left.after(4999);
    expect(left.ends).toBe(0);
    left.after(1);
    expect(left.ends).toBe(1);

    const closed = new Tail().history();
    closed.event({ kind: 'closed' });
    closed.event({ kind: 'closed' });
    expect([closed.ends, wakeMs(closed.state)]).toEqual([1, Number.POSITIVE_INFINITY]);

    const long = new Tail({ maxDurationMs: 5000, pollMs: 60_000 }).history();
    const asked = long.ask();
    long.after(5000);
    expect([linesOf(asked), linesOf(long.ask()), long.ends]).toEqual([
      ...['reached tail max duration limit', 'reached tail max duration limit', 1],
    ]);
  });

  it('ends with what went wrong, and forgets what it held', () => {
    const tail = new Tail().history(1, 2);
    tail.event({ kind: 'failed', fault: fault('internal', 'broken') });
    expect(linesOf(tail.ask())).toBe('broken');
    tail.data();
    expect(tail.state).toMatchObject({ waiting: [], held: [], ready: [] });
  });
});

describe('where entries have copies', () => {
  const many = { rowsRemembered: 100 };
  const times = ({ reply }: { reply: Reply | null }): string[] =>
    reply?.kind === 'tail.frame' ? reply.frame.streams.map(({ entries: [one] }) => one!.line) : ['nothing'];

  it('a row comes once, whether of the past, of one ingester or of two', () => {
    const tail = new Tail(many).history(1, 2);
    expect(times(tail.ask())).toEqual(['1', '2']);
    tail.data();
    tail.evaluated(2, 3);
    expect(times(tail.ask())).toEqual(['3']);
    tail.data({ ...data(), ingester: '1' });
    tail.after(100);
    tail.evaluated(3, 4);
    expect(times(tail.ask())).toEqual(['4']);
  });

  it('what was looked at is given back although all of it had been there', () => {
    const tail = new Tail(many).history(1);
    tail.data(data(7));
    tail.evaluated(1);
    expect(tail.credits).toEqual([7]);
  });

  it('a message that is lost is missed when the next one comes, and what it had is read', () => {
    const tail = new Tail(many).history(1);
    expect(times(tail.ask())).toEqual(['1']);
    tail.data(data(1, [], 0));
    tail.evaluated(2);
    expect(times(tail.ask())).toEqual(['2']);
    expect(tail.reads).toEqual([]);
    tail.data(data(1, [], 2));
    tail.data(data(1, [], 4));
    expect(tail.reads).toEqual([undefined]);
    tail.event({ kind: 'missed', streams: [1, 2, 3, 4].map(entry) });
    expect(times(tail.ask())).toEqual(['3', '4']);
    // The second gap was seen while the first was read.
    expect(tail.reads).toHaveLength(2);
    tail.event({ kind: 'missed', streams: [4, 5].map(entry) });
    expect(times(tail.ask())).toEqual(['5']);
    tail.data(data(1, [], 5));
    expect(tail.reads).toHaveLength(2);
  });

  it('an ingester that counts from the beginning again has started anew: something may have been missed', () => {
    const tail = new Tail(many).history();
    tail.data(data(1, [], 0));
    tail.data(data(1, [], 0));
    expect(tail.reads).toEqual([undefined]);
  });

  it('what was missed before the past was there is in the past', () => {
    const tail = new Tail(many);
    tail.event({ kind: 'subscribed' });
    expect(tail.reads).toEqual([]);
    tail.history(1);
    expect(tail.reads).toEqual([undefined]);
  });

  it('nothing is read again from a time of which rows are forgotten', () => {
    const tail = new Tail({ rowsRemembered: 2 }).history(1, 2, 3);
    tail.event({ kind: 'subscribed' });
    expect(tail.reads).toEqual([1n]);
  });

  it('it is looked for new ingesters now and then', () => {
    const tail = new Tail({ ...many, watchMs: 1000 }).history();
    tail.after(3000);
    expect(tail.watches).toBe(3);
  });
});
