import { describe, expect, it } from 'vitest';
import { fault } from '../../wire/fault.js';
import { newReceiver, type ReceiverEffect, type ReceiverEvent, type ReceiverState, stepReceiver } from './receiver.js';
import { STREAM_WINDOW_FRAMES } from './sender.js';

const data = (sequence: number): ReceiverEvent => ({
  kind: 'stream.data',
  stream: 's',
  sequence,
  frame: Uint8Array.of(sequence),
});
const closed = (frames: number): ReceiverEvent => ({ kind: 'stream.closed', stream: 's', frames });
const broken: ReceiverEvent = { kind: 'stream.closed', stream: 's', frames: 2, fault: fault('cancelled', 'given up') };
const TAKEN: ReceiverEvent = { kind: 'taken' };

type Phase = 'fresh' | 'open' | 'about to credit' | 'closed' | 'broken';
type EventKind =
  | 'the next frame'
  | 'a copy'
  | 'a frame too far'
  | 'taken'
  | 'the end'
  | 'an end that knows of more'
  | 'an end with a fault';

const THREE_TAKEN = Array.from({ length: STREAM_WINDOW_FRAMES / 2 - 1 }, () => TAKEN);
const TWO_FRAMES = [data(0), data(1)];

const PHASES: Record<Phase, readonly ReceiverEvent[]> = {
  fresh: [],
  open: TWO_FRAMES,
  'about to credit': [...TWO_FRAMES, ...THREE_TAKEN],
  closed: [...TWO_FRAMES, ...THREE_TAKEN, closed(2)],
  broken: [...TWO_FRAMES, ...THREE_TAKEN, broken],
};

/** Frames before the event: 0 in a fresh receiver, otherwise 2. */
const EVENTS: Record<EventKind, (received: number) => ReceiverEvent> = {
  'the next frame': data,
  'a copy': (received) => data(received - 1),
  'a frame too far': (received) => data(received + 1),
  taken: () => TAKEN,
  'the end': closed,
  'an end that knows of more': (received) => closed(received + 1),
  'an end with a fault': () => broken,
};

const OPEN = {
  'a copy': '',
  'a frame too far': 'closed: stream s lost frames 2 to 2 on the way',
  'the next frame': 'deliver 2',
  'the end': 'closed',
  'an end that knows of more': 'closed: stream s lost frames 2 to 2 on the way',
  'an end with a fault': 'closed: given up',
};
const DONE = {
  'a copy': '',
  'a frame too far': '',
  'the next frame': '',
  taken: '',
  'the end': '',
  'an end that knows of more': '',
  'an end with a fault': '',
};

const TABLE: Record<Phase, Record<EventKind, string>> = {
  fresh: {
    'a copy': '',
    'a frame too far': 'closed: stream s lost frames 0 to 0 on the way',
    'the next frame': 'deliver 0',
    taken: '',
    'the end': 'closed',
    'an end that knows of more': 'closed: stream s lost frames 0 to 0 on the way',
    'an end with a fault': 'closed: given up',
  },
  open: { ...OPEN, taken: '' },
  'about to credit': { ...OPEN, taken: 'credit 4' },
  closed: DONE,
  broken: DONE,
};

function text(effect: ReceiverEffect): string {
  switch (effect.kind) {
    case 'deliver':
      return `deliver ${effect.frame[0]}`;
    case 'credit':
      return `credit ${effect.credits}`;
    case 'closed':
      return effect.fault ? `closed: ${effect.fault.message}` : 'closed';
  }
}

function receiverIn(phase: Phase): ReceiverState {
  const state = newReceiver('s');
  for (const event of PHASES[phase]) stepReceiver(state, event);
  return state;
}

describe.each(Object.keys(TABLE) as Phase[])('a receiver that is %s', (phase) => {
  it.each(Object.entries(TABLE[phase]))('on %s does what the table says', (kind, expected) => {
    const state = receiverIn(phase);
    const wasClosed = state.closed;
    const effects = stepReceiver(state, EVENTS[kind as EventKind](state.received));
    expect(effects.map(text).join(', ')).toBe(expected);
    expect(state.closed).toBe(wasClosed || expected.startsWith('closed'));
  });
});

describe('a receiver', () => {
  it('returns every credit once, half a window at a time', () => {
    const state = newReceiver('s');
    const credits = Array.from({ length: 3 * STREAM_WINDOW_FRAMES }, (_, i) => [
      ...stepReceiver(state, data(i)),
      ...stepReceiver(state, TAKEN),
    ])
      .flat()
      .map(text)
      .filter((effect) => effect.startsWith('credit'));
    expect(credits).toEqual(new Array(6).fill(`credit ${STREAM_WINDOW_FRAMES / 2}`));
  });

  it('calls a loss something that may go well the next time', () => {
    const [effect] = stepReceiver(newReceiver('s'), data(3));
    expect(effect).toMatchObject({ kind: 'closed', fault: { code: 'unavailable', retryable: true } });
  });
});
