/** Parsers: which label gets which value, and what becomes of lines they cannot read (A40-A50). */
import { describe, expect, test } from 'vitest';
import { surface } from '../support/surface.js';

describe('A40: of equal names', () => {
  const clash = surface([
    {
      labels: { app: 'x', sl: 's', sm: 's', all: 's' },
      metadata: { md: 'm', sm: 'm', all: 'm' },
      line: 'sl=p md=p all=p',
    },
  ]);

  test.each([
    '| logfmt',
    '| regexp "sl=(?P<sl>.) md=(?P<md>.) all=(?P<all>.)"',
    '| pattern "sl=<sl> md=<md> all=<all>"',
  ])('the stream keeps its own before metadata before parsed, and the loser moves: %s', async (parser) => {
    const base = { sl: 's', sm: 's', all: 's', md: 'm' };
    expect(await clash.labels(`{app="x"} ${parser}`)).toEqual([
      { ...base, sl_extracted: 'p', md_extracted: 'p', sm_extracted: 'm', all_extracted: 'p' },
    ]);
  });

  test('metadata moves without a parser, too', async () => {
    expect(await clash.labels('{app="x"}')).toEqual([
      { sl: 's', sm: 's', all: 's', md: 'm', sm_extracted: 'm', all_extracted: 'm' },
    ]);
  });

  test('a stream label blocks a parsed one even when it was dropped; dropped metadata does not', async () => {
    expect(await clash.labels('{app="x"} | drop sl, md, sm, all, all_extracted, sm_extracted | logfmt')).toEqual([
      { sl_extracted: 'p', md: 'p', all_extracted: 'p' },
    ]);
  });

  test('nested JSON keys move by their joined name', async () => {
    const nested = surface([
      { labels: { app: 'x', a_b: 's' }, metadata: { a_c: 'm' }, line: '{"a":{"b":1,"c":2,"d":3}}' },
    ]);
    expect(await nested.labels('{app="x"} | json')).toEqual([
      { a_b: 's', a_b_extracted: '1', a_c: 'm', a_c_extracted: '2', a_d: '3' },
    ]);
  });
});

describe('A41: the first extracted value wins', () => {
  const rows = surface(['{"a":"json","b":"json"} a=logfmt c=logfmt c=dup']);

  test('within a line and over a later parser', async () => {
    expect(await rows.labels('{app="x"} | json | logfmt')).toEqual([{ a: 'json', b: 'json', c: 'logfmt' }]);
    expect(await rows.labels('{app="x"} | logfmt | json')).toEqual([{ a: 'logfmt', b: 'json', c: 'logfmt' }]);
  });

  test('also when label_format has set it before', async () => {
    expect(await rows.labels('{app="x"} | label_format a="set" | json')).toEqual([{ a: 'set', b: 'json' }]);
  });

  test('but a parser of listed names sets them anew', async () => {
    expect(await rows.labels('{app="x"} | json | logfmt a, b')).toEqual([{ a: 'logfmt', b: '' }]);
    expect(await rows.labels('{app="x"} | logfmt | json a, nosuch')).toEqual([{ a: 'json', nosuch: '', c: 'logfmt' }]);
  });

  test('and a name that was dropped or renamed stays extracted', async () => {
    const seen = { b: 'json', c: 'logfmt' };
    expect(await rows.labels('{app="x"} | json | drop a | logfmt')).toEqual([seen]);
    expect(await rows.labels('{app="x"} | json | label_format z=a | logfmt')).toEqual([{ ...seen, z: 'json' }]);
    expect(await rows.labels('{app="x"} | json | drop a | logfmt a')).toEqual([{ a: 'logfmt', b: 'json' }]);
  });
});

test('A42: keys become label names rune by rune', async () => {
  const rows = surface(['{" a b ":1,"9x":2,"é-ü":3,"":4,"x":{" ":{"y":5}},"2a":{"2b":6}}', 'a-b=1 9x=2 é=3']);
  expect(await rows.labels('{app="x"} |= "{" | json')).toEqual([
    { a_b: '1', _9x: '2', ___: '3', x_y: '5', _2a_2b: '6' },
  ]);
  expect(await rows.labels('{app="x"} != "{" | logfmt')).toEqual([{ a_b: '1', _9x: '2', _: '3' }]);
});

