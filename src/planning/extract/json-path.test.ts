import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PathStep, parseJsonPath, parseLogfmtKey } from './json-path.js';

const path = (...steps: (string | number)[]): PathStep[] =>
  steps.map((step) => (typeof step === 'string' ? { kind: 'key', name: step } : { kind: 'index', index: step }));

describe('parseJsonPath', () => {
  it.each<[string, PathStep[]]>([
    ['user', path('user')],
    ['user.name', path('user', 'name')],
    ['user.roles[0]', path('user', 'roles', 0)],
    ['["http.host"]', path('http.host')],
    ['a["key with spaces"][3].b', path('a', 'key with spaces', 3, 'b')],
    ['[0]', path(0)],
    [' a . b [ 1 ] ', path('a', 'b', 1)],
    ['["日本"]', path('日本')],
    ['[""]', path('')],
  ])('reads %s', (text, steps) => {
    expect(parseJsonPath(text)).toEqual(steps);
  });

  it.each([
    ['', 'syntax error: unexpected $end, expecting LSB or FIELD'],
    ['a.', 'syntax error: unexpected $end, expecting FIELD'],
    ['a b', 'syntax error: unexpected FIELD'],
    ['.a', 'syntax error: unexpected DOT, expecting LSB or FIELD'],
    ['a[', 'syntax error: unexpected $end, expecting STRING or INDEX'],
    ['a[b]', 'syntax error: unexpected FIELD, expecting STRING or INDEX'],
    ['a["b', 'syntax error: unexpected $end, expecting RSB'],
    ['a["b]', 'syntax error: unexpected $end, expecting RSB'],
    ['a-b', 'unexpected char -'],
    ['a[1.5]', 'cannot use float as array index'],
    ['a[1x]', 'non-integer value: x'],
    ['a[99999999999999999999]', 'strconv.Atoi: parsing "99999999999999999999": value out of range'],
    ['é', 'unexpected char é'],
  ])('refuses %j', (text, message) => {
    expect(() => parseJsonPath(text)).toThrow(new Error(message));
  });
});

describe('parseLogfmtKey', () => {
  it.each([
    ['level', 'level'],
    [' level ', 'level'],
    ['"a.b"', 'a.b'],
    ['a "b"', 'a b'],
  ])('reads %j', (text, key) => {
    expect(parseLogfmtKey(text)).toBe(key);
  });

  it.each([
    ['', 'syntax error: unexpected $end, expecting STRING or FIELD'],
    ['a b', 'syntax error: unexpected FIELD'],
    ['a.b', 'unexpected char .'],
    ['a[0]', 'unexpected char ['],
  ])('refuses %j', (text, message) => {
    expect(() => parseLogfmtKey(text)).toThrow(new Error(message));
  });
});

it('either reads or refuses any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'a1_.[]" é\\\0') }), (text) => {
      for (const parse of [parseJsonPath, parseLogfmtKey]) {
        try {
          expect(parse(text).length).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect((error as Error).message).toMatch(/^(syntax error|unexpected char|cannot use|non-integer|strconv)/);
        }
      }
    }),
  );
});
