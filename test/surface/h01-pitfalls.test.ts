/** What other implementations get wrong (section H), where no other claim of this folder says it already. */
import { describe, expect, test } from 'vitest';
import { surface } from '../support/surface.js';

describe('H1: regular expressions are those of Go', () => {
  const rows = surface(['x']);

  test.each([
    ...['(?P<n>x)', '(?<n>x)', '(?i)X', '(?s).', '(?U)x+', '(?m)^x$', '(?i-s:X)', '(?i)(?-i)x', String.raw`\pN|x`],
    ...[String.raw`\p{Greek}|x`, String.raw`\P{Greek}`, String.raw`\p{^Greek}`, '[[:alpha:]]', '[[:^digit:]]'],
    ...[String.raw`x\z`, String.raw`\Ax`, String.raw`\bx\b`, String.raw`\B|x`, String.raw`\Qx\E`, String.raw`\x{78}`],
    ...[String.raw`\x78`, String.raw`\170`, 'x{1,3}', 'x|{,3}', 'x|a{2', 'x{0,1000}', 'x*?', 'x+?', 'x??', '[]x]'],
    ...['[^]a]', '[a-x-]', 'x|', '()x', '(?:)', 'x$*', '^*x', String.raw`\_|x`, String.raw`[\d\Dx]`, '(x*)*', 'x$'],
    ...['(?P<n>x)(?P<n>y)?', String.raw`[\x00-\x{10FFFF}]`, '((((((((((x))))))))))'],
  ])('%s is accepted, and finds an x', async (pattern) => {
    expect(await rows.lines(`{app="x"} |~ \`${pattern}\``)).toEqual(['x']);
  });

  test.each([
    ['(?=x)', 'invalid or unsupported Perl syntax: `(?=`'],
    ['(?!x)', 'invalid or unsupported Perl syntax: `(?!`'],
    ['(?<=x)', 'invalid named capture'],
    ['(?<!x)', 'invalid named capture'],
    ['(?>x)', 'invalid or unsupported Perl syntax: `(?>`'],
    ['(?#x)', 'invalid or unsupported Perl syntax: `(?#`'],
    ['(?z)x', 'invalid or unsupported Perl syntax: `(?z`'],
    ['(x)\\1', 'invalid escape sequence: `\\1`'],
    ['\\8', 'invalid escape sequence: `\\8`'],
    ['\\Z', 'invalid escape sequence: `\\Z`'],
    ['\\h', 'invalid escape sequence: `\\h`'],
    ['\\e', 'invalid escape sequence: `\\e`'],
    ['\\é', 'invalid escape sequence: `\\é`'],
    ['\\p{Nosuch}', 'invalid character class range: `\\p{Nosuch}`'],
    ['[[:nosuch:]]', 'invalid character class range: `[:nosuch:]`'],
    ['[z-a]', 'invalid character class range: `z-a`'],
    ['[x', 'missing closing ]: `[x`'],
    ['(x', 'missing closing ): `(x`'],
    ['x)', 'unexpected ): `x)`'],
    ['*x', 'missing argument to repetition operator: `*`'],
    ['x**', 'invalid nested repetition operator: `**`'],
    ['x{2}{3}', 'invalid nested repetition operator: `{2}{3}`'],
    ['x{1001}', 'invalid repeat count: `{1001}`'],
    ['x{3,2}', 'invalid repeat count: `{3,2}`'],
    ['(?P<>x)', 'invalid named capture: `(?P<>`'],
    ['(?P<a b>x)', 'invalid named capture: `(?P<a b>`'],
    ['x\\', 'trailing backslash at end of expression: ``'],
    ['((x{100}){100}){100}', 'invalid repeat count: `{100}`'],
  ])('%s is refused, wherever it stands', async (pattern, message) => {
    const quoted = JSON.stringify(pattern);
    for (const query of [
      `{app=~${quoted}}`,
      `{app="x"} |~ ${quoted}`,
      `{app="x"} !~ "a" or ${quoted}`,
      `{app="x"} | app !~ ${quoted}`,
      `{app="x"} | regexp ${quoted}`,
      `{app="x"} | keep app=~${quoted}`,
    ]) {
      expect(await rows.fault(query)).toContain(`error parsing regexp: ${message}`);
    }
    expect(await rows.fault(`label_replace(vector(1), "a", "b", "c", ${quoted})`)).toContain('error parsing regexp: ');
  });

  test('the leftmost match is the first alternative, not the longest', async () => {
    const one = surface(['foobar']);
    expect(await one.labels('{app="x"} | regexp "(?P<a>foo|foobar)(?P<b>.*)"')).toEqual([{ a: 'foo', b: 'bar' }]);
  });

  test('they take linear time', async () => {
    const long = surface([`${'a'.repeat(20_000)}!`]);
    expect(await long.lines('{app="x"} |~ "^(a+)+$"')).toEqual([]);
    expect(await long.lines('{app="x"} |~ "(a|aa)+$"')).toEqual([]);
    expect(await long.labels('{app="x"} | regexp "^(?P<x>(a*)*)b"')).toEqual([{}]);
  });

  test('$ is the end of the text and ^ its start, unless there is an m', async () => {
    const lines = surface(['a\nb']);
    expect(await lines.lines('{app="x"} |~ "a$"')).toEqual([]);
    expect(await lines.lines('{app="x"} |~ "^b"')).toEqual([]);
    expect(await lines.lines('{app="x"} |~ "(?m)a$"')).toEqual(['a\nb']);
    expect(await lines.lines('{app="x"} |~ "(?m)^b"')).toEqual(['a\nb']);
  });

  test('case folds as Unicode does', async () => {
    const lines = surface(['ſ', 'K', 'ÄÖ', 'straße', 'Σ']);
    expect(await lines.lines('{app="x"} |~ "(?i)^s$"')).toEqual(['ſ']);
    expect(await lines.lines('{app="x"} |~ "(?i)k"')).toEqual(['K']);
    expect(await lines.lines('{app="x"} |~ "(?i)äö"')).toEqual(['ÄÖ']);
    expect(await lines.lines('{app="x"} |~ "(?i)ς"')).toEqual(['Σ']);
  });
});