test('A43: a line that cannot be read is kept, with the labels found so far', async () => {
  const rows = surface(['{"a":1,"b":"two","c":', 'plain', '']);
  const seen = await rows.labels('{app="x"} | json');
  expect(seen).toHaveLength(3);
  expect(seen[0]).toMatchObject({
    a: '1',
    b: 'two',
    __error__: 'JSONParserErr',
    __error_details__: 'Malformed JSON error',
  });
  for (const labels of seen.slice(1)) {
    expect(labels).toEqual({
      __error__: 'JSONParserErr',
      __error_details__: "Value looks like object, but can't find closing '}' symbol",
    });
  }
});

test('A44: json gives numbers as written, leaves null and arrays out, keeps empty strings', async () => {
  const line = '{"n":1.50,"e":1e3,"t":true,"z":null,"l":[1],"s":"","u":"\\u00e9\\n","o":{"k":{"d":-0}},"n":2}';
  expect(await surface([line]).labels('{app="x"} | json')).toEqual([
    { n: '1.50', e: '1e3', t: 'true', s: '', u: 'é\n', o_k_d: '-0' },
  ]);
});

describe('A45: json with paths', () => {
  const line = '{"a":{"b":[{"c":"x"},"y"],"n":null},"k k":"q","o":{"p":1}}';

  test('follows keys, indexes and quoted keys', async () => {
    const query = '{app="x"} | json c="a.b[0].c", y="a.b[1]", q="[\\"k k\\"]", o, n="a.n", none="a.x.y"';
    expect(await surface([line]).labels(query)).toEqual([{ c: 'x', y: 'y', q: 'q', o: '{"p":1}', n: '', none: '' }]);
  });

  test('sets nothing where a stream or metadata label has the name of a path that leads nowhere', async () => {
    const rows = surface([{ labels: { app: 'x', s: 'stream' }, metadata: { m: 'meta' }, line: '{"z":1}' }]);
    expect(await rows.labels('{app="x"} | json s, m, none')).toEqual([{ s: 'stream', m: 'meta', none: '' }]);
  });

  test('moves what it finds where they have it', async () => {
    const rows = surface([{ labels: { app: 'x', s: 'stream' }, metadata: { m: 'meta' }, line: '{"s":1,"m":2}' }]);
    expect(await rows.labels('{app="x"} | json s, m')).toEqual([
      { s: 'stream', s_extracted: '1', m: 'meta', m_extracted: '2' },
    ]);
  });

  test('marks lines that do not begin like JSON without details, and empty ones not at all', async () => {
    expect(await surface(['plain', '']).labels('{app="x"} | json a')).toEqual([{ __error__: 'JSONParserErr' }, {}]);
    expect(await surface(['plain']).labels('{app="x"} | json | json a')).toEqual([
      {
        __error__: 'JSONParserErr',
        __error_details__: "Value looks like object, but can't find closing '}' symbol",
      },
    ]);
  });

  test.each([
    ['a[', 'unexpected $end'],
    ['a[1.5]', 'cannot use float as array index'],
    ['a[x]', 'non-integer value'],
    ['a..b', 'unexpected DOT'],
    ['a-b', 'unexpected char -'],
  ])('is refused for the path %s', async (path, why) => {
    const message = await surface(['x']).fault(`{app="x"} | json p="${path}"`);
    expect(message).toContain('cannot parse expression');
    if (path !== 'a[x]') expect(message).toContain(why);
  });
});

