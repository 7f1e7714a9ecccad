import { describe, expect, test } from 'vitest';
import { parseLogQL } from '../../planning/logql/parser.js';
import { REHEARSED_NS, REHEARSED_OBJECTS, rehearsedPushes } from './pushes.js';
import { rehearsedQuestions } from './questions.js';

const NOW = 1_793_494_800_000_000_000n;

interface Push {
  readonly streams: readonly {
    readonly stream: Record<string, string>;
    readonly values: readonly (readonly [string, string, Record<string, string>])[];
  }[];
}

describe('what is rehearsed', () => {
  const pushes = (object: number): Push[] => [...rehearsedPushes(NOW, object)].map((body) => JSON.parse(body) as Push);

  test('the entries of an object are of its share of the hour before', () => {
    for (let object = 0; object < REHEARSED_OBJECTS; object++) {
      const times = pushes(object).flatMap(({ streams }) =>
        streams.flatMap(({ values }) => values.map(([time]) => BigInt(time))),
      );
      const share = REHEARSED_NS / BigInt(REHEARSED_OBJECTS);
      const from = NOW - REHEARSED_NS + BigInt(object) * share;
      expect(times.every((time) => time >= from && time < from + share)).toBe(true);
      expect(new Set(times).size).toBe(times.length);
    }
  });

  test('there is more than what is read on the main thread beside other questions', () => {
    const lines = Array.from({ length: REHEARSED_OBJECTS }, (_, object) => pushes(object))
      .flat()
      .flatMap(({ streams }) => streams.flatMap(({ values }) => values.map(([, line]) => line.length)));
    expect(lines.reduce((sum, length) => sum + length)).toBeGreaterThan(1 << 20);
  });

  test('all of it is the same each time', () => {
    expect([...rehearsedPushes(NOW, 1)]).toEqual([...rehearsedPushes(NOW, 1)]);
  });

  test('questions are LogQL', () => {
    for (const question of rehearsedQuestions(NOW)) {
      const query = new URLSearchParams(question.split('?')[1]).get('query');
      if (query !== null) expect(() => parseLogQL(query)).not.toThrow();
    }
  });
});
