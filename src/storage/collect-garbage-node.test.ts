import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { collectGarbage, collectGarbageSoon } from './collect-garbage-node.js';

it('shared memory that nobody refers to is given back at once', async () => {
  const kept = new SharedArrayBuffer(1 << 20);
  const [dropped, still] = [new WeakRef(new SharedArrayBuffer(1 << 20)), new WeakRef(kept)];
  await turn();
  collectGarbage();
  expect(dropped.deref()).toBeUndefined();
  expect(still.deref()).toBe(kept);
});

it('shared memory that has been there for long is given back soon, where somebody says that there is some', async () => {
  const held = { memory: new SharedArrayBuffer(1 << 20) as SharedArrayBuffer | null };
  let gone = 0;
  const registry = new FinalizationRegistry<number>((bytes) => {
    gone += bytes;
  });
  registry.register(held.memory!, 1 << 20);
  for (let i = 0; i < 3; i++) {
    await turn();
    collectGarbage();
  }
  expect(gone).toBe(0);
  held.memory = null;
  collectGarbageSoon();
  while (gone === 0) await pause(5);
  expect(registry).toBeDefined();
});