describe('H2: bytes and characters', () => {
  const rows = surface(['äöü🚀']);

  test('lines are measured in bytes', async () => {
    expect(await rows.samples('bytes_over_time({app="x"}[1h])')).toEqual(['{} 10']);
  });

  test('templates cut bytes, and align characters', async () => {
    const render = async (template: string) => (await rows.lines(`{app="x"} | line_format \`${template}\``))[0];
    expect(await render('{{ __line__ | trunc 4 }}')).toBe('äö');
    expect(await render('{{ __line__ | substr 2 6 }}')).toBe('öü');
    expect(await render('{{ len __line__ }}')).toBe('10');
    expect(await render('{{ __line__ | alignLeft 2 }}')).toBe('äö');
    expect(await render('{{ __line__ | alignRight 2 }}')).toBe('ü🚀');
  });

  test('a dot is a character', async () => {
    expect(await rows.lines('{app="x"} |~ "^.{4}$"')).toEqual(['äöü🚀']);
    expect(await rows.lines('{app="x"} |~ "^.{10}$"')).toEqual([]);
  });
});

describe('H4: bounds', () => {
  const at = (seconds: number) => 1_793_494_800_000_000_000n + BigInt(seconds) * 1_000_000_000n;
  const rows = surface(['0', '1', '2', '3']);

  test('of logs are half-open to the right, those of windows to the left', async () => {
    expect((await rows.entries('{app="x"}', { start: at(1), end: at(3) })).map(({ line }) => line)).toEqual(['1', '2']);
    expect(await rows.samples('count_over_time({app="x"}[2s])', 3)).toEqual(['{} 2']);
    expect(await rows.samples('count_over_time({app="x"}[2s] offset 1s)', 3)).toEqual(['{} 2']);
    expect(await rows.samples('count_over_time({app="x"}[1s])', 0)).toEqual(['{} 1']);
    expect(await rows.samples('count_over_time({app="x"}[10s] offset -3s)', 0)).toEqual(['{} 4']);
  });
});

test('H8: numbers in templates are those of Go, in results those of clients', async () => {
  const rows = surface(['x']);
  expect(await rows.lines('{app="x"} | line_format `{{ bytes "3MB" }} {{ 1234567.0 }} {{ 0.00001 }}`')).toEqual([
    '3e+06 1.234567e+06 1e-05',
  ]);
});

test('H20: the question that health checks ask', async () => {
  expect(await surface([]).samples('vector(1)+vector(1)')).toEqual(['{} 2']);
});
