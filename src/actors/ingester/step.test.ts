import { describe, expect, it } from 'vitest';
import { A, Harness, messageOf } from '../../../test/support/ingester-steps.js';

describe('draining', () => {
  it('finishes what was accepted, refuses the rest, flushes everything', () => {
    const h = new Harness();
    const accepted = h.append({ [A]: [[1, 'one']] });
    h.event({ kind: 'drain' });
    expect(messageOf(h.append({ [A]: [[2, 'two']] }).reply)).toMatch(/^unavailable: .*shutting down/);
    expect(h.stores).toEqual([]);
    h.synced();
    expect(accepted.reply).toEqual({ kind: 'ok' });
    expect([h.stores.length, h.isDrained]).toEqual([1, false]);
    h.failed();
    h.after(1000);
    h.stored();
    expect([h.isDrained, h.truncated]).toEqual([true, [1, 1]]);
    expect(h.rows()).toEqual([]);
  });

  it('is over at once when there is nothing', () => {
    const h = new Harness();
    h.event({ kind: 'drain' });
    expect(h.isDrained).toBe(true);
  });
});
