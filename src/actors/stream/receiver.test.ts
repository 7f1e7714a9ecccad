import { describe, expect, it } from 'vitest';
import type { StreamClosed, StreamData, StreamProbe } from '../../wire/messages/stream.js';
import { newReceiver, type ReceiverEffect, type ReceiverEvent, type ReceiverState, stepReceiver } from './receiver.js';
import { STREAM_WINDOW_FRAMES } from './sender.js';

const SENDER = 'stream/s.sender';
const RIVAL = 'stream/s.sender.9';

const from = (sender: string, message: StreamData | StreamProbe | StreamClosed): ReceiverEvent => ({
  kind: 'message',
  from: sender,
  message,
});
const data = (sequence: number, attempt = 3): ReceiverEvent =>
  from(attempt === 3 ? SENDER : RIVAL, {
    ...{ kind: 'stream.data', stream: 's', attempt, sequence, frame: Uint8Array.of(sequence) },
  });
const probe = (frames: number, attempt = 3, floor = 0): ReceiverEvent =>
  from(attempt === 3 ? SENDER : RIVAL, { kind: 'stream.probe', stream: 's', attempt, floor, frames });
const closed = (frames: number, attempt = 3): ReceiverEvent =>
  from(attempt === 3 ? SENDER : RIVAL, { kind: 'stream.closed', stream: 's', attempt, frames });
const TAKEN: ReceiverEvent = { kind: 'taken' };

type Phase = 'fresh' | 'raised' | 'open' | 'about to credit' | 'closed';

const THREE_TAKEN = Array.from({ length: STREAM_WINDOW_FRAMES / 2 - 1 }, () => TAKEN);
const TWO_FRAMES = [data(0), data(1)];

const PHASES: Record<Phase, readonly ReceiverEvent[]> = {
  fresh: [],
  raised: [probe(0, 9, 9)],
  open: TWO_FRAMES,
  'about to credit': [...TWO_FRAMES, ...THREE_TAKEN],
  closed: [...TWO_FRAMES, ...THREE_TAKEN, closed(2)],
};

/** `received`: frames before the event. */
const EVENTS = {
  'the next frame': (received: number) => data(received),
  'a copy': (received: number) => data(received - 1),
  'a frame too far': (received: number) => data(received + 1),
  taken: () => TAKEN,
  'a probe': (received: number) => probe(received),
  'a probe that knows of more': (received: number) => probe(received + 1),
  'the end': (received: number) => closed(received),
  'an end that knows of more': (received: number) => closed(received + 1),
  'the first frame of another': () => data(0, 9),
  'a probe of another': () => probe(0, 9),
  'an end of another': () => closed(0, 9),
};
type EventKind = keyof typeof EVENTS;

const OPEN = {
  'the next frame': 'deliver 2',
  'a copy': '',
  'a frame too far': '2 < 8 missing',
  'a probe': '2 < 8',
  'a probe that knows of more': '2 < 8 missing',
  'the end': 'closed, complete',
  'an end that knows of more': '2 < 8 missing',
  'the first frame of another': 'superseded to another',
  'a probe of another': 'superseded to another',
  'an end of another': 'superseded to another',
};

const TABLE: Record<Phase, Record<EventKind, string>> = {
  fresh: {
    'the next frame': 'deliver 0',
    'a copy': '0 < 8',
    'a frame too far': '0 < 8 missing',
    taken: '',
    'a probe': '0 < 8',
    'a probe that knows of more': '0 < 8 missing',
    'the end': 'closed, complete',
    'an end that knows of more': '0 < 8 missing',
    'the first frame of another': 'deliver 0',
    'a probe of another': '0 < 8 to another',
    'an end of another': 'closed, complete to another',
  },
  raised: {
    'the next frame': 'superseded',
    'a copy': 'superseded',
    'a frame too far': 'superseded',
    taken: '',
    'a probe': 'superseded',
    'a probe that knows of more': 'superseded',
    'the end': 'superseded',
    'an end that knows of more': 'superseded',
    'the first frame of another': 'deliver 0',
    'a probe of another': '0 < 8 to another',
    'an end of another': 'closed, complete to another',
  },
  open: { ...OPEN, taken: '' },
  'about to credit': { ...OPEN, taken: '2 < 12' },
  closed: {
    'the next frame': '',
    'a copy': '',
    'a frame too far': '',
    taken: '',
    'a probe': 'complete',
    'a probe that knows of more': 'complete',
    'the end': 'complete',
    'an end that knows of more': 'complete',
    'the first frame of another': 'complete to another',
    'a probe of another': 'complete to another',
    'an end of another': 'complete to another',
  },
};

function text(effect: ReceiverEffect): string {
  switch (effect.kind) {
    case 'deliver':
      return `deliver ${effect.frame[0]}`;
    case 'credit': {
      const { next, limit, missing, verdict } = effect.message;
      const to = effect.to === RIVAL ? ' to another' : '';
      return `${verdict ?? `${next} < ${limit}${missing ? ' missing' : ''}`}${to}`;
    }
    case 'closed':
      return 'closed';
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
  it('grants every frame once, half a window at a time', () => {
    const state = newReceiver('s');
    const credits = Array.from({ length: 3 * STREAM_WINDOW_FRAMES }, (_, i) => [
      ...stepReceiver(state, data(i)),
      ...stepReceiver(state, TAKEN),
    ])
      .flat()
      .map(text)
      .filter((effect) => !effect.startsWith('deliver'));
    expect(credits).toEqual(['4 < 12', '8 < 16', '12 < 20', '16 < 24', '20 < 28', '24 < 32']);
  });

  it('says once that a frame is missing, and again when asked', () => {
    const state = newReceiver('s');
    const effects = [data(0), data(2), data(3), probe(4), data(1), data(3), data(2)].map((event) =>
      stepReceiver(state, event).map(text).join(),
    );
    expect(effects).toEqual([
      'deliver 0',
      '1 < 8 missing',
      '',
      '1 < 8 missing',
      'deliver 1',
      '2 < 8 missing',
      'deliver 2',
    ]);
  });
});
