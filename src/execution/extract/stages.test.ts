import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extract, RecordingSink } from '../../../test/recording-sink.js';
import { convertBytes, convertDuration, convertNumber } from './convert.js';
import { JsonParser } from './json.js';
import { JsonExpressionParser } from './json-expressions.js';
import { LogfmtParser } from './logfmt.js';
import { LogfmtExpressionParser } from './logfmt-expressions.js';
import { PatternParser } from './pattern.js';
import { RegexpParser } from './regexp.js';
import { UnpackParser } from './unpack.js';

describe('RegexpParser', () => {
  it.each<[string, string, Record<string, string>]>([
    ['(?P<first>\\w+)', '[1,2,3]', { first: '1' }],
    ['(?P<a>x)|(?P<b>y)', 'y', { a: '', b: 'y' }],
    ['(?P<a>\\d+)', 'none', {}],
    ['(\\w)(?<b>\\w)', 'xy', { b: 'y' }],
    ['^(?P<a>.)$', 'é', { a: 'é' }],
  ])('%s on %j', (pattern, line, labels) => {
    expect(extract(new RegexpParser(pattern), line)).toEqual(labels);
  });

  it('hands over what was asked for', () => {
    expect(extract(new RegexpParser('(?P<a>.)(?P<b>.)'), 'xy', ['b'])).toEqual({ b: 'y' });
    expect(extract(new RegexpParser('(?P<a>.)'), 'xy', ['c'])).toEqual({});
  });
});

describe('PatternParser', () => {
  it.each<[string, string, Record<string, string>]>([
    ['<ip> - <_>', '10.0.0.1 - - x', { ip: '10.0.0.1' }],
    ['<ip> - <_>', '10.0.0.1', { ip: '10.0.0.1' }],
    ['[<a>] <b>', '[x] y z', { a: 'x', b: 'y z' }],
    ['[<a>] <b>', ' [x] y', {}],
    ['<a> <b> end', 'x y end trailing', { a: 'x', b: 'y' }],
    ['<a>=<b>;<c>', 'x=y', { a: 'x', b: 'y' }],
    ['<a>', '', {}],
    ['<a>-<b>', '-', { a: '', b: '' }],
    ['<a>名<b>', 'x名y', { a: 'x', b: 'y' }],
    ['<_>aab<x>', 'aaab!', { x: '!' }],
  ])('%s on %j', (pattern, line, labels) => {
    expect(extract(new PatternParser(pattern), line)).toEqual(labels);
  });
});

describe('UnpackParser', () => {
  function unpack(line: string): { labels: Record<string, string>; line: string | undefined } {
    const sink = new RecordingSink();
    const bytes = Buffer.from(line);
    const entry = new UnpackParser().parse(bytes, 0, bytes.length, sink);
    return { labels: { ...sink.labels }, line: entry };
  }

  it('turns strings into labels and the entry into the line', () => {
    expect(unpack('{"_entry":"packed \\"0\\"","pod":"p-0","n":1,"o":{"x":"y"},"a.b":"c"}')).toEqual({
      labels: { pod: 'p-0', a_b: 'c' },
      line: 'packed "0"',
    });
  });

  it('does nothing without an entry', () => {
    expect(unpack('{"pod":"p-0","_entry":1}')).toEqual({ labels: {}, line: undefined });
    expect(unpack('{}')).toEqual({ labels: {}, line: undefined });
    expect(unpack('')).toEqual({ labels: {}, line: undefined });
  });

  it.each([
    ['plain', 'expecting json object(6), but it is not'],
    [' {"_entry":"x"}', 'expecting json object(6), but it is not'],
    ['{"a":"b","_entry":"x"', "Value is array, but can't find closing ']' symbol"],
    ['{"_entry":"\\x"}', 'Encountered an invalid escape sequence in a string'],
  ])('marks %j', (line, details) => {
    expect(unpack(line)).toEqual({
      labels: { __error__: 'JSONParserErr', __error_details__: details },
      line: undefined,
    });
  });
});

