import { describe, expect, it } from 'vitest';
import { fault } from '../../wire/fault.js';
import {
  newSender,
  type SenderEffect,
  type SenderEvent,
  type SenderState,
  STREAM_WINDOW_FRAMES,
  stepSender,
} from './sender.js';

const FAULT = fault('cancelled', 'given up');
const RECEIVER = 'stream/s';
const FRAME = Uint8Array.of(1);

type Phase = 'unbound' | 'unbound holding' | 'unbound ending' | 'open' | 'blocked' | 'draining' | 'ended';
type EventKind = 'bind' | 'credit' | 'frame' | 'end' | 'end with a fault';

const EVENTS: Record<EventKind, SenderEvent> = {
  bind: { kind: 'bind', receiver: RECEIVER },
  credit: { kind: 'credit', credits: 2 },
  frame: { kind: 'frame', frame: FRAME },
  end: { kind: 'end' },
  'end with a fault': { kind: 'end', fault: FAULT },
};

const FULL_WINDOW = Array.from({ length: STREAM_WINDOW_FRAMES }, () => EVENTS.frame);

/** How each phase comes about. */
const PHASES: Record<Phase, readonly SenderEvent[]> = {
  unbound: [],
  'unbound holding': [EVENTS.frame],
  'unbound ending': [EVENTS.frame, EVENTS.end],
  open: [EVENTS.bind],
  blocked: [EVENTS.bind, ...FULL_WINDOW, EVENTS.frame],
  draining: [EVENTS.bind, ...FULL_WINDOW, EVENTS.frame, EVENTS.end],
  ended: [EVENTS.bind, EVENTS.end],
};

/** What happens, in short, and the phase it leads to. */
type Expected = readonly [effects: string, after: Phase];

const TABLE: Record<Phase, Record<EventKind, Expected>> = {
  unbound: {
    bind: ['', 'open'],
    credit: ['', 'unbound'],
    frame: ['', 'unbound holding'],
    end: ['', 'unbound ending'],
    'end with a fault': ['', 'unbound ending'],
  },
  'unbound holding': {
    bind: ['data 0, room', 'open'],
    credit: ['', 'unbound holding'],
    frame: ['', 'unbound holding'],
    end: ['', 'unbound ending'],
    'end with a fault': ['', 'unbound ending'],
  },
  'unbound ending': {
    bind: ['data 0, room, closed after 1, ended', 'ended'],
    credit: ['', 'unbound ending'],
    frame: ['', 'unbound ending'],
    end: ['', 'unbound ending'],
    'end with a fault': ['', 'unbound ending'],
  },
  open: {
    bind: ['', 'open'],
    credit: ['', 'open'],
    frame: ['data 0, room', 'open'],
    end: ['closed after 0, ended', 'ended'],
    'end with a fault': ['closed after 0 cancelled, ended', 'ended'],
  },
  blocked: {
    bind: ['', 'blocked'],
    credit: ['data 8, room', 'open'],
    frame: ['', 'blocked'],
    end: ['', 'draining'],
    'end with a fault': ['closed after 8 cancelled, ended', 'ended'],
  },
  draining: {
    bind: ['', 'draining'],
    credit: ['data 8, room, closed after 9, ended', 'ended'],
    frame: ['', 'draining'],
    end: ['', 'draining'],
    'end with a fault': ['closed after 8 cancelled, ended', 'ended'],
  },
  ended: {
    bind: ['', 'ended'],
    credit: ['', 'ended'],
    frame: ['', 'ended'],
    end: ['', 'ended'],
    'end with a fault': ['', 'ended'],
  },
};

function phaseOf({ receiver, ended, ending, waiting }: SenderState): Phase {
  if (ended) return 'ended';
  if (receiver === undefined) return ending ? 'unbound ending' : waiting.length > 0 ? 'unbound holding' : 'unbound';
  if (ending) return 'draining';
  return waiting.length > 0 ? 'blocked' : 'open';
}

function text(effect: SenderEffect): string {
  if (effect.kind !== 'send') return effect.kind;
  expect(effect.to).toBe(RECEIVER);
  const { message } = effect;
  if (message.kind === 'stream.data') return `data ${message.sequence}`;
  return `closed after ${message.frames}${message.fault ? ` ${message.fault.code}` : ''}`;
}

function senderIn(phase: Phase): SenderState {
  const state = newSender('s');
  for (const event of PHASES[phase]) stepSender(state, event);
  return state;
}

describe.each(Object.keys(TABLE) as Phase[])('a sender that is %s', (phase) => {
  it('is what its history says', () => expect(phaseOf(senderIn(phase))).toBe(phase));

  it.each(Object.entries(TABLE[phase]))('on %s does what the table says', (kind, [effects, after]) => {
    const state = senderIn(phase);
    expect(
      stepSender(state, EVENTS[kind as EventKind])
        .map(text)
        .join(', '),
    ).toBe(effects);
    expect(phaseOf(state)).toBe(after);
  });
});

describe('a sender', () => {
  const sent = (effects: readonly SenderEffect[]): number => effects.filter(({ kind }) => kind === 'send').length;

  it('sends a window of frames at most until it is granted more, then as many as granted', () => {
    const state = newSender('s');
    stepSender(state, EVENTS.bind);
    const count = (events: readonly SenderEvent[]): number => sent(events.flatMap((event) => stepSender(state, event)));
    expect(count(Array.from({ length: 100 }, () => EVENTS.frame))).toBe(STREAM_WINDOW_FRAMES);
    expect(count([{ kind: 'credit', credits: 3 }])).toBe(3);
    expect(count([EVENTS.frame])).toBe(0);
  });

  it('drops what it has not sent when it ends with a fault, even before it knows the receiver', () => {
    const state = newSender('s');
    for (const event of [EVENTS.frame, EVENTS.frame, EVENTS['end with a fault']]) stepSender(state, event);
    expect(stepSender(state, EVENTS.bind).map(text)).toEqual(['closed after 0 cancelled', 'ended']);
  });

  it('keeps its first reason to end, and its first receiver', () => {
    const state = newSender('s');
    for (const event of [EVENTS['end with a fault'], EVENTS.end]) stepSender(state, event);
    expect(stepSender(state, EVENTS.bind).map(text)).toEqual(['closed after 0 cancelled', 'ended']);
    const bound = senderIn('blocked');
    stepSender(bound, { kind: 'bind', receiver: 'stream/another' });
    expect(stepSender(bound, EVENTS.credit).map(text)).toEqual(['data 8', 'room']);
  });
});
