import { expect, test } from 'vitest';
import { SeededRandom } from '../../../test/support/random.js';
import { type StreamLabels, sharedStreams } from './shared-streams.js';

type Stream = Readonly<Record<string, string>>;

function tableOf(streams: readonly Stream[]): StreamLabels {
  const names = [...new Set(streams.flatMap((stream) => Object.keys(stream)))].sort();
  const columns = names.map((name) => {
    const values = [...new Set(streams.flatMap((stream) => stream[name] ?? []))].sort();
    const ids = Int32Array.from(streams, (stream) => values.indexOf(stream[name] ?? ''));
    return { name, values, ids };
  });
  return { count: streams.length, columns };
}

const shared = (ours: readonly Stream[], theirs: readonly Stream[]): number[] => [
  ...sharedStreams(tableOf(ours), tableOf(theirs)),
];

test('streams are shared that have the same labels with the same values, wherever these are numbered', () => {
  const theirs = [{ a: 'x' }, { a: 'y', b: 'z' }, { a: 'z' }];
  expect(shared([{ a: 'z' }, { b: 'z', a: 'y' }, { a: 'x', b: 'z' }], theirs)).toEqual([2, 1, -1]);
});

test('a label that only one of them has keeps streams apart', () => {
  expect(shared([{ a: 'x', c: 'x' }, { a: 'x' }], [{ a: 'x', d: 'x' }, { a: 'x' }])).toEqual([-1, 1]);
  expect(shared([{}], [{ a: 'x' }, {}])).toEqual([1]);
  expect(shared([], [{ a: 'x' }])).toEqual([]);
  expect(shared([{ a: 'x' }], [])).toEqual([-1]);
});

test('it is what comparing label sets finds, of many streams', () => {
  const random = new SeededRandom(7);
  const made = (): Stream[] => {
    const all = Array.from({ length: 300 }, () =>
      Object.fromEntries(
        ['a', 'b', 'c', 'd'].flatMap((name) => (random.below(3) ? [[name, String(random.below(5))]] : [])),
      ),
    );
    return [...new Map(all.map((stream) => [JSON.stringify(stream), stream])).values()];
  };
  const [ours, theirs] = [made(), made()];
  const texts = theirs.map((stream) => JSON.stringify(stream));
  expect(shared(ours, theirs)).toEqual(ours.map((stream) => texts.indexOf(JSON.stringify(stream))));
  const table = tableOf(ours);
  expect([...sharedStreams(table, table)]).toEqual(ours.map((_, stream) => stream));
});
