import { describe, expect, it } from 'vitest';
import { rowText } from '../../../test/support/entries.js';
import { A, B, Harness } from '../../../test/support/ingester-steps.js';
import { openEntries } from '../../wire/entries.js';
import type { TailData } from '../../wire/messages/following.js';
import type { LiveResolveMessage } from '../../wire/messages/live.js';

const SELF = 'tailer/1';
const OF_A: LiveResolveMessage['matchers'] = [{ name: 'app', op: '=', value: 'a' }];

function subscribed(h: Harness, matchers = OF_A, tenant = 'tenant') {
  return h.ask({ kind: 'tail.subscribe', tenant, matchers, subscriber: SELF }).reply;
}

function told(h: Harness): TailData[] {
  return h.told.splice(0).flatMap(({ message }) => (message.kind === 'tail.data' ? message : []));
}

function textsOf({ batches, labels }: TailData): string[] {
  return batches.flatMap(({ batch, runs }) => {
    const entries = openEntries(batch);
    const texts: string[] = [];
    for (let run = 0; run < runs.length; run += 3) {
      for (let row = runs[run]!; row < runs[run + 1]!; row++) {
        texts.push(`${labels[runs[run + 2]!]!.map(([, value]) => value)} ${rowText(entries, row)}`);
      }
    }
    return texts;
  });
}

describe('a subscription', () => {
  it('is told rows of matching streams once they are durable, with the numbers queries go by', () => {
    const h = new Harness();
    h.write({ [A]: [[1, 'before']] });
    expect(subscribed(h)).toEqual({ kind: 'ok' });
    h.append({
      [B]: [[2, 'other']],
      [A]: [
        [3, 'mine'],
        [4, 'too', { k: 'v' }],
      ],
    });
    expect(told(h)).toEqual([]);
    h.synced();
    const [data] = told(h);
    expect(textsOf(data!)).toEqual(['a 3 mine {}', 'a 4 too {"k":"v"}']);
    expect(h.live().throughSeq).toBe(data!.batches[0]!.seq);
    h.write({ [B]: [[5, 'other']] });
    expect(told(h)).toEqual([]);
  });

  it('is told nothing of other tenants, of what is there already, and of what the disk refused', () => {
    const h = new Harness();
    subscribed(h);
    h.write({ [A]: [[1, 'x']] }, 'somebody');
    h.write({ [A]: [[1, 'x']] });
    expect(told(h)).toHaveLength(1);
    h.write({ [A]: [[1, 'x']] });
    h.append({ [A]: [[2, 'x']] });
    h.refused();
    expect(told(h)).toEqual([]);
  });

  it('ends when it is taken back, or not renewed in time', () => {
    const h = new Harness({ tailLeaseMs: 10_000, flushCheckPeriodMs: 1000 });
    subscribed(h);
    h.ask({ kind: 'tail.unsubscribe', subscriber: SELF });
    h.write({ [A]: [[1, 'x']] });
    expect(told(h)).toEqual([]);
    subscribed(h);
    h.after(9000);
    subscribed(h);
    h.after(9000);
    expect(h.metric('tails')).toBe(1);
    h.after(2000);
    expect(h.metric('tails')).toBe(0);
  });

  it('with a matcher that is no regular expression is refused', () => {
    const reply = subscribed(new Harness(), [{ name: 'app', op: '=~', value: '(' }]);
    expect(reply).toMatchObject({ kind: 'fault', fault: { code: 'bad-request' } });
  });

  it('that gives nothing back loses entries, and is told which when it does', () => {
    const h = new Harness({ tailBacklogBytesMax: 1, tailDroppedMax: 3 });
    subscribed(h);
    h.write({ [A]: [[1, 'x'.repeat(1000)]] });
    const [first] = told(h);
    expect(first!.bytes).toBe(first!.batches[0]!.batch.byteLength);
    h.write({
      [A]: [
        [2, 'x'],
        [3, 'x'],
      ],
    });
    h.write({
      [A]: [
        [4, 'x'],
        [5, 'x'],
      ],
    });
    expect(told(h)).toEqual([]);
    expect(h.metric('tail_dropped_entries_total')).toBe(4);
    h.ask({ kind: 'tail.credit', subscriber: SELF, bytes: first!.bytes });
    const [report] = told(h);
    expect(report!.batches).toEqual([]);
    expect(report!.dropped.map(({ time }) => time)).toEqual([2n, 3n, 4n]);
    h.write({ [A]: [[6, 'x']] });
    expect(told(h)).toMatchObject([{ dropped: [], batches: [{}] }]);
  });
});
