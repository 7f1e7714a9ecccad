/** Selectors and line filters (A30-A39). */
import { describe, expect, test } from 'vitest';
import { surface } from '../support/surface.js';

describe('A30: stream matchers', () => {
  const rows = surface([
    { line: '1', labels: { app: 'x', env: 'prod' } },
    { line: '2', labels: { app: 'x', env: 'PROD', pod: 'x-0' } },
    { line: '3', labels: { app: 'x', env: 'a\nb' } },
    { line: '4', labels: { app: 'x' } },
    { line: '5', labels: { app: 'y', env: 'prod' } },
  ]);

  test.each([
    ['{app="x", env="prod"}', ['1']],
    ['{app="x", pod=""}', ['1', '3', '4']],
    ['{app="x", env!="prod"}', ['2', '3', '4']],
    ['{app="x", env=""}', ['4']],
    ['{app="x", env!=""}', ['1', '2', '3']],
    ['{app=~".+", env=~"pro"}', []],
    ['{app=~".+", env=~"pro."}', ['1', '5']],
    ['{app=~"x|y", env=~"(?i)prod"}', ['1', '2', '5']],
    ['{app="x", env=~"a.b"}', ['3']],
    ['{app="x", env=~"a.*"}', ['3']],
    ['{app="x", env!~"a.b"}', ['1', '2', '4']],
    ['{app="x", env=~"prod|"}', ['1', '4']],
    ['{app="x", env!~"prod|"}', ['2', '3']],
    ['{app="x", env!~".+"}', ['4']],
    ['{app="x", env=~".*"}', ['1', '2', '3', '4']],
    ['{env="prod", env=~"p.*", env!="x", app="x"}', ['1']],
    ['{app="x", app="y"}', []],
    ['{app!="x", env="prod"}', ['5']],
    ['{app=~"^x$"}', ['1', '2', '3', '4']],
    ['{app="x", env=~"(?-s:a.b)"}', []],
  ])('%s', async (query, lines) => {
    expect(await rows.lines(query)).toEqual(lines);
  });
});

describe('A31: regular expressions of stages', () => {
  const rows = surface([
    { line: 'v', metadata: { m: 'a\nb' } },
    { line: 'w', metadata: { m: 'ab' } },
  ]);

  test.each([
    ['label filters anchor and do not let the dot match a newline', '| m=~"a.b"', []],
    ['unless told to', '| m=~"(?s)a.b"', ['v']],
    ['anchored', '| m=~"a"', []],
    ['anchored at both ends', '| m!~"b"', ['v', 'w']],
    ['everything is everything', '| m=~".*"', ['v', 'w']],
    ['and something is something', '| m=~".+"', ['v', 'w']],
    ['nothing is left of everything', '| m!~".*"', []],
  ])('%s: %s', async (_, filter, lines) => {
    expect(await rows.lines(`{app="x"} ${filter}`)).toEqual(lines);
  });

  test('drop and keep anchor, and their dot matches a newline', async () => {
    expect(await rows.labels('{app="x"} | drop m=~"a.b"')).toEqual([{}, { m: 'ab' }]);
    expect(await rows.labels('{app="x"} | drop m=~"a"')).toEqual([{ m: 'a\nb' }, { m: 'ab' }]);
    expect(await rows.labels('{app="x"} | keep app, m=~"a.b"')).toEqual([{ m: 'a\nb' }, {}]);
  });
});

test('A32: one label may have several matchers', async () => {
  const rows = surface(['a', { line: 'b', labels: { app: 'xy' } }]);
  expect(await rows.lines('{app=~"x.*", app!="xy"}')).toEqual(['a']);
});

describe('A33: line filters', () => {
  const rows = surface(['GET /Api', 'get /api', 'a.c', 'abc', 'two\nlines', '日本語', '']);

  test.each([
    ['|= "Api"', ['GET /Api']],
    ['!= "a"', ['GET /Api', 'two\nlines', '日本語', '']],
    ['|= "a.c"', ['a.c']],
    ['|~ "a.c"', ['a.c', 'abc']],
    ['!~ "a.c|lines"', ['GET /Api', 'get /api', '日本語', '']],
    ['|~ "(?i)^get"', ['GET /Api', 'get /api']],
    ['|~ "two.lines"', []],
    ['|~ "(?s)two.lines"', ['two\nlines']],
    ['|~ "two$"', []],
    ['|~ "(?m)two$"', ['two\nlines']],
    ['|~ "lines\\\\z"', ['two\nlines']],
    ['|~ "^$"', ['']],
    ['|~ `\\p{Han}`', ['日本語']],
    ['|= "本"', ['日本語']],
    ['|~ "^.{3}$"', ['a.c', 'abc', '日本語']],
    ['|= "/" != "G"', ['get /api']],
  ])('%s', async (filter, lines) => {
    expect(await rows.lines(`{app="x"} ${filter}`)).toEqual(lines);
  });
});

