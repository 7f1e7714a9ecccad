import { expect, test } from 'vitest';
import { isClean, judge } from './verdict.js';

const lines = { client: 'a', acknowledged: new Set([0, 1, 2, 3, 4, 5, 6]), sent: 8 };

test('all that was acknowledged and shown once is clean, whatever else was sent', () => {
  expect(isClean(judge(lines, [0, 1, 2, 3, 4, 5, 6]))).toBe(true);
  const verdict = judge(lines, [6, 5, 4, 3, 2, 1, 0, 7]);
  expect(isClean(verdict)).toBe(true);
  expect(verdict.unacknowledged).toBe(1);
});

test('lost lines are told apart by where they were', () => {
  const verdict = judge(lines, [2, 4]);
  expect(verdict).toMatchObject({ lostPrefix: [0, 1], lostMiddle: [3], lostSuffix: [5, 6] });
  expect(isClean(verdict)).toBe(false);
});

test('when nothing is left all of it is a lost prefix', () => {
  expect(judge(lines, []).lostPrefix).toHaveLength(7);
});

test('a line shown twice and a line never sent are not clean', () => {
  expect(judge(lines, [0, 1, 2, 3, 3, 4, 5, 6]).duplicated).toEqual([3]);
  expect(judge(lines, [0, 1, 2, 3, 4, 5, 6, 8]).invented).toEqual([8]);
});
