import { describe, expect, it } from 'vitest';
import { loadFingerprint, RecentAppends } from './recent.js';

const fingerprint = await loadFingerprint();
const append = (content: number): SharedArrayBuffer => {
  const buffer = new SharedArrayBuffer(8);
  new Float64Array(buffer)[0] = content;
  return buffer;
};

describe('recent appends', () => {
  it('are known for at least as many as the bound, and not for ever', () => {
    const recent = new RecentAppends(fingerprint, 10, 1e9);
    for (let i = 0; i < 100; i++) recent.add('t', append(i), i);
    for (let i = 90; i < 100; i++) expect(recent.has('t', append(i))).toBe(true);
    expect(recent.has('t', append(79))).toBe(false);
  });

  it('are forgotten by age', () => {
    const recent = new RecentAppends(fingerprint, 10, 1000);
    recent.add('t', append(1), 0);
    recent.add('t', append(2), 900);
    recent.add('t', append(3), 1001);
    expect(recent.has('t', append(1))).toBe(true);
    recent.add('t', append(4), 2100);
    expect([recent.has('t', append(1)), recent.has('t', append(3))]).toEqual([false, true]);
  });

  it('are told apart by tenant, length and every byte, large ones included', () => {
    const buffer = new SharedArrayBuffer(3_000_000);
    const bytes = new Uint8Array(buffer).fill(7);
    const recent = new RecentAppends(fingerprint, 10, 1000);
    recent.add('a', buffer, 0);
    expect(recent.has('a', buffer)).toBe(true);
    expect(recent.has('b', buffer)).toBe(false);
    expect(recent.has('a', buffer.slice(1))).toBe(false);
    for (const at of [0, 1_048_575, 1_048_576, 2_999_999]) {
      bytes[at] = 8;
      expect(recent.has('a', buffer)).toBe(false);
      bytes[at] = 7;
    }
  });

  it('cost nothing where no remembered append is as long', () => {
    let looks = 0;
    const recent = new RecentAppends(() => BigInt(looks++), 10, 1000);
    recent.add('t', append(1), 0);
    recent.has('t', new SharedArrayBuffer(16));
    recent.has('u', append(1));
    expect(looks).toBe(1);
  });
});
