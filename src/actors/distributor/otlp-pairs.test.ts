import { describe, expect, it } from 'vitest';
import { FaultError } from '../../wire/fault.js';
import { leaves } from './otlp-pairs.js';
import type { OtlpValue } from './otlp-value.js';

const map = (...entries: [string, OtlpValue][]): OtlpValue => ({ entries: new Map(entries) });
const numbered = (count: number, value: OtlpValue): OtlpValue =>
  map(...Array.from({ length: count }, (_, i): [string, OtlpValue] => [String(i), value]));

describe('the leaves of an attribute', () => {
  it('have their path for a name, normalised at each step', () => {
    const value = map(['b.c', 'x'], ['d', map(['.e', 1], ['f', null])]);
    expect([...leaves('a..a', value)]).toEqual([
      ['a_a_b.c', 'x'],
      ['a_a_d_.e', 1],
      ['a_a_d_f', null],
    ]);
    expect([...leaves('a..a', 'x')]).toEqual([['a..a', 'x']]);
  });

  it('are as many as are sent where paths are not long', () => {
    expect([...leaves('path'.repeat(25), numbered(20_000, 'x'))]).toHaveLength(20_000);
  });

  it.each([
    ['texts', 'x'],
    ['maps with nothing in them', map()],
  ])('that are %s do not repeat a long path without end', (_, leaf) => {
    const long = 'k'.repeat(10_000);
    expect([...leaves(long, map(['a', leaf]))].length).toBeLessThan(2);
    for (const value of [numbered(1000, leaf), map(['a', map(['b', numbered(1000, leaf)])])]) {
      expect(() => [...leaves(long, value)]).toThrow(FaultError);
      expect(() => [...leaves('a', map([long, value]))]).toThrow(/too large/);
    }
  });
});
