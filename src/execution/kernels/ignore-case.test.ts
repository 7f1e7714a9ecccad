import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { anyLines, type Lines, layOut, rowsWhere } from '../../../test/arbitrary/lines.js';
import { IgnoreCaseMatcher } from './ignore-case.js';

function contains(input: Lines, needle: string): number[] {
  const keep = new Int32Array(input.count);
  const { offsets, bytes, rows, count } = input;
  const matcher = new IgnoreCaseMatcher('contains', Buffer.from(needle));
  return [...keep.subarray(0, matcher.match(offsets, bytes, rows, count, keep))];
}

const text = (...lines: string[]): Lines =>
  layOut(
    lines.map((line) => Buffer.from(line)),
    null,
  );

describe('IgnoreCaseMatcher', () => {
  it('takes ASCII letters as alike', () => {
    const input = text('ERROR 1', 'Error 1', 'error!1', 'ErRoR 10', '[rror 1', 'ÉRROR 1');
    expect(contains(input, 'Error 1')).toEqual([0, 1, 3]);
  });

  it('does not take @ for ` or [ for {', () => {
    expect(contains(text('a@b', 'a`b', 'a[b', 'a{b'), 'a`b')).toEqual([1]);
  });

  it('takes the long s and the Kelvin sign for letters, as Go does', () => {
    expect(contains(text('aſK', 'ASK', 'as\u212a', 'aſ'), 'ask')).toEqual([0, 1, 2]);
  });

  it('keeps every row for the empty needle', () => {
    expect(contains(text('', 'a'), '')).toEqual([0, 1]);
  });
});

it('agrees with (?i) of re2js', () => {
  const alphabet = fc.constantFrom(...'aabABsSkK1\n', 'é', '\u017f', '\u212a');
  const line = fc.array(alphabet, { maxLength: 8 }).map((parts) => Buffer.from(parts.join('')));
  const needle = fc.array(fc.constantFrom(...'abABsSkK1', '€'), { maxLength: 3 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(anyLines(line), needle, (input, word) => {
      const { offsets, bytes, rows, count } = input;
      const run = (kind: 'contains' | 'prefix' | 'suffix' | 'equals'): number[] => {
        const keep = new Int32Array(count);
        return [
          ...keep.subarray(0, new IgnoreCaseMatcher(kind, Buffer.from(word)).match(offsets, bytes, rows, count, keep)),
        ];
      };
      const where = (pattern: string): number[] => {
        const re = RE2JS.compile(`(?i)${pattern}`);
        return rowsWhere(input, (bytes) => re.test(bytes));
      };
      expect(run('contains')).toEqual(where(word));
      expect(run('prefix')).toEqual(where(`^${word}`));
      expect(run('suffix')).toEqual(where(`${word}$`));
      expect(run('equals')).toEqual(where(`^${word}$`));
    }),
    { numRuns: 1000 },
  );
});
