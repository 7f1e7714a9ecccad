import { expect, it } from 'vitest';
import { FaultError } from '../wire/fault.js';
import { tenantOf } from './tenant.js';

function refusal(header: string): string {
  try {
    tenantOf(header, true);
  } catch (error) {
    if (error instanceof FaultError) return `${error.fault.code}: ${error.fault.message}`;
  }
  return 'accepted';
}

it('without authentication every request belongs to the tenant fake', () => {
  expect(tenantOf('', false)).toBe('fake');
  expect(tenantOf('team-a', false)).toBe('fake');
});

it('with authentication the header names the tenant', () => {
  expect(tenantOf("Az09!-_.*'()", true)).toBe("Az09!-_.*'()");
  expect(tenantOf('team-a:product=x', true)).toBe('team-a');
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
