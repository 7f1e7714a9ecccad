import { describe, expect, it } from 'vitest';
import {
  newSender,
  type SenderEffect,
  type SenderEvent,
  type SenderState,
  STREAM_WINDOW_FRAMES,
  stepSender,
} from './sender.js';

const FRAME: SenderEvent = { kind: 'frame', frame: Uint8Array.of(1) };
const END: SenderEvent = { kind: 'end' };
const TICK: SenderEvent = { kind: 'tick', unheardMax: 100 };

const credit = (next: number, limit: number, more: object = {}): SenderEvent => ({
  kind: 'credit',
  credit: { next, limit, ...more },
});
const times = (count: number, event: SenderEvent): SenderEvent[] => Array.from({ length: count }, () => event);

type Phase = 'fresh' | 'idle' | 'open' | 'blocked' | 'draining' | 'ending' | 'over';

/** How each phase comes about; `open` has sent two frames of which one is acknowledged. */
const PHASES: Record<Phase, readonly SenderEvent[]> = {
  fresh: [],
  idle: [FRAME, credit(1, 8)],
  open: [FRAME, FRAME, credit(1, 8)],
  blocked: times(STREAM_WINDOW_FRAMES + 1, FRAME),
  draining: [...times(STREAM_WINDOW_FRAMES + 1, FRAME), END],
  ending: [FRAME, FRAME, END],
  over: [FRAME, END, credit(1, 8, { verdict: 'complete' })],
};

const EVENTS = {
  frame: FRAME,
  end: END,
  'three ticks': TICK,
  'a credit': credit(1, 12),
  'an old credit': credit(0, 8),
  'a credit that misses frames': credit(1, 8, { missing: true }),
  'an old credit that misses frames': credit(0, 8, { missing: true }),
  complete: credit(0, 8, { verdict: 'complete' }),
  superseded: credit(0, 8, { verdict: 'superseded' }),
} satisfies Record<string, SenderEvent>;
type EventKind = keyof typeof EVENTS;

const NOTHING = { 'an old credit': '', 'an old credit that misses frames': '', 'a credit that misses frames': '' };
const VERDICTS = { complete: 'over: complete', superseded: 'over: superseded' };
const FIRST_TO = (last: number): string => Array.from({ length: last }, (_, i) => `data ${i + 1}`).join(', ');

const TABLE: Record<Phase, Record<EventKind, string>> = {
  fresh: { ...NOTHING, ...VERDICTS, frame: 'data 0, room', end: 'closed after 0', 'three ticks': '', 'a credit': '' },
  idle: { ...NOTHING, ...VERDICTS, frame: 'data 1, room', end: 'closed after 1', 'three ticks': '', 'a credit': '' },
  open: {
    ...VERDICTS,
    frame: 'data 2, room',
    end: 'closed after 2',
    'three ticks': 'probe 2, probe 2',
    'a credit': '',
    'an old credit': '',
    'a credit that misses frames': 'data 1',
    'an old credit that misses frames': '',
  },
  blocked: {
    ...VERDICTS,
    frame: '',
    end: '',
    'three ticks': 'probe 8, probe 8',
    'a credit': 'data 8, room',
    'an old credit': '',
    'a credit that misses frames': FIRST_TO(7),
    'an old credit that misses frames': `data 0, ${FIRST_TO(7)}`,
  },
  draining: {
    ...VERDICTS,
    frame: '',
    end: '',
    'three ticks': 'probe 8, probe 8',
    'a credit': 'data 8, room, closed after 9',
    'an old credit': '',
    'a credit that misses frames': FIRST_TO(7),
    'an old credit that misses frames': `data 0, ${FIRST_TO(7)}`,
  },
  ending: {
    ...VERDICTS,
    frame: '',
    end: '',
    'three ticks': 'closed after 2, closed after 2',
    'a credit': '',
    'an old credit': '',
    'a credit that misses frames': 'data 1, closed after 2',
    'an old credit that misses frames': 'data 0, data 1, closed after 2',
  },
  over: { ...NOTHING, frame: '', end: '', 'three ticks': '', 'a credit': '', complete: '', superseded: '' },
};

function text(effect: SenderEffect): string {
  if (effect.kind === 'room') return 'room';
  if (effect.kind === 'over') return `over: ${effect.why}`;
  const { message } = effect;
  expect(message).toMatchObject({ stream: 's', attempt: 0 });
  if (message.kind === 'stream.data') return `data ${message.sequence}`;
  return message.kind === 'stream.probe' ? `probe ${message.frames}` : `closed after ${message.frames}`;
}

function fresh(attempt = 0): SenderState {
  return newSender({ stream: 's', attempt, floor: attempt, receiver: 'stream/s' });
}

function senderIn(phase: Phase): SenderState {
  const state = fresh();
  for (const event of [{ kind: 'open' } as const, ...PHASES[phase]]) stepSender(state, event);
  return state;
}

describe.each(Object.keys(TABLE) as Phase[])('a sender that is %s', (phase) => {
  it.each(Object.entries(TABLE[phase]))('on %s does what the table says', (kind, expected) => {
    const state = senderIn(phase);
    const event = EVENTS[kind as EventKind];
    const events = kind === 'three ticks' ? times(3, event) : [event];
    const effects = events.flatMap((each) => stepSender(state, each));
    expect(effects.map(text).join(', ')).toBe(expected);
    expect(state.over).toBe(phase === 'over' || expected.startsWith('over'));
  });
});

describe('a sender', () => {
  it('asks before it sends when it is not the first attempt', () => {
    expect(stepSender(fresh(0), { kind: 'open' })).toEqual([]);
    expect(stepSender(fresh(2), { kind: 'open' })).toEqual([
      { kind: 'send', message: { kind: 'stream.probe', stream: 's', attempt: 2, floor: 2, frames: 0 } },
    ]);
  });

  it('asks the more rarely the longer nothing moves, and never gives up a receiver that answers', () => {
    const state = senderIn('blocked');
    const asked: number[] = [];
    for (let i = 0; i < 100; i++) {
      if (stepSender(state, { kind: 'tick', unheardMax: 20 }).some(({ kind }) => kind === 'send')) asked.push(i);
      if (asked.at(-1) === i) stepSender(state, credit(0, 8));
    }
    expect(asked).toEqual([1, 2, 4, 8, 16, 32, 48, 64, 80, 96]);
    expect(state.over).toBe(false);
  });

  it('gives up a receiver that does not answer, but not while there is nothing to say', () => {
    const idle = senderIn('idle');
    const open = senderIn('open');
    const over = (state: SenderState): SenderEffect[] => times(101, TICK).flatMap((tick) => stepSender(state, tick));
    expect(over(idle)).toEqual([]);
    expect(over(open).at(-1)).toEqual({ kind: 'over', why: 'unanswered' });
  });

  it('keeps no more than what is under way and what waits', () => {
    const state = senderIn('blocked');
    stepSender(state, credit(8, 16));
    expect(state.held).toHaveLength(1);
    stepSender(state, credit(100, 16));
    expect(state.held).toHaveLength(0);
  });
});
