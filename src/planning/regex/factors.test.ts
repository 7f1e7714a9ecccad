import { describe, expect, it } from 'vitest';
import { type RequiredFactors, requiredFactors } from './factors.js';
import { parseRegex } from './parse.js';

/** Sets as text, `.` for any byte. */
function shown(pattern: string): string | null {
  const required: RequiredFactors | null = requiredFactors(parseRegex(pattern));
  if (required === null) return null;
  const set = (bytes: ReadonlySet<number>) =>
    bytes.size === 256
      ? 'any'
      : [...bytes]
          .sort((a, b) => a - b)
          .map((byte) => String.fromCharCode(byte))
          .join('');
  return `${required.need} of ${required.factors.map((factor) => factor.map(set).join(',')).join(' | ')}`;
}

describe('the factors that an expression requires', () => {
  it.each([
    [
      'an address: so many digits around a dot as it has dots',
      '\\d+\\.\\d+\\.\\d+\\.\\d+',
      '3 of 0123456789,.,0123456789',
    ],
    ['letters in both cases', '(?i)xyz', '1 of Xx,Yy,Zz'],
    ['the rarest three bytes of a literal', 'eexyzee', '1 of x,y,z'],
    ['one of each alternative', '(abq|xyz)', '1 of a,b,q | x,y,z'],
    ['two bytes, where there are no three', 'x+Y', '1 of x,Y,any'],
    ['none where the long s and the Kelvin sign are letters too', '(?i)sks', null],
    ['none where a class has members beyond ASCII', '[é-ü]+', null],
    ['none that would be everywhere', '\\d\\d', null],
    ['none where an alternative has none', 'xyz|.*', null],
    ['nothing of what can be left out', '(xyz)?QQQ(xyz)*', '1 of Q,Q,Q'],
    ['a repeated group by its first and its next round', '(?:XY){2,}', '1 of X,Y,X'],
    ['the bytes of other scripts', 'ж€', '1 of \xd0,\xb6,\xe2'],
  ])('%s', (_, pattern, expected) => {
    expect(shown(pattern)).toBe(expected);
  });
});
