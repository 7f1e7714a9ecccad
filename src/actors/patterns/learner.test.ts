import { describe, expect, it } from 'vitest';
import { entriesOf, type Row } from '../../../test/support/entries.js';
import { PatternLearner } from './learner.js';
import { DEFAULT_PATTERN_SETTINGS, type PatternSettings } from './settings.js';

const HOUR = 3_600_000_000_000n;
const NOW = 1_700_000_000n * 1_000_000_000n;

function learnt(
  rows: readonly Row[],
  settings: Partial<PatternSettings> = {},
): [level: string, pattern: string, counts: object][] {
  const learner = new PatternLearner({ ...DEFAULT_PATTERN_SETTINGS, ...settings });
  learner.learn(entriesOf({ '{app="x"}': rows }, 't').buffer, NOW, 0);
  return [...learner.tenants.streams('t')].flatMap(({ levels }) =>
    [...levels].flatMap(([level, drain]) =>
      [...drain.clusters()].map(({ pattern, samples }): [string, string, object] => [
        level,
        pattern,
        Object.fromEntries(
          Array.from({ length: samples.size }, (_, i) => [samples.interval(i) * 10, samples.count(i)]),
        ),
      ]),
    ),
  );
}

describe('the learner', () => {
  it('counts lines at their own time, by ten seconds', () => {
    const rows: Row[] = [
      [NOW, 'user 1 came'],
      [NOW - HOUR, 'user 2 came'],
      [NOW - HOUR + 9_999_000_000n, 'user 3 came'],
    ];
    expect(learnt(rows)).toEqual([['unknown', 'user <_> came', { 1699996400: 2, 1700000000: 1 }]]);
  });

  it('leaves out what is older than it keeps, and what is far in the future', () => {
    const rows: Row[] = [
      [NOW - 3n * HOUR - 10_000_000_001n, 'too old for it'],
      [NOW - 3n * HOUR, 'just in time'],
      [NOW + 2n * HOUR, 'from another world'],
      [-1n, 'before the epoch'],
    ];
    expect(learnt(rows).map(([, pattern]) => pattern)).toEqual(['just in time']);
  });

  it('keeps levels apart, and takes levels that Loki does not know for unknown', () => {
    const rows: Row[] = [
      [NOW, 'same text', { detected_level: 'info' }],
      [NOW, 'same text', { trace: 'error', detected_level: 'error' }],
      [NOW, 'same text', { detected_level: 'notice' }],
      [NOW, 'same text', { trace: '1' }],
      [NOW, 'same text'],
    ];
    expect(learnt(rows)).toEqual([
      ['info', 'same text', { 1700000000: 1 }],
      ['error', 'same text', { 1700000000: 1 }],
      ['unknown', 'same text', { 1700000000: 3 }],
    ]);
  });

  it('lets every line it reads count for those it does not read', () => {
    const rows = Array.from({ length: 640 }, (): Row => [NOW, 'again and again']);
    expect(learnt(rows, { bytesPerSecond: 0 })).toEqual([['unknown', 'again and again', { 1700000000: 640 }]]);
    const learner = new PatternLearner({ ...DEFAULT_PATTERN_SETTINGS, bytesPerSecond: 0 });
    learner.learn(entriesOf({ '{app="x"}': rows }).buffer, NOW, 0);
    expect([learner.lines, learner.linesRead]).toEqual([640, 10]);
  });

  it('has no patterns of lines without words', () => {
    expect(
      learnt([
        [NOW, ''],
        [NOW, '---'.replaceAll('-', ' ')],
        [NOW, '{}'],
      ]),
    ).toEqual([]);
  });

  it('refuses what is no batch', () => {
    const learner = new PatternLearner(DEFAULT_PATTERN_SETTINGS);
    expect(() => learner.learn(new SharedArrayBuffer(8), NOW, 0)).toThrow(RangeError);
  });
});
