import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamClosed, StreamCredit, StreamData, StreamProbe } from '../../wire/messages/stream.js';
import { newReceiver, type ReceiverEvent, stepReceiver } from './receiver.js';
import { newSender, type SenderEnding, type SenderEvent, STREAM_WINDOW_FRAMES, stepSender } from './sender.js';

type Forward = StreamData | StreamProbe | StreamClosed;

const ATTEMPT = 2;

/** Both ends of a stream, joined by two channels on which the test decides what happens to every message. */
class Channel {
  readonly delivered: number[] = [];
  readonly forward: Forward[] = [];
  readonly back: StreamCredit[] = [];
  readonly overs: SenderEnding[] = [];
  closings = 0;
  rooms = 0;
  untaken = 0;
  readonly sender = newSender({ stream: 's', attempt: ATTEMPT, floor: ATTEMPT, receiver: 'stream/s' });
  readonly #receiver = newReceiver('s');

  send(event: SenderEvent): void {
    for (const effect of stepSender(this.sender, event)) {
      if (effect.kind === 'room') this.rooms++;
      else if (effect.kind === 'send') this.forward.push(effect.message);
      else this.overs.push(effect.why);
    }
  }

  receive(event: ReceiverEvent): void {
    for (const effect of stepReceiver(this.#receiver, event)) {
      if (effect.kind === 'deliver') {
        this.delivered.push(effect.frame[0]!);
        this.untaken++;
      } else if (effect.kind === 'credit') this.back.push(effect.message);
      else this.closings++;
    }
  }

  carry(message: Forward | undefined): void {
    if (message) this.receive({ kind: 'message', from: 'stream/s.sender', message });
  }

  credit(message: StreamCredit | undefined): void {
    if (message) this.send({ kind: 'credit', credit: message });
  }

  take(): void {
    if (this.untaken === 0) return;
    this.untaken--;
    this.receive({ kind: 'taken' });
  }
}

type Action =
  | 'offer'
  | 'carry'
  | 'carry the last'
  | 'carry twice'
  | 'lose'
  | 'lose a credit'
  | 'credit'
  | 'credit by the last'
  | 'take'
  | 'tick'
  | 'end';

const GOOD = ['offer', 'offer', 'carry', 'take', 'credit', 'tick'] as const;
const BAD = ['carry the last', 'carry twice', 'lose', 'lose a credit', 'credit by the last'] as const;

/** One step of the world; `offered` numbers the frames. */
function act(channel: Channel, action: Action, offered: number): void {
  switch (action) {
    case 'offer':
      return channel.send({ kind: 'frame', frame: Uint8Array.of(offered) });
    case 'carry':
      return channel.carry(channel.forward.shift());
    case 'carry the last':
      return channel.carry(channel.forward.pop());
    case 'carry twice':
      return channel.carry(channel.forward[0]);
    case 'lose':
      return void channel.forward.shift();
    case 'lose a credit':
      return void channel.back.shift();
    case 'credit':
      return channel.credit(channel.back.shift());
    case 'credit by the last':
      return channel.credit(channel.back.at(-1));
    case 'take':
      return channel.take();
    case 'tick':
      return channel.send({ kind: 'tick', unheardMax: 1000 });
    case 'end':
      return channel.send({ kind: 'end' });
  }
}

/** Runs the actions, throwing at the first after which something does not hold that always must. Returns how many frames were offered before the end. */
function play(channel: Channel, actions: readonly Action[]): number {
  let offered = 0;
  let ended = false;
  for (const action of actions) {
    if (ended && action === 'offer') continue;
    act(channel, action, offered);
    if (action === 'offer') offered++;
    ended ||= action === 'end';
    const { sent, acknowledged, limit } = channel.sender;
    if (sent > limit || sent - acknowledged > STREAM_WINDOW_FRAMES) throw new Error('more frames than granted');
    if (channel.rooms !== sent) throw new Error('room does not follow what was sent');
    if (channel.closings > 1 || channel.overs.length > 1) throw new Error('ended twice');
    if (channel.delivered.some((frame, i) => frame !== i)) throw new Error('not in order');
  }
  return offered;
}

const drained: readonly Action[] = new Array<readonly Action[]>(400).fill(['carry', 'take', 'credit', 'tick']).flat();

function actions(...kinds: readonly Action[]): fc.Arbitrary<Action[]> {
  return fc.array(fc.constantFrom<Action>(...kinds), { maxLength: 150 });
}

describe('a stream over a channel', () => {
  it.each([
    ['only delays', GOOD],
    ['loses, repeats and reorders', [...GOOD, ...BAD]],
  ])('that %s delivers everything once, in order, and both ends know', (_, kinds) => {
    fc.assert(
      fc.property(fc.boolean(), actions(...kinds), (opens, list) => {
        const channel = new Channel();
        if (opens) channel.send({ kind: 'open' });
        const offered = play(channel, [...list, 'end', ...drained]);
        expect(channel.delivered).toHaveLength(offered);
        expect([channel.closings, channel.overs]).toEqual([1, ['complete']]);
        expect(channel.sender.held).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('that carries nothing any more is given up by the sender', () => {
    fc.assert(
      fc.property(actions(...GOOD), (list) => {
        const channel = new Channel();
        play(channel, [...list, 'offer']);
        for (let i = 0; i <= 1000; i++) act(channel, 'tick', 0);
        expect(channel.overs).toEqual(['unanswered']);
      }),
      { numRuns: 50 },
    );
  });
});

describe('two attempts on one stream', () => {
  it('whatever arrives when: the frames of one are taken, and the other is told', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { maxLength: 60 }), fc.boolean(), (list, replaces) => {
        const receiver = newReceiver('s');
        const taken = new Set<number>();
        const senders = [0, 1].map((attempt) =>
          newSender({ stream: 's', attempt, floor: replaces ? attempt : 0, receiver: 'stream/s' }),
        );
        const under: { from: number; message: Forward }[] = [];
        const overs = [new Set<SenderEnding>(), new Set<SenderEnding>()];
        const send = (at: number, event: SenderEvent): void => {
          for (const effect of stepSender(senders[at]!, event)) {
            if (effect.kind === 'send') under.push({ from: at, message: effect.message });
            if (effect.kind === 'over') overs[at]!.add(effect.why);
          }
        };
        const carry = (): void => {
          const next = under.shift();
          if (!next) return;
          const event = { kind: 'message', from: String(next.from), message: next.message } as const;
          for (const effect of stepReceiver(receiver, event)) {
            if (effect.kind === 'deliver') taken.add(effect.frame[0]!);
            if (effect.kind === 'credit') send(Number(effect.to), { kind: 'credit', credit: effect.message });
          }
        };
        send(1, { kind: 'open' });
        for (const action of list) {
          if (action < 2) send(action, { kind: 'frame', frame: Uint8Array.of(action) });
          else if (action < 5) carry();
          else send(1, { kind: 'tick', unheardMax: 1000 });
        }
        for (const at of [0, 1]) send(at, { kind: 'end' });
        for (let i = 0; i < 300; i++) {
          carry();
          for (const at of [0, 1]) send(at, { kind: 'tick', unheardMax: 1000 });
          stepReceiver(receiver, { kind: 'taken' });
        }
        expect(taken.size).toBeLessThanOrEqual(1);
        const known = overs.flatMap((why) => [...why]);
        expect(known.length).toBe(2);
        expect(known).toContain('complete');
        const [chosen] = taken;
        if (chosen !== undefined) expect([...overs[chosen]!]).toEqual(['complete']);
      }),
      { numRuns: 300 },
    );
  });
});
