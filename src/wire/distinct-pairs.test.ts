import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DistinctPairs, type Pairs } from './distinct-pairs.js';

type Pair = readonly [key: number, value: string];

function columnsOf(pairs: readonly Pair[]): Pairs {
  const values = pairs.map(([, value]) => Buffer.from(value));
  const offsets = [0];
  for (const value of values) offsets.push(offsets.at(-1)! + value.length);
  return {
    pairs: pairs.length,
    pairKeys: Int32Array.from(pairs, ([key]) => key),
    pairOffsets: Int32Array.from(offsets),
    metadata: new Uint8Array(Buffer.concat(values)),
  };
}

/** What the given pairs are by their numbers. */
function resolved({ pairKeys, pairOffsets, pairRefs, metadata }: DistinctPairs, count: number): Pair[] {
  const text = Buffer.from(metadata);
  return Array.from(pairRefs.subarray(0, count), (pair) => [
    pairKeys[pair]!,
    text.utf8Slice(pairOffsets[pair]!, pairOffsets[pair + 1]!),
  ]);
}

const distinct = new DistinctPairs();

describe('distinct pairs', () => {
  it('are one for each key and value, numbered as they come', () => {
    const pairs: Pair[] = [
      [0, 'a'],
      [1, 'a'],
      [0, 'a'],
      [0, ''],
      [0, 'a longer value'],
      [0, 'a longer valuf'],
      [1, 'a'],
    ];
    distinct.read(columnsOf(pairs));
    expect([...distinct.pairRefs.subarray(0, 7)]).toEqual([0, 1, 0, 2, 3, 4, 1]);
    expect(distinct.pairs).toBe(5);
  });

  it('stand for the pairs that were given, also where others were read before', () => {
    const pair = fc.tuple(fc.nat(3), fc.oneof(fc.constantFrom('', 'a', 'info', 'a longer one'), fc.string()));
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 200 }), (pairs) => {
        distinct.read(columnsOf(pairs));
        expect(resolved(distinct, pairs.length)).toEqual(pairs);
        expect(distinct.pairs).toBe(new Set(pairs.map((one) => JSON.stringify(one))).size);
      }),
    );
  });

  it('are found among more than there are slots for, or counted again: none is mistaken', () => {
    const pairs = Array.from({ length: 300_000 }, (_, i): Pair => [i % 2, `value ${i % 250_000}`]);
    distinct.read(columnsOf(pairs));
    expect(resolved(distinct, pairs.length)).toEqual(pairs);
    expect(distinct.pairs).toBeGreaterThanOrEqual(250_000);
    distinct.read(columnsOf([[0, 'few']]));
    expect(distinct.pairRefs.length).toBeLessThan(10_000);
  });
});
