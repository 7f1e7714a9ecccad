import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Assembler, split } from './chunks.js';

function bytesOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i * 7);
}

describe('chunks', () => {
  it('any message comes out of its parts, in whatever order and however often they arrive', () => {
    fc.assert(
      fc.property(
        fc.nat(20_000),
        fc.integer({ min: 1024, max: 4096 }),
        fc.infiniteStream(fc.nat()),
        (length, max, draw) => {
          const parts = [...split(5n, bytesOf(length), max)];
          const arriving = [...parts, ...parts.slice(0, -1)].map((part) => ({
            part,
            key: draw.next().value as number,
          }));
          arriving.sort((a, b) => a.key - b.key);
          const assembler = new Assembler();
          const whole = arriving.map(({ part }) => assembler.add('a', part, 0)).filter((done) => done !== undefined);
          expect(whole.length).toBeGreaterThanOrEqual(1);
          expect(Buffer.from(whole[0]!).equals(bytesOf(length))).toBe(true);
          for (const part of parts) expect(part.length).toBeLessThanOrEqual(max);
        },
      ),
    );
  });

  it('messages of two senders with the same id do not mix', () => {
    const [a1, a2] = [...split(1n, bytesOf(1500), 1024)];
    const [b1, b2] = [...split(1n, bytesOf(1400).fill(9), 1024)];
    const assembler = new Assembler();
    expect(assembler.add('a', a1!, 0)).toBeUndefined();
    expect(assembler.add('b', b1!, 0)).toBeUndefined();
    expect(assembler.add('a', a2!, 0)).toHaveLength(1500);
    expect(assembler.add('b', b2!, 0)).toEqual(Buffer.alloc(1400, 9));
  });

  it('a message that is too large, or misses a part for too long, is dropped and counted', () => {
    const bounds = { messageBytesMax: 4096, pendingBytesMax: 6000, pendingMs: 100 };
    const assembler = new Assembler(bounds);
    for (const part of split(1n, bytesOf(5000), 2048)) expect(assembler.add('a', part, 0)).toBeUndefined();
    expect(assembler.dropped).toBeGreaterThan(0);
    const dropped = assembler.dropped;
    assembler.add('a', [...split(2n, bytesOf(3000), 2048)][0]!, 10);
    assembler.add('a', [...split(3n, bytesOf(3000), 2048)][0]!, 200);
    expect(assembler.dropped).toBeGreaterThan(dropped);
  });

  it('bytes that are no part are dropped, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const assembler = new Assembler({ messageBytesMax: 4096, pendingBytesMax: 4096, pendingMs: 1 });
        expect(() => assembler.add('x', bytes, 0)).not.toThrow();
      }),
    );
  });
});