describe('A34: an empty operand', () => {
  const rows = surface(['a', '']);
  test.each([
    ['|= ""', ['a', '']],
    ['|~ ""', ['a', '']],
    ['!= ""', []],
    ['!~ ""', []],
    ['|= "" |= "a"', ['a']],
  ])('%s', async (filter, lines) => {
    expect(await rows.lines(`{app="x"} ${filter}`)).toEqual(lines);
  });
});

describe('A35: or', () => {
  const rows = surface(['a', 'b', 'ab', 'c', '10.0.0.1']);

  test.each([
    ['|= "a" or "b"', ['a', 'b', 'ab']],
    ['|= "a" or "b" or "c"', ['a', 'b', 'ab', 'c']],
    ['|~ "^a" or "b$"', ['a', 'b', 'ab']],
    ['|> "a<_>" or "c"', ['ab', 'c']],
    ['|= "c" or ip("10.0.0.0/8")', ['c', '10.0.0.1']],
    ['|= ip("10.0.0.0/8") or "c"', ['c', '10.0.0.1']],
    ['|= "a" or "c" |= "b"', ['ab']],
    ['|= "b" |= "a" or "c"', ['ab']],
  ])('with a positive operator is any of them: %s', async (filter, lines) => {
    expect(await rows.lines(`{app="x"} ${filter}`)).toEqual(lines);
  });

  test.each([
    ['!= "a" or "b"', ['c', '10.0.0.1']],
    ['!= "a" or "b" or "c"', ['10.0.0.1']],
    ['!~ "^a" or "^b"', ['c', '10.0.0.1']],
    ['!> "a" or "<_>.<_>"', ['b', 'ab', 'c']],
    ['!= "c" or ip("10.0.0.0/8")', ['a', 'b', 'ab']],
    ['!= "a" or ""', []],
  ])('with a negative one is none of them: %s', async (filter, lines) => {
    expect(await rows.lines(`{app="x"} ${filter}`)).toEqual(lines);
  });

  test.each([
    ['|= "a" or ""', ['a', 'ab']],
    ['|= "" or "a"', ['a', 'ab']],
    ['|~ "a" or ".*"', ['a', 'ab']],
    ['|~ ".*" or "c"', ['c']],
    ['|= "" or ""', ['a', 'b', 'ab', 'c', '10.0.0.1']],
  ])('drops an operand that is always true: %s', async (filter, lines) => {
    expect(await rows.lines(`{app="x"} ${filter}`)).toEqual(lines);
  });
});

describe('A36: simplified regular expressions', () => {
  const rows = surface(['foo', 'FOO bar', 'x\nfoo\ny', '\n', '', 'bar']);

  test.each([
    ['.*', ['foo', 'FOO bar', 'x\nfoo\ny', '\n', '', 'bar']],
    ['.+', ['foo', 'FOO bar', 'x\nfoo\ny', '\n', 'bar']],
    ['foo.*', ['foo', 'x\nfoo\ny']],
    ['.*foo', ['foo', 'x\nfoo\ny']],
    ['.*foo.*', ['foo', 'x\nfoo\ny']],
    ['(?i)foo', ['foo', 'FOO bar', 'x\nfoo\ny']],
    ['(?i)FOO|BAR', ['foo', 'FOO bar', 'x\nfoo\ny', 'bar']],
    ['foo|bar', ['foo', 'FOO bar', 'x\nfoo\ny', 'bar']],
    ['(foo|bar)', ['foo', 'FOO bar', 'x\nfoo\ny', 'bar']],
    ['^.*$', ['foo', 'FOO bar', '', 'bar']],
    ['(?s)^.*$', ['foo', 'FOO bar', 'x\nfoo\ny', '\n', '', 'bar']],
    ['f(o|a)o', ['foo', 'x\nfoo\ny']],
    ['.*foo.*y', []],
    ['o+.*bar|O+.*bar', ['FOO bar']],
  ])('%s', async (pattern, lines) => {
    expect(await rows.lines(`{app="x"} |~ \`${pattern}\``)).toEqual(lines);
    const others = (await rows.lines('{app="x"}')).filter((line) => !lines.includes(line));
    expect(await rows.lines(`{app="x"} !~ \`${pattern}\``)).toEqual(others);
  });
});

