import { describe, expect, it } from 'vitest';
import { BodyMemory } from './body-memory.js';

describe('memory of bodies', () => {
  it('is used again when it was given back, and never by two at a time', () => {
    const bodies = new BodyMemory();
    const [first, second] = [bodies.take(50_000), bodies.take(50_000)];
    expect(first.buffer).not.toBe(second.buffer);
    bodies.give(first.subarray(0, 50_000));
    const third = bodies.take(60_000);
    expect(third.buffer).toBe(first.buffer);
    expect(bodies.take(1).buffer).not.toBe(first.buffer);
  });

  it('is always enough', () => {
    const bodies = new BodyMemory();
    for (const bytes of [0, 1, 65_536, 65_537, 900_000, 5_000_000, 70_000]) {
      const taken = bodies.take(bytes);
      expect(taken.length).toBeGreaterThanOrEqual(bytes);
      bodies.give(taken);
    }
  });

  it('is not kept where it is much, or was handed on', () => {
    const bodies = new BodyMemory();
    const large = bodies.take(2_000_000);
    bodies.give(large);
    expect(bodies.take(1_500_000).buffer).not.toBe(large.buffer);
    const taken = bodies.take(10);
    structuredClone(taken, { transfer: [taken.buffer] });
    bodies.give(taken);
    expect(bodies.take(0).length).toBeGreaterThan(0);
    const many = Array.from({ length: 40 }, () => bodies.take(100));
    for (const one of many) bodies.give(one);
    const again = new Set(Array.from({ length: 40 }, () => bodies.take(100).buffer));
    expect(many.filter(({ buffer }) => again.has(buffer))).toHaveLength(16);
  });
});
