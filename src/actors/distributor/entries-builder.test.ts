import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowsOf } from '../../../test/support/push.js';
import { byteRun } from '../../wire/byte-copy.js';
import { EntriesBuilder } from './entries-builder.js';

function addLine(builder: EntriesBuilder, text: string): void {
  const bytes = Buffer.from(text);
  builder.addLine(byteRun(bytes), 0, bytes.length);
}

function addPair(builder: EntriesBuilder, key: number, text: string): boolean {
  const bytes = Buffer.from(text);
  return builder.addPair(key, byteRun(bytes), 0, bytes.length);
}

describe('an entries builder', () => {
  it('keeps rows that were ended and forgets those that were dropped', () => {
    const builder = new EntriesBuilder();
    builder.keys.push('a', 'b');
    addPair(builder, 0, 'kept');
    addLine(builder, 'one');
    builder.endRow(1, 2);
    addPair(builder, 0, 'gone');
    addPair(builder, 1, 'gone too');
    addLine(builder, 'dropped');
    builder.dropRow();
    addPair(builder, 1, 'also kept');
    addLine(builder, 'two');
    builder.endRow(-1, 999_999_999);
    expect(builder.endStream('{s="1"}')).toBe(true);
    expect(builder.endStream('{s="2"}')).toBe(false);
    expect(rowsOf(builder.seal('t'))).toEqual([
      { stream: '{s="1"}', time: 1_000_000_002n, line: 'one', metadata: { a: 'kept' } },
      { stream: '{s="1"}', time: -1n, line: 'two', metadata: { b: 'also kept' } },
    ]);
  });

  it('takes back the last pair, and those marked dead', () => {
    const builder = new EntriesBuilder();
    builder.keys.push('a', 'b', 'c');
    addLine(builder, 'first');
    addPair(builder, 2, 'of the row before');
    builder.endRow(0, 0);
    addPair(builder, 0, 'dead');
    addPair(builder, 1, 'alive');
    addPair(builder, 0, '');
    addPair(builder, 2, 'dead as well');
    expect(addPair(builder, 2, 'é')).toBe(false);
    builder.dropPair();
    expect(addPair(builder, 0, 'last')).toBe(true);
    builder.pairKeys[1] = -1;
    builder.pairKeys[3] = -1;
    builder.pairKeys[4] = -1;
    builder.compactRow();
    addLine(builder, 'second');
    builder.endRow(0, 1);
    builder.endStream('{}');
    expect(rowsOf(builder.seal('t')).map(({ metadata }) => metadata)).toEqual([
      { c: 'of the row before' },
      { b: 'alive', a: 'last' },
    ]);
  });

  it('starts again from empty with the same memory', () => {
    const builder = new EntriesBuilder();
    addLine(builder, 'old');
    builder.endRow(0, 0);
    builder.endStream('{old="1"}');
    const first = builder.seal('t');
    builder.reset();
    expect(builder.seal('t').rows).toBe(0);
    addLine(builder, 'new');
    builder.endRow(0, 0);
    builder.endStream('{new="1"}');
    expect(rowsOf(builder.seal('t')).map(({ line }) => line)).toEqual(['new']);
    expect(rowsOf(first).map(({ line }) => line)).toEqual(['old']);
  });

  it('grows to any number of rows, pairs and bytes, and is small again afterwards', () => {
    const builder = new EntriesBuilder();
    builder.keys.push('k');
    const line = 'x'.repeat(10_000);
    for (let i = 0; i < 3000; i++) {
      for (let pair = 0; pair < 3; pair++) addPair(builder, 0, `${i}.${pair}`);
      addLine(builder, i % 2 ? line : '');
      builder.endRow(i, 0);
    }
    builder.endStream('{}');
    const batch = builder.seal('t');
    expect(batch.rows).toBe(3000);
    expect(batch.messages.length).toBe(1500 * 10_000);
    expect(rowsOf(batch).at(-1)).toMatchObject({ time: 2999n * 1_000_000_000n, line, metadata: { k: '2999.2' } });
    for (let i = 0; i < 3000; i++) addLine(builder, line);
    const grown = builder.messages.bytes.length;
    builder.reset();
    expect(builder.messages.bytes.length).toBeLessThan(grown);
  });

  it('holds what was put in', () => {
    const row = fc.record({
      line: fc.string({ unit: 'binary' }),
      pairs: fc.uniqueArray(fc.tuple(fc.nat(9), fc.string({ unit: 'binary' })), { selector: ([key]) => key }),
      seconds: fc.integer({ min: -9e9, max: 9e9 }),
      nanos: fc.nat(999_999_999),
      dropped: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(fc.array(row)), (streams) => {
        const builder = new EntriesBuilder();
        const keys = Array.from({ length: 10 }, (_, i) => `key${i}`);
        builder.keys.push(...keys);
        streams.forEach((rows, s) => {
          for (const { line, pairs, seconds, nanos, dropped } of rows) {
            for (const [key, value] of pairs) addPair(builder, key, value);
            addLine(builder, line);
            if (dropped) builder.dropRow();
            else builder.endRow(seconds, nanos);
          }
          builder.endStream(`{s="${s}"}`);
        });
        const kept = streams.flatMap((rows, s) => rows.filter(({ dropped }) => !dropped).map((row) => ({ s, ...row })));
        expect(rowsOf(builder.seal('t'))).toEqual(
          kept.map(({ s, line, pairs, seconds, nanos }) => ({
            stream: `{s="${s}"}`,
            time: BigInt(seconds) * 1_000_000_000n + BigInt(nanos),
            line: Buffer.from(line).toString(),
            metadata: Object.fromEntries(pairs.map(([key, value]) => [keys[key], Buffer.from(value).toString()])),
          })),
        );
      }),
      { numRuns: 60 },
    );
  });
});