describe('A37: patterns', () => {
  const rows = surface(['foo bar x', 'bar foo x', 'foo', 'xfoo', 'foox', 'foo bar baz', 'foo  x', '']);

  test.each([
    ['foo <_>', ['foo bar x', 'bar foo x', 'foo bar baz', 'foo  x']],
    ['<_>', ['foo bar x', 'bar foo x', 'foo', 'xfoo', 'foox', 'foo bar baz', 'foo  x']],
    ['foo', ['foo', 'xfoo']],
    ['<_>foo', ['xfoo']],
    ['foo<_>', ['foo bar x', 'bar foo x', 'foox', 'foo bar baz', 'foo  x']],
    ['<_> bar', []],
    ['<_> bar<_>', ['foo bar x', 'foo bar baz']],
    ['foo <_> x', ['foo bar x']],
    ['<_> <_> x', ['foo bar x', 'bar foo x']],
    ['', ['']],
  ])('|> "%s"', async (pattern, lines) => {
    expect(await rows.lines(`{app="x"} |> "${pattern}"`)).toEqual(lines);
    const others = (await rows.lines('{app="x"}')).filter((line) => !lines.includes(line));
    expect(await rows.lines(`{app="x"} !> "${pattern}"`)).toEqual(others);
  });

  test('wildcards have no names and no neighbours', async () => {
    expect(await rows.fault('{app="x"} |> "<a>"')).toContain("named captures are not allowed: found '<a>'");
    expect(await rows.fault('{app="x"} !> "<_><_>"')).toContain(
      "found consecutive capture '<_><_>': invalid expression",
    );
  });
});

describe('A38: ip', () => {
  const rows = surface([
    'from 192.168.4.5 to 10.0.0.1',
    '192.168.4.50:8080',
    '[2001:db8::1]:443',
    'v1.2.3 at 1.2.3',
    'no address',
    '::ffff:10.0.0.9',
    '999.1.1.1',
    'x10.0.0.2y',
    '10.0.0.3.',
    '',
  ]);

  test.each([
    ['192.168.4.5', ['from 192.168.4.5 to 10.0.0.1']],
    ['10.0.0.1', ['from 192.168.4.5 to 10.0.0.1']],
    ['192.168.0.0/16', ['from 192.168.4.5 to 10.0.0.1', '192.168.4.50:8080']],
    ['192.168.4.6-192.168.4.99', ['192.168.4.50:8080']],
    ['2001:db8::/32', ['[2001:db8::1]:443']],
    ['2001:db8::1', ['[2001:db8::1]:443']],
    ['10.0.0.0/8', ['from 192.168.4.5 to 10.0.0.1', 'x10.0.0.2y']],
    ['1.2.3.0/24', []],
    ['0.0.0.0/0', ['from 192.168.4.5 to 10.0.0.1', '192.168.4.50:8080', 'x10.0.0.2y']],
    ['::ffff:10.0.0.9', ['::ffff:10.0.0.9']],
  ])('%s', async (pattern, lines) => {
    expect(await rows.lines(`{app="x"} |= ip("${pattern}")`)).toEqual(lines);
    const others = (await rows.lines('{app="x"}')).filter((line) => !lines.includes(line));
    expect(await rows.lines(`{app="x"} != ip("${pattern}")`)).toEqual(others);
  });

  test.each(['|~', '!~', '|>', '!>'])('not with %s', async (op) => {
    expect(await rows.fault(`{app="x"} ${op} ip("10.0.0.1")`)).toContain('ip: invalid operation');
  });

  test.each(['nope', '', '999.1.1.1', '10.0.0.0/33', '10.0.0.9-10.0.0.1', '10.0.0.1-::1', '1.2.3'])(
    '%j is none',
    async (pattern) => {
      expect(await rows.fault(`{app="x"} |= ip("${pattern}")`)).toContain(`ip: invalid pattern: "${pattern}"`);
      expect(await rows.fault(`{app="x"} | x = ip("${pattern}")`)).toContain(`ip: invalid pattern: "${pattern}"`);
    },
  );
});

describe('A39: filters in sequence', () => {
  const rows = surface(['a=1 keep', 'a=2 keep', 'a=3', '{"_entry":"packed a=1 keep"}']);

  test.each([
    ['|= "keep" != "packed" |~ "a=[12]"', ['a=1 keep', 'a=2 keep']],
    ['| logfmt |= "keep" | a="1" != "packed"', ['a=1 keep']],
    ['| line_format "new" |= "keep"', []],
    ['| line_format "new {{ __line__ }}" |= "new a=3"', ['new a=3']],
    ['| unpack |= "{"', []],
    ['| unpack |~ "^packed"', ['packed a=1 keep']],
    ['|= "{" | unpack != "{"', ['packed a=1 keep']],
    ['| logfmt | a!="" |= "2"', ['a=2 keep']],
  ])('%s', async (stages, lines) => {
    expect(await rows.lines(`{app="x"} ${stages}`)).toEqual(lines);
  });
});
