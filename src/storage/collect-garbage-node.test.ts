import { describe, expect, it } from 'vitest';
import { collectGarbage, collectGarbageSoon } from './collect-garbage-node.js';

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

describe('garbage', () => {
  it('that has become old is collected soon, where somebody says that there is some', async () => {
    let held: SharedArrayBuffer | null = new SharedArrayBuffer(1 << 20);
    const watched = new WeakRef(held);
    for (let i = 0; i < 3; i++) {
      await pause();
      collectGarbage();
    }
    expect(held.byteLength).toBe(1 << 20);
    held = null;
    collectGarbageSoon();
    while (watched.deref() !== undefined) await pause();
  });
});