describe('conversions', () => {
  it('reads numbers, durations and sizes', () => {
    expect(convertNumber('1.5e3')).toBe(1500);
    expect(convertDuration('1.5s')).toBe(1_500_000_000);
    expect(convertBytes('2 KiB')).toBe(2048);
  });

  it('fails in the words of Go', () => {
    expect(() => convertNumber('x')).toThrow('strconv.ParseFloat: parsing "x": invalid syntax');
    expect(() => convertDuration('1d')).toThrow('time: unknown unit "d" in duration "1d"');
    expect(() => convertBytes('1xb')).toThrow('unhandled size name: xb');
  });
});

/** Lines recorded from a reference Loki with the labels it extracted. */
describe('answers of the reference', () => {
  const API =
    '{"ts":"2026-11-01T00:01:23.042Z","level":"debug","msg":"user \\"quoted\\" name","method":"GET","path":"/api/v1/users",' +
    '"status":500,"duration_ms":138.885,"took":"2m","size":"10KiB","user":{"id":7,"name":"Ünïcödé","roles":["admin"]},' +
    '"http.host":"b.example.com","ok":true,"nothing":null,"trace_id":"87b7dd1a9e9b3b8c","bad key!":"x"}';
  const PAYMENT =
    '=novalue level=info ts=2026-11-01T01:56:37.288Z caller=db.go:99 msg="payment refused" duration=2m3s size=3KiB ' +
    'amount=241.43 ip=10.1.9.20 orderID=1038 err="context deadline exceeded" bad="unterminated';
  const NGINX = '10.0.0.187 - - [01/Nov/2026:01:59:19 +0000] "POST /healthz HTTP/1.1" 200 25546 "-" "curl/8.5.0" 0.545';

  it('json', () => {
    expect(extract(new JsonParser(), API)).toEqual({
      ts: '2026-11-01T00:01:23.042Z',
      level: 'debug',
      msg: 'user "quoted" name',
      method: 'GET',
      path: '/api/v1/users',
      status: '500',
      duration_ms: '138.885',
      took: '2m',
      size: '10KiB',
      user_id: '7',
      user_name: 'Ünïcödé',
      http_host: 'b.example.com',
      ok: 'true',
      trace_id: '87b7dd1a9e9b3b8c',
      bad_key_: 'x',
    });
  });

  it('logfmt', () => {
    expect(extract(new LogfmtParser({ strict: false, keepEmpty: true }), PAYMENT)).toEqual({
      level: 'info',
      ts: '2026-11-01T01:56:37.288Z',
      caller: 'db.go:99',
      msg: 'payment refused',
      duration: '2m3s',
      size: '3KiB',
      amount: '241.43',
      ip: '10.1.9.20',
      orderID: '1038',
      err: 'context deadline exceeded',
    });
  });

  it('regexp', () => {
    const parser = new RegexpParser('^(?P<ip>\\S+) .* (?P<status>\\d{3}) (?P<bytes>\\d+)');
    expect(extract(parser, NGINX)).toEqual({ ip: '10.0.0.187', status: '200', bytes: '25546' });
  });

  it('pattern', () => {
    const parser = new PatternParser('<_> "<method> <path> HTTP/1.1" <status> <_>');
    expect(extract(parser, NGINX)).toEqual({ method: 'POST', path: '/healthz', status: '200' });
  });
});

it('reads any bytes without throwing', () => {
  const extractions = [
    { name: 'a', expression: 'a' },
    { name: 'b', expression: 'a' },
  ];
  const paths = [
    { name: 'a', expression: 'a.b[0]' },
    { name: 'b', expression: '[1]["a"]' },
  ];
  const parsers = [
    new JsonParser(),
    new JsonExpressionParser(paths),
    new LogfmtParser({ strict: true, keepEmpty: true }),
    new LogfmtParser({ strict: false, keepEmpty: false }),
    new LogfmtExpressionParser(extractions, { strict: true, keepEmpty: false }),
    new RegexpParser('(?P<a>(a|ab)+)b'),
    new PatternParser('<a>=<b>'),
    new UnpackParser(),
  ];
  const piece = fc.constantFrom(...'{}[]":,\\=ab1 \n', '"a":', '"_entry":', '\\u00e9', 'null', 'é', '\ufffd');
  const text = fc.array(piece, { maxLength: 30 }).map((parts) => Buffer.from(parts.join('')));
  const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
  fc.assert(
    fc.property(fc.oneof(text, bytes), (line) => {
      for (const parser of parsers) expect(() => extract(parser, line)).not.toThrow();
    }),
    { numRuns: 3000 },
  );
});
