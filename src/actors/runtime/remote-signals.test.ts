import { describe, expect, it } from 'vitest';
import { requestOf } from '../../../test/support/query-system.js';
import type { Message } from '../../wire/message.js';
import { hasSignal, RemoteSignals, withoutSignal } from './remote-signals.js';

const QUERY: Message = { kind: 'query', request: requestOf('{app="x"}') };

function signalOf(message: Message): AbortSignal | undefined {
  return hasSignal(message) ? message.signal : undefined;
}

describe('signals of asks from elsewhere', () => {
  it('abort when the caller has left, each ask its own', () => {
    const signals = new RemoteSignals();
    const [one, two] = ['a.1', 'b.1'].map((ask) => signalOf(signals.attach(ask, QUERY)));
    signals.abort('a.1');
    expect([one?.aborted, two?.aborted]).toEqual([true, false]);
  });

  it('do not abort when the ask has been answered, or was never heard of', () => {
    const signals = new RemoteSignals();
    const signal = signalOf(signals.attach('a.1', QUERY));
    signals.close('a.1');
    signals.abort('a.1');
    signals.abort('nobody.7');
    expect([signal?.aborted, signals.size]).toEqual([false, 0]);
  });

  it('are one for an ask that comes twice', () => {
    const signals = new RemoteSignals();
    const both = [signals.attach('a.1', QUERY), signals.attach('a.1', QUERY)].map(signalOf);
    signals.abort('a.1');
    expect(both.map((signal) => signal?.aborted)).toEqual([true, true]);
  });

  it('are for messages whose work can be given up', () => {
    const signals = new RemoteSignals();
    const hello: Message = { kind: 'worker.ready', slots: 1 };
    expect(signals.attach('a.1', hello)).toBe(hello);
    expect(signals.size).toBe(0);
  });

  it('stay behind when a message leaves', () => {
    expect(withoutSignal({ ...QUERY, signal: new AbortController().signal })).toEqual(QUERY);
  });
});
