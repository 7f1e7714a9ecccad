import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../test/support/random.js';
import { SimScheduler } from '../../../test/support/sim-scheduler.js';
import { transferred } from '../../../test/support/transfer.js';
import type { Envelope } from '../../wire/envelope.js';
import { fault } from '../../wire/fault.js';
import type { Message, Reply } from '../../wire/message.js';
import type { LiveReadMessage } from '../../wire/messages/live.js';
import { LocalRouter } from './router-local.js';

const OK: Reply = { kind: 'ok' };
const HELLO: Message = { kind: 'worker.hello', incarnation: 1, scanSlots: 1, running: [] };

let clock: SimScheduler;
let trouble: string[];
let router: LocalRouter;

beforeEach(() => {
  clock = new SimScheduler(new SeededRandom(1), 0);
  trouble = [];
  router = new LocalRouter({
    clock,
    transfer: transferred,
    onTrouble: (what, address) => trouble.push(`${what} at ${address}`),
  });
});

const ready = (slots: number): Message => ({ kind: 'worker.ready', slots });
const ask = (message: Message = HELLO, timeoutMs = 1000, signal?: AbortSignal): Promise<Reply> =>
  router.ask('a', 'b', message, { timeoutMs, ...(signal ? { signal } : {}) });

/** Everything an address receives. */
function inbox(address: string): Envelope[] {
  const envelopes: Envelope[] = [];
  router.register(address, (envelope) => envelopes.push(envelope));
  return envelopes;
}

describe('telling', () => {
  it('delivers in order per receiver, whoever sends', async () => {
    const got = inbox('b');
    for (let i = 0; i < 100; i++) router.tell(i % 2 ? 'a' : 'c', 'b', ready(i));
    await clock.settle();
    expect(got.map(({ message }) => message)).toEqual(Array.from({ length: 100 }, (_, i) => ready(i)));
    expect(got.map(({ from }) => from).slice(0, 2)).toEqual(['c', 'a']);
  });

  it('never runs a handler inside the sender or inside another message of the same receiver', async () => {
    const order: string[] = [];
    router.register('b', ({ message }) => {
      order.push(`begin ${message.kind}`);
      if (message.kind === 'worker.hello') router.tell('b', 'b', ready(1));
      order.push(`end ${message.kind}`);
    });
    router.tell('a', 'b', HELLO);
    expect(order).toEqual([]);
    await clock.settle();
    expect(order).toEqual(['begin worker.hello', 'end worker.hello', 'begin worker.ready', 'end worker.ready']);
  });

  it('to nobody is lost without a word', async () => {
    router.tell('a', 'nobody', HELLO);
    await clock.settle();
    expect(trouble).toEqual([]);
  });

  it('drops and reports what does not fit into a mailbox, and delivers the rest', async () => {
    const got: Message[] = [];
    router.register('b', ({ message }) => got.push(message), 2);
    for (let i = 0; i < 3; i++) router.tell('a', 'b', ready(i));
    await clock.settle();
    router.tell('a', 'b', ready(3));
    await clock.settle();
    expect(got).toEqual([ready(0), ready(1), ready(3)]);
    expect(trouble).toEqual(['mailbox full at b']);
  });

  it('hands over a copy, not the message', async () => {
    const got = inbox('b');
    const message: LiveReadMessage = { kind: 'live.read', snapshot: 's', streams: Int32Array.of(1, 2) };
    router.tell('a', 'b', message);
    message.streams[0] = 9;
    await clock.settle();
    expect(got[0]!.message).toEqual({ kind: 'live.read', snapshot: 's', streams: Int32Array.of(1, 2) });
  });
});

describe('asking', () => {
  it('is answered with a copy of the reply', async () => {
    const names = ['x'];
    router.register('b', ({ ask: asked }) => asked?.reply({ kind: 'names', names }));
    const answered = ask();
    const reply = await answered;
    names.push('y');
    expect(reply).toEqual({ kind: 'names', names: ['x'] });
  });

  it('nobody is answered unavailable', async () => {
    expect(await ask()).toEqual({ kind: 'fault', fault: fault('unavailable', 'nobody answers at b') });
  });

  it('a full mailbox is answered limited', async () => {
    router.register('b', ({ ask: asked }) => asked?.reply(OK), 1);
    expect(await Promise.all([ask(), ask()])).toEqual([
      OK,
      { kind: 'fault', fault: fault('limited', 'b has too many messages waiting') },
    ]);
  });

  it('a handler that throws is answered with the error, and those behind it are served', async () => {
    router.register('b', ({ message, ask: asked }) => {
      if (message.kind === 'worker.hello') throw new Error('boom');
      asked?.reply(OK);
    });
    const [first, second] = await Promise.all([ask(), ask(ready(1))]);
    expect(first).toMatchObject({ kind: 'fault', fault: { code: 'internal', message: 'boom' } });
    expect(second).toEqual(OK);
    expect(await ask(ready(2))).toEqual(OK);
    expect(trouble).toEqual(['handler threw at b']);
  });

  it('without a reply times out, and a late reply changes nothing', async () => {
    const got = inbox('b');
    const answered = ask(HELLO, 50);
    await clock.advance(50);
    const reply = { kind: 'fault', fault: fault('timeout', 'b did not answer worker.hello within 50 ms') };
    expect(await answered).toEqual(reply);
    got[0]!.ask!.reply(OK);
    expect(await answered).toEqual(reply);
  });

  it('ends with the first reply; a second one and the time running out change nothing', async () => {
    const got = inbox('b');
    const answered = ask(HELLO, 50);
    await clock.settle();
    got[0]!.ask!.reply(OK);
    got[0]!.ask!.reply({ kind: 'names', names: [] });
    await clock.advance(100);
    expect(await answered).toEqual(OK);
  });

  it('ends when the caller aborts, and a late reply changes nothing', async () => {
    const got = inbox('b');
    const abort = new AbortController();
    const answered = ask(HELLO, 50, abort.signal);
    await clock.settle();
    abort.abort();
    got[0]!.ask!.reply(OK);
    expect(await answered).toMatchObject({ kind: 'fault', fault: { code: 'cancelled' } });
  });

  it('on behalf of a caller who has left sends nothing', async () => {
    const got = inbox('b');
    expect(await ask(HELLO, 50, AbortSignal.abort())).toMatchObject({ kind: 'fault', fault: { code: 'cancelled' } });
    await clock.settle();
    expect(got).toEqual([]);
  });

  it('leaves neither timer nor listener behind', async () => {
    let timers = 0;
    const counting = {
      now: () => clock.now(),
      monotonicMs: () => clock.monotonicMs(),
      after: (delayMs: number, task: () => void) => {
        timers++;
        const cancel = clock.after(delayMs, task);
        return () => {
          timers--;
          cancel();
        };
      },
    };
    const own = new LocalRouter({ clock: counting });
    own.register('b', ({ ask: asked }) => asked?.reply(OK));
    const abort = new AbortController();
    await own.ask('a', 'b', HELLO, { timeoutMs: 50, signal: abort.signal });
    expect(timers).toBe(0);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });
});

describe('an address', () => {
  it('belongs to one actor at a time', () => {
    const release = router.register('b', () => {});
    expect(() => router.register('b', () => {})).toThrow('address is taken: b');
    release();
    router.register('b', () => {});
  });

  it('is not taken away by its former owner', async () => {
    const release = router.register('b', () => {});
    release();
    const got = inbox('b');
    release();
    router.tell('a', 'b', HELLO);
    await clock.settle();
    expect(got).toHaveLength(1);
  });
});
