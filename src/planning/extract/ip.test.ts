import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipMatches, parseIpAddress, parseIpMatcher } from './ip.js';

const accepts = (pattern: string, address: string): boolean =>
  ipMatches(parseIpMatcher(pattern), parseIpAddress(address)!);

describe('parseIpMatcher', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1', true],
    ['10.0.0.1', '10.0.0.2', false],
    ['10.0.0.0/24', '10.0.0.255', true],
    ['10.0.0.77/24', '10.0.0.1', true],
    ['10.0.0.0/24', '10.0.1.0', false],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['0.0.0.0/0', '::1', false],
    ['192.168.4.1-192.168.4.99', '192.168.4.99', true],
    ['192.168.4.1-192.168.4.99', '192.168.4.100', false],
    ['2001:db8::/32', '2001:db8:1::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['::ffff:1.2.3.4', '::ffff:102:304', true],
    ['::ffff:1.2.3.4', '1.2.3.4', false],
    ['::/0', 'ffff::1', true],
    ['fe80::1%eth0', 'fe80::1', false],
    ['a::1-a::ff', 'A::FE', true],
  ])('%s on %s answers %s', (pattern, address, answer) => {
    expect(accepts(pattern, address)).toBe(answer);
  });

  it.each([
    '',
    'abc',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.01',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/',
    '10.0.0.9-10.0.0.1',
    '10.0.0.1 - 10.0.0.9',
    '10.0.0.1-::1',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    '1.2.3.4::',
    '1.2.3.4%x',
    'fe80::1%',
    ':::',
    '::1/129',
  ])('refuses %j', (pattern) => {
    expect(() => parseIpMatcher(pattern)).toThrow(new Error(`ip: invalid pattern: ${JSON.stringify(pattern)}`));
  });
});

it('takes for addresses what node:net does', () => {
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ unit: fc.constantFrom(...'0123456789abfF:.'), maxLength: 20 }),
    fc.array(fc.constantFrom('0', 'ff', 'abcd', '1.2.3.4', ''), { maxLength: 9 }).map((parts) => parts.join(':')),
  );
  fc.assert(
    fc.property(text, (address) => {
      expect(parseIpAddress(address) !== null).toBe(isIP(address) !== 0);
    }),
    { numRuns: 3000 },
  );
});
