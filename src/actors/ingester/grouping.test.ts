import { describe, expect, it } from 'vitest';
import { A, B, Harness, messageOf } from '../../../test/support/ingester-steps.js';
import type { IngesterSettings } from './settings.js';

describe('group commit', () => {
  it('answers an append, and shows its entries, only after the sync that covers it', () => {
    const h = new Harness();
    const first = h.append({ [A]: [[1, 'one']] });
    const second = h.append({ [A]: [[2, 'two']] });
    expect(h.groups).toHaveLength(1);
    expect([first.reply, second.reply, h.rows()]).toEqual([null, null, []]);
    h.synced();
    expect([first.reply, second.reply, h.rows()]).toEqual([{ kind: 'ok' }, null, ['1 one {}']]);
    h.synced();
    expect([second.reply, h.rows()]).toEqual([{ kind: 'ok' }, ['1 one {}', '2 two {}']]);
  });

  it('lets all appends that arrive during a sync share the next one', () => {
    const h = new Harness();
    h.append({ [A]: [[1, 'one']] });
    const later = Array.from({ length: 10 }, (_, i) => h.append({ [A]: [[2 + i, 'more']] }));
    h.synced();
    expect(h.groups[0]!.records.map(({ seq }) => seq)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    h.synced();
    expect(later.every(({ reply }) => reply?.kind === 'ok')).toBe(true);
    expect(h.groups).toEqual([]);
  });

  it('bounds a group by bytes and by appends', () => {
    const sizes = (settings: Partial<IngesterSettings>): number[] => {
      const h = new Harness(settings);
      for (let i = 0; i < 8; i++) h.append({ [A]: [[i, 'x'.repeat(1000)]] });
      const found: number[] = [];
      while (h.groups.length > 0) found.push(h.synced().length);
      return found;
    };
    expect(sizes({ groupAppendsMax: 3 })).toEqual([1, 3, 3, 1]);
    expect(sizes({ groupBytesMax: 2000 })).toEqual([1, 2, 2, 2, 1]);
  });

  it('refuses a whole group when the disk does, as if it had never come', () => {
    const h = new Harness();
    h.write({ [A]: [[1, 'kept']] });
    const lost = h.append({ [A]: [[2, 'lost']], [B]: [[2, 'lost']] });
    const waiting = h.append({
      [A]: [
        [2, 'lost'],
        [3, 'three'],
      ],
    });
    h.refused();
    expect(messageOf(lost.reply)).toBe('storage-full: no space');
    expect(h.metric('memory_streams')).toBe(1);
    expect(h.groups[0]!.records[0]!.seq).toBe(3);
    h.synced();
    expect(waiting.reply).toEqual({ kind: 'ok' });
    expect(h.rows()).toEqual(['1 kept {}', '2 lost {}', '3 three {}']);
  });

  it('answers bytes that are no batch with a bad request, and the others of the group all the same', () => {
    const h = new Harness();
    const good = h.append({ [A]: [[1, 'one']] });
    expect(messageOf(h.ask({ kind: 'append', batch: new SharedArrayBuffer(10) }).reply)).toBe('undefined');
    const unnamed = h.append({ 'no labels': [[1, 'x']], [B]: [[1, 'x']] });
    h.synced();
    expect(good.reply).toEqual({ kind: 'ok' });
    expect(messageOf(unnamed.reply)).toBe('bad-request: entries batch: not a label set: no labels');
    expect(h.metric('memory_streams')).toBe(1);
    expect(h.groups).toEqual([]);
  });
});
