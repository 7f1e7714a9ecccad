import { describe, expect, it } from 'vitest';
import { appendKey, loadFingerprint, RecentAppends } from './recent.js';

const fingerprint = await loadFingerprint();

describe('recent appends', () => {
  it('are known for at least as many as the bound, and not for ever', () => {
    const recent = new RecentAppends(10, 1e9);
    for (let i = 0; i < 100; i++) recent.add(String(i), i);
    for (let i = 90; i < 100; i++) expect(recent.has(String(i))).toBe(true);
    expect(recent.has('79')).toBe(false);
  });

  it('are forgotten by age', () => {
    const recent = new RecentAppends(10, 1000);
    recent.add('early', 0);
    recent.add('later', 900);
    recent.add('after a turn', 1001);
    expect(recent.has('early')).toBe(true);
    recent.add('after another', 2100);
    expect([recent.has('early'), recent.has('after a turn')]).toEqual([false, true]);
  });

  it('are told apart by tenant, length and every byte, large ones included', () => {
    const bytes = new Uint8Array(new SharedArrayBuffer(3_000_000)).fill(7);
    const key = appendKey('a', bytes, fingerprint);
    expect(appendKey('a', bytes.slice(), fingerprint)).toBe(key);
    expect(appendKey('b', bytes, fingerprint)).not.toBe(key);
    expect(appendKey('a', bytes.subarray(1), fingerprint)).not.toBe(key);
    for (const at of [0, 1_048_575, 1_048_576, 2_999_999]) {
      bytes[at] = 8;
      expect(appendKey('a', bytes, fingerprint)).not.toBe(key);
      bytes[at] = 7;
    }
  });
});