describe('A46: logfmt', () => {
  const rows = surface(['a=1 b= flag c="x y\\"z" bad="open d=2', 'k=v =x "q" ok=1']);

  test('skips what is malformed, drops empty values, and never fails', async () => {
    expect(await rows.labels('{app="x"} | logfmt')).toEqual([
      { a: '1', c: 'x y"z' },
      { k: 'v', ok: '1' },
    ]);
  });

  test('keeps empty values when told', async () => {
    expect((await rows.labels('{app="x"} | logfmt --keep-empty'))[0]).toEqual({ a: '1', b: '', flag: '', c: 'x y"z' });
  });

  test('stops at the first fault when strict', async () => {
    const [open, equals] = await rows.labels('{app="x"} | logfmt --strict');
    expect(open).toMatchObject({ a: '1', c: 'x y"z', __error__: 'LogfmtParserErr' });
    expect(open!.__error_details__).toBe('logfmt syntax error at pos 37 : unterminated quoted value');
    expect(equals).toEqual({
      k: 'v',
      __error__: 'LogfmtParserErr',
      __error_details__: `logfmt syntax error at pos 5 : unexpected '='`,
    });
  });
});

describe('A47: logfmt with keys', () => {
  test('gives the listed ones only, empty where they are missing', async () => {
    expect(await surface(['level=info msg=hi', '']).labels('{app="x"} | logfmt lvl="level", code')).toEqual([
      { lvl: 'info', code: '' },
      { lvl: '', code: '' },
    ]);
  });

  test('leaves labels of the stream and metadata alone that the line lacks, and moves what it finds', async () => {
    const row = { labels: { app: 'x', s: 'stream' }, metadata: { m: 'meta' } };
    const rows = surface([
      { ...row, line: 'z=1' },
      { ...row, line: 'm=2 s=1' },
    ]);
    expect(await rows.labels('{app="x"} | logfmt s, m')).toEqual([
      { s: 'stream', m: 'meta' },
      { s: 'stream', s_extracted: '1', m: 'meta', m_extracted: '2' },
    ]);
  });

  test('reads no further where the key of a moved label comes again', async () => {
    const rows = surface([{ labels: { app: 'x', s: 'stream' }, line: 's=1 a=1 s=2 a=2' }]);
    expect(await rows.labels('{app="x"} | logfmt s, a')).toEqual([{ s: 'stream', s_extracted: '1', a: '1' }]);
  });

  test('empties values that are no UTF-8', async () => {
    expect(await surface(['a=x\ufffdy b=\ufffd']).labels('{app="x"} | logfmt a')).toEqual([{ a: '' }]);
  });
});

test('A48: regexp gives its groups, empty for those that took no part, nothing where it does not match', async () => {
  const rows = surface(['GET /a', 'zzz 9', '']);
  expect(await rows.labels('{app="x"} | regexp "(?P<verb>[A-Z]+)|(?P<num>[0-9])"')).toEqual([
    { verb: 'GET', num: '' },
    { verb: '', num: '9' },
    {},
  ]);
});

test('A49: pattern anchors its opening text only, and the last capture takes what is left', async () => {
  const rows = surface(['GET /a 200', 'xGET /a 200', 'GET /a', '']);
  expect(await rows.labels('{app="x"} | pattern "GET <path> <status>"')).toEqual([
    { path: '/a', status: '200' },
    {},
    { path: '/a' },
    {},
  ]);
});

describe('A50: unpack', () => {
  const rows = surface(['{"a":"1","n":2,"a":"3","_entry":"k=v"}', '{"a":"1"}', ' {"a":"1"}', '']);

  test('promotes strings and the entry, only where there is an entry; the last of equal keys counts', async () => {
    const seen = await rows.entries('{app="x"} | unpack');
    expect(seen.map(({ line }) => line)).toEqual(['k=v', '{"a":"1"}', ' {"a":"1"}', '']);
    expect(seen.map(({ labels: { app, ...rest } }) => rest)).toEqual([
      { a: '3' },
      {},
      { __error__: 'JSONParserErr', __error_details__: 'expecting json object(6), but it is not' },
      {},
    ]);
  });

  test('feeds the entry to the next parser', async () => {
    expect((await rows.labels('{app="x"} | unpack | logfmt'))[0]).toEqual({ a: '3', k: 'v' });
  });
});
