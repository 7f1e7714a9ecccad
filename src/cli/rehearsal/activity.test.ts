import { expect, test } from 'vitest';
import { Activity } from './activity.js';

test('a process is idle from the end of the last request on, and never while one is running', () => {
  const activity = new Activity();
  expect(activity.idleMs(5)).toBe(Number.POSITIVE_INFINITY);
  activity.begun();
  activity.begun();
  expect(activity.idleMs(10)).toBe(0);
  activity.ended(12);
  expect(activity.idleMs(20)).toBe(0);
  activity.ended(15);
  expect(activity.idleMs(20)).toBe(5);
});
