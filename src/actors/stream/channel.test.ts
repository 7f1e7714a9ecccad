import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fault, fault } from '../../wire/fault.js';
import type { StreamClosed, StreamData } from '../../wire/message.js';
import { newReceiver, type ReceiverEvent, stepReceiver } from './receiver.js';
import { newSender, type SenderEvent, STREAM_WINDOW_FRAMES, stepSender } from './sender.js';

const FAULT = fault('cancelled', 'given up');

/** Both ends of a stream, joined by two channels on which the test decides what happens to every message. */
class Channel {
  readonly delivered: number[] = [];
  readonly forward: (StreamData | StreamClosed)[] = [];
  readonly back: number[] = [];
  /** Why each closing was. */
  readonly closings: (Fault | undefined)[] = [];
  sent = 0;
  rooms = 0;
  untaken = 0;
  readonly #sender = newSender('s');
  readonly #receiver = newReceiver('s');

  send(event: SenderEvent): void {
    for (const effect of stepSender(this.#sender, event)) {
      if (effect.kind === 'room') this.rooms++;
      if (effect.kind !== 'send') continue;
      if (effect.message.kind === 'stream.data') this.sent++;
      this.forward.push(effect.message);
    }
  }

  receive(event: ReceiverEvent): void {
    for (const effect of stepReceiver(this.#receiver, event)) {
      if (effect.kind === 'deliver') {
        this.delivered.push(effect.frame[0]!);
        this.untaken++;
      } else if (effect.kind === 'credit') this.back.push(effect.credits);
      else this.closings.push(effect.fault);
    }
  }

  take(): void {
    if (this.untaken === 0) return;
    this.untaken--;
    this.receive({ kind: 'taken' });
  }
}

type Action = 'offer' | 'bind' | 'carry' | 'duplicate' | 'lose' | 'take' | 'credit' | 'end' | 'fault';

const RELIABLE = ['offer', 'bind', 'carry', 'take', 'credit'] as const;

/** One step of the world; `i` numbers the frames offered. */
function act(channel: Channel, action: Action, offered: number): void {
  switch (action) {
    case 'offer':
      return channel.send({ kind: 'frame', frame: Uint8Array.of(offered) });
    case 'bind':
      return channel.send({ kind: 'bind', receiver: 'stream/s' });
    case 'carry': {
      const message = channel.forward.shift();
      return message && channel.receive(message);
    }
    case 'duplicate':
      return channel.forward[0] && channel.receive(channel.forward[0]);
    case 'lose':
      return void channel.forward.shift();
    case 'take':
      return channel.take();
    case 'credit': {
      const credits = channel.back.shift();
      return credits === undefined ? undefined : channel.send({ kind: 'credit', credits });
    }
    case 'end':
      return channel.send({ kind: 'end' });
    case 'fault':
      return channel.send({ kind: 'end', fault: FAULT });
  }
}

/** Runs the actions, throwing at the first after which something does not hold that always must. Returns how many frames were offered before the end. */
function play(channel: Channel, actions: readonly Action[]): number {
  let offered = 0;
  let ended = false;
  let granted = 0;
  for (const action of actions) {
    if (ended && action === 'offer') continue;
    granted += action === 'credit' ? (channel.back[0] ?? 0) : 0;
    act(channel, action, offered);
    if (action === 'offer') offered++;
    ended ||= action === 'end' || action === 'fault';
    if (channel.sent > STREAM_WINDOW_FRAMES + granted) throw new Error('more frames than credits');
    if (channel.rooms !== channel.sent) throw new Error('room does not follow what was sent');
    if (channel.closings.length > 1) throw new Error('closed twice');
  }
  expect(channel.delivered).toEqual(channel.delivered.map((_, i) => i));
  return offered;
}

const drained: readonly Action[] = [
  'bind',
  ...new Array<readonly Action[]>(120).fill(['carry', 'take', 'credit']).flat(),
];

function actions(...kinds: readonly Action[]): fc.Arbitrary<Action[]> {
  return fc.array(fc.constantFrom<Action>(...kinds), { maxLength: 120 });
}

describe('a stream over a channel', () => {
  it('that only delays and repeats delivers everything once, in order, and ends well', () => {
    fc.assert(
      fc.property(actions(...RELIABLE, 'duplicate'), (list) => {
        const channel = new Channel();
        const offered = play(channel, [...list, 'end', ...drained]);
        const frames = list.filter((action) => action === 'offer').length;
        expect(offered).toBe(frames);
        expect(channel.delivered).toHaveLength(frames);
        expect(channel.closings).toEqual([undefined]);
      }),
    );
  });

  it('that also loses messages delivers a beginning, and everything or a fault or no end at all', () => {
    let faults = 0;
    fc.assert(
      fc.property(actions(...RELIABLE, 'duplicate', 'lose'), (list) => {
        const channel = new Channel();
        const offered = play(channel, [...list, 'end', ...drained]);
        const [ending] = channel.closings;
        if (channel.closings.length === 1 && ending === undefined) expect(channel.delivered).toHaveLength(offered);
        if (ending) {
          faults++;
          expect(ending.code).toBe('unavailable');
        }
      }),
      { numRuns: 300 },
    );
    expect(faults).toBeGreaterThan(0);
  });

  it('whose sender gives up delivers a beginning and then the fault', () => {
    fc.assert(
      fc.property(actions(...RELIABLE, 'duplicate'), (list) => {
        const channel = new Channel();
        play(channel, [...list, 'fault', ...drained]);
        expect(channel.closings).toEqual([FAULT]);
        expect(channel.delivered).toHaveLength(channel.sent);
      }),
    );
  });
});
