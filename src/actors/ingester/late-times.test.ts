import { describe, expect, it } from 'vitest';
import { entriesOf, type Row } from '../../../test/support/entries.js';
import { SeededRandom } from '../../../test/support/random.js';
import { LateTimes } from './late-times.js';
import { Pieces } from './pieces.js';
import { type StoredBatch, storedBatch } from './stream.js';

const START = 1_793_491_206_250_000_968n;

function batchOf(times: readonly bigint[]): StoredBatch {
  const entries = entriesOf({ '{a="b"}': times.map((time): Row => [time, 'line']) });
  return { ...storedBatch(entries, [], 1), memtable: 1, index: 0 };
}

/** Asks for each row in turn; what it was told. */
function push(late: LateTimes, pieces: Pieces, times: readonly bigint[]): boolean[] {
  pieces.push(batchOf(times), 0);
  return times.map((_, row) => late.add(pieces, row));
}

const someTimes = (random: SeededRandom, count: number): bigint[] =>
  Array.from({ length: count }, () => START + BigInt(random.below(2 ** 31)) * 1000n);

describe('the times of rows that came late', () => {
  it('never takes a known time for a new one, whatever was taken back or forgotten before', () => {
    const random = new SeededRandom(7);
    const late = new LateTimes();
    const pieces = new Pieces();
    const known: bigint[][] = [];
    for (let i = 0; i < 300; i++) {
      const times = someTimes(random, 1 + random.below(40));
      push(late, pieces, times);
      known.push(times);
      if (random.chance(0.2)) {
        pieces.pop();
        known.pop();
        late.rewind(pieces.length);
      }
      if (random.chance(0.1)) {
        const gone = random.below(known.length + 1);
        pieces.remove(0, gone);
        known.splice(0, gone);
        late.forget(gone);
      }
      if (known.length === 0) continue;
      expect(push(late, pieces, random.pick(known))).not.toContain(false);
      pieces.pop();
      late.rewind(pieces.length);
    }
  });

  it('adds what came while nobody asked', () => {
    const late = new LateTimes();
    const pieces = new Pieces();
    const times = someTimes(new SeededRandom(8), 100);
    pieces.push(batchOf(times.slice(0, 50)), 0);
    pieces.push(batchOf(times.slice(50)), 0);
    late.follow(pieces);
    expect(push(late, pieces, times)).not.toContain(false);
  });

  it('takes few new times for known ones, however many rows there are', () => {
    const random = new SeededRandom(9);
    const late = new LateTimes();
    const pieces = new Pieces();
    let wrong = 0;
    for (let i = 0; i < 1000; i++) wrong += push(late, pieces, someTimes(random, 50)).filter((is) => is).length;
    expect(wrong / 50_000).toBeLessThan(0.03);
    expect(wrong).toBeGreaterThan(0);
  });
});
