import { expect, it } from 'vitest';
import { resting } from './resting.js';

it('others have the thread after every few milliseconds of work, and their own time does not count', async () => {
  let clock = 100;
  let turns = 0;
  const others = async (): Promise<void> => {
    turns++;
    clock += 50;
  };
  const rest = resting(others, () => clock);
  for (let page = 0; page < 20; page++) {
    clock += 1;
    await rest();
  }
  expect(turns).toBe(5);
  expect(clock).toBe(100 + 20 + 5 * 50);
});
