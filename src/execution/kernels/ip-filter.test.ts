import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOut } from '../../../test/arbitrary/lines.js';
import { compileIpLineFilter, compileIpMatcher } from './ip-filter.js';

describe('compileIpMatcher', () => {
  it.each([
    ['10.0.0.0/24', 'from 10.0.0.7:80 to x', true],
    ['10.0.0.0/24', '10.0.1.7', false],
    ['10.0.0.0/24', '10.0.0.7', true],
    ['203.0.113.7', 'ip=203.0.113.7,', true],
    ['203.0.113.7', '1203.0.113.7', true], // the dot is too far for Loki to begin with the 1
    ['203.0.113.7', 'v1.2 203.0.113.7', true],
    ['1.2.3.4', '1.2.3.4.5', false],
    ['2001:db8::/32', 'ip=2001:db8::1 x', true],
    ['2001:db8::/32', '[2001:DB8::1]:443', true],
    ['2001:db8::/32', 'at 10:20:30 nothing', false],
    ['::1', '::1', false], // too short for Loki to notice at the end of a line
    ['::1', '::1 ok', true],
    ['10.0.0.1-10.0.0.9', 'a10.0.0.5b', true],
    ['10.0.0.1', '', false],
  ])('%s on %j answers %s', (pattern, text, answer) => {
    expect(compileIpMatcher(pattern)(text)).toBe(answer);
  });
});

it('keeps lines with a matching address', () => {
  const { offsets, bytes } = layOut(
    ['10.0.0.1 -', 'none', 'x 10.0.0.1', '10.0.0.', '2'].map((line) => Buffer.from(line)),
    null,
  );
  const keep = new Int32Array(5);
  const filter = compileIpLineFilter('10.0.0.0/8');
  expect([...keep.subarray(0, filter.match(offsets, bytes, null, 5, keep))]).toEqual([0, 2]);
  expect([...keep.subarray(0, filter.match(offsets, bytes, Int32Array.of(1, 2), 2, keep))]).toEqual([2]);
});

it('finds any address between spaces', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      fc.pre(address !== '::'); // begins with a colon but no digit follows
      expect(compileIpMatcher(address)(`x ${address} yz w`)).toBe(true);
    }),
  );
});

it('answers for any bytes', () => {
  const matches = compileIpMatcher('::/0');
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789abf:. ') }), (text) => {
      expect(typeof matches(text)).toBe('boolean');
    }),
  );
});
