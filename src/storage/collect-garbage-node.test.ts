import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { collectGarbage } from './collect-garbage-node.js';

it('shared memory that nobody refers to is given back at once', async () => {
  const kept = new SharedArrayBuffer(1 << 20);
  const [dropped, still] = [new WeakRef(new SharedArrayBuffer(1 << 20)), new WeakRef(kept)];
  await turn();
  collectGarbage();
  expect(dropped.deref()).toBeUndefined();
  expect(still.deref()).toBe(kept);
});
