import { expect, it } from 'vitest';
import { FaultError } from '../wire/fault.js';
import { tenantOf } from './tenant.js';

function refusal(header: string, many = false): string {
  try {
    tenantOf(header, true, many);
  } catch (error) {
    if (error instanceof FaultError) return `${error.fault.code}: ${error.fault.message}`;
  }
  return 'accepted';
}

it('without authentication every request belongs to the tenant fake', () => {
  expect(tenantOf('', false, true)).toBe('fake');
  expect(tenantOf('a|b', false, true)).toBe('fake');
});

it('with authentication the header names the tenant', () => {
  expect(tenantOf("Az09!-_.*'()", true, false)).toBe("Az09!-_.*'()");
  expect(tenantOf('team-a:product=x', true, false)).toBe('team-a');
});

it.each([
  ['', 'unauthorized: no org id'],
  [':product=x', 'unauthorized: no org id'],
  ['a/b', "bad-request: tenant ID 'a/b' contains unsupported character '/'"],
  ['ü', "bad-request: tenant ID 'ü' contains unsupported character 'ü'"],
  ['a b', "bad-request: tenant ID 'a b' contains unsupported character ' '"],
  ['x'.repeat(151), 'bad-request: tenant ID is too long: max 150 characters'],
  ['.', "bad-request: tenant ID is '.' or '..'"],
  ['..', "bad-request: tenant ID is '.' or '..'"],
  ['a|b', 'bad-request: multiple org IDs present'],
])('%s is refused', (header, expected) => {
  expect(refusal(header)).toBe(expected);
});

it('several tenants are sorted and each counts once, so one named twice is a single tenant', () => {
  expect(tenantOf('b|a:x=y|b', true, true)).toBe('a|b');
  expect(tenantOf('a|a', true, false)).toBe('a');
});

it.each([
  ['a|', 'unauthorized: no org id'],
  ['a|..', "bad-request: tenant ID is '.' or '..'"],
  ['a|b/c', "bad-request: tenant ID 'b/c' contains unsupported character '/'"],
  [Array.from({ length: 129 }, (_, i) => i).join('|'), 'bad-request: too many org IDs: max 128'],
])('among several tenants %s is refused', (header, expected) => {
  expect(refusal(header, true)).toBe(expected);
});
