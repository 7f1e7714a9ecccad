import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyLine, anyPattern } from '../../../test/arbitrary/regex.js';
import { parseRegex } from '../../planning/regex/parse.js';
import { compileRe2 } from '../../planning/regex/syntax.js';
import { Backtracker } from './backtracker.js';
import { compileCaptures } from './captures.js';
import { compileProgram } from './program.js';

function groups(pattern: string, line: string | Buffer): (string | null)[] | null {
  const matcher = compileCaptures(pattern);
  const text = Buffer.from(line);
  const bytes = Buffer.concat([Buffer.from('<a'), text, Buffer.from('a>')]);
  const spans = new Int32Array(2 * matcher.names.length + 2);
  if (!matcher.find(bytes, 2, 2 + text.length, spans)) return null;
  return Array.from({ length: spans.length / 2 }, (_, group) =>
    spans[2 * group]! < 0 ? null : bytes.latin1Slice(spans[2 * group]!, spans[2 * group + 1]!),
  );
}

describe('compileCaptures', () => {
  it.each<[string, string, (string | null)[] | null]>([
    ['(a+)(b+)', 'xaabbb', ['aabbb', 'aa', 'bbb']],
    ['(a|ab)(c|bcd)(d*)', 'abcd', ['abcd', 'a', 'bcd', '']],
    ['(a+?)(a*)', 'aaa', ['aaa', 'a', 'aa']],
    ['(a)|(b)', 'b', ['b', null, 'b']],
    ['(?:(a)|b)*', 'ab', ['ab', 'a']],
    ['(a*)*', 'aab', ['aa', 'aa']],
    ['(|a)*', 'aa', ['', '']],
    ['(|a)+', 'aa', ['', '']],
    ['^(\\S+) .* (\\d{3}) (\\d+)', '10.0.0.1 - - 200 12 x', ['10.0.0.1 - - 200 12', '10.0.0.1', '200', '12']],
    ['"(\\w+) ([^ ]+)', 'GET "GET /x HTTP"', ['"GET /x', 'GET', '/x']],
    ['x(y)', 'abc', null],
    ['$', 'abc', ['']],
  ])('%s on %j', (pattern, line, expected) => {
    expect(groups(pattern, line)).toEqual(expected);
  });

  it('names its groups', () => {
    expect(compileCaptures('(?P<a>x)(y)(?<b>z)').names).toEqual(['a', '', 'b']);
  });

  it('refuses an invalid pattern in the words of Go', () => {
    expect(() => compileCaptures('(')).toThrow('error parsing regexp: missing closing ): `(`');
  });

  it('leaves scripts to re2js', () => {
    expect(groups('(\\p{Greek}+)', 'abc λόγος!')).toEqual(
      [Buffer.from('λόγος'), Buffer.from('λόγος')].map((b) => b.toString('latin1')),
    );
  });

  it.each(['(a+)+b', '((a{1,10}){1,10})b', '(a*)*b', '(.*)x(.*)y', '((a|aa)+)c', '(\\w+) '])(
    'passes the choices of %s once at each place',
    (pattern) => {
      const line = Buffer.from('a'.repeat(5000));
      const program = compileProgram(parseRegex(pattern), { captures: true, toEnd: false })!;
      const backtracker = new Backtracker(program);
      expect(backtracker.find(line, 0, line.length, new Int32Array(20))).toBe(false);
      expect(backtracker.steps).toBeLessThan((program.op.length + 4) * (line.length + 16));
    },
  );

  it('refuses what would need too large a set of visited places', () => {
    const program = compileProgram(parseRegex(`${'(?:a?){1000}'.repeat(8)}b`), { captures: true, toEnd: false })!;
    const line = Buffer.from('a'.repeat(20_000));
    expect(new Backtracker(program).find(line, 0, line.length, new Int32Array(2))).toBeNull();
  });
});

it('finds the groups that re2js finds', () => {
  fc.assert(
    fc.property(anyPattern(), fc.array(anyLine(), { maxLength: 5 }), (pattern, lines) => {
      const re = compileRe2(pattern);
      for (const line of lines) {
        const matcher = re.matcher(line);
        const expected = matcher.find()
          ? Array.from({ length: re.groupCount() + 1 }, (_, group) =>
              matcher.start(group) < 0 ? null : line.latin1Slice(matcher.start(group), matcher.end(group)),
            )
          : null;
        expect(groups(pattern, line)).toEqual(expected);
      }
    }),
    { numRuns: 3000 },
  );
});
