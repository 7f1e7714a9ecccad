import { describe, expect, it } from 'vitest';
import { entriesOf } from '../../../test/support/entries.js';
import { A, Harness, NOTHING } from '../../../test/support/ingester-steps.js';
import { encodeCopyHead } from '../../storage/wal/copy-head.js';
import { openEntries } from '../../wire/entries.js';
import { loadFingerprint } from './recent.js';
import { Replay } from './replay.js';

const fingerprint = await loadFingerprint();
const ONE = entriesOf({ [A]: [[1, 'one']] });
const TWO = entriesOf({
  [A]: [
    [2, 'two'],
    [1_500_000, 'late'],
  ],
});
const OWN = { origin: 'o', seq: 3, owner: 'ingester-0', replicas: ['p'] };
const HELD = { ...OWN, seq: 4, owner: 'p' };
/** The first window: of records 5 and 6, and of both parts. */
const STORED = {
  coverage: new Map([['tenant', [{ window: 0n, ranges: [[5, 6]] as const }]]]),
  copies: new Map([['tenant', [{ window: 0n, copies: [{ origin: 'o', ranges: [[3, 4]] as const }] }]]]),
};

function replayed(): Replay {
  const replay = new Replay({ stored: STORED, objectWindowMs: 1, fingerprint });
  replay.visit({ seq: 5, payload: new Uint8Array(ONE.buffer) });
  replay.visit({ seq: 6, payload: new Uint8Array(TWO.buffer) });
  for (const [i, copy] of [OWN, HELD].entries()) {
    const payload = Buffer.concat([encodeCopyHead(copy), new Uint8Array(ONE.buffer)]);
    replay.visit({ seq: 7 + i, payload });
  }
  replay.visit({ seq: 9, payload: new Uint8Array(10) });
  return replay;
}

describe('a replay', () => {
  it('has batches in memory of which objects do not hold all, and of others what they are known by', () => {
    const { batches, unreadable, leftOutBytes } = replayed();
    const length = ONE.buffer.byteLength;
    const known = { tenant: 'tenant', length, fingerprint: fingerprint(new Uint8Array(ONE.buffer)) };
    expect(batches).toEqual([
      { seq: 5, ...known },
      { seq: 6, entries: openEntries(TWO.buffer) },
      { seq: 7, copy: OWN, ...known },
      { seq: 8, copy: HELD, ...known },
    ]);
    expect([unreadable, leftOutBytes]).toEqual([1, 3 * length]);
  });

  it('lets an ingester know again what comes again, and say what became of parts', () => {
    const { batches } = replayed();
    const h = new Harness({ objectWindowMs: 1 }, {}, { ...NOTHING, ...STORED, batches, lastSeq: 8 });
    expect(h.rows()).toEqual(['1500000 late {}']);
    expect(h.ask({ kind: 'append', batch: ONE.buffer }).reply).toEqual({ kind: 'ok' });
    expect(h.groups).toEqual([]);
    const asked = h.ask({ kind: 'batches.ask', batches: [{ origin: 'o', ranges: [[1, 9]] }] });
    expect(asked.reply).toMatchObject({ status: { stored: [{ origin: 'o', ranges: [[3, 4]] }] } });
  });
});
