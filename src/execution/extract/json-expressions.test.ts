import { describe, expect, it } from 'vitest';
import { extract } from '../../../test/recording-sink.js';
import { JsonExpressionParser } from './json-expressions.js';

function parse(
  paths: Record<string, string>,
  line: string | Buffer,
  wanted: string[] | null = null,
): Record<string, string> {
  const extractions = Object.entries(paths).map(([name, expression]) => ({ name, expression }));
  return extract(new JsonExpressionParser(extractions), line, wanted, true);
}

const LINE =
  '{"status":201,"user":{"id":17,"name":"Ünïcödé","roles":["admin","d\\"ev"]},"http.host":"a","ok":false,"nothing":null,' +
  '"deep":[{"x":1},{"x":{"y":"z"}}],"status":500}';

describe('JsonExpressionParser', () => {
  it.each<[string, string]>([
    ['status', '201'],
    ['user.name', 'Ünïcödé'],
    ['["http.host"]', 'a'],
    ['user.roles[0]', 'admin'],
    ['user.roles[1]', 'd"ev'],
    ['user.roles[2]', ''],
    ['user.roles', '["admin","d"ev"]'],
    ['user', '{"id":17,"name":"Ünïcödé","roles":["admin","d\\"ev"]}'],
    ['ok', 'false'],
    ['nothing', ''],
    ['missing.path', ''],
    ['status.x', ''],
    ['deep[1].x.y', 'z'],
    ['deep[1].x', '{"y":"z"}'],
    ['["user"]["id"]', '17'],
  ])('follows %s', (path, value) => {
    expect(parse({ a: path }, LINE)).toEqual({ a: value });
  });

  it('follows many paths at once, whatever their order', () => {
    const paths = { h: '["http.host"]', id: 'user.id', s: 'status', u: 'user', again: 'user.id' };
    expect(parse(paths, LINE)).toEqual({ h: 'a', id: '17', s: '201', u: LINE.slice(21, 73), again: '17' });
  });

  it('reads arrays', () => {
    expect(parse({ a: '[0]', b: '[1].x', c: '[3]' }, '[1,{"x":2},[3]]')).toEqual({ a: '1', b: '2', c: '' });
  });

  it('finds escaped keys', () => {
    expect(parse({ a: 'ab' }, '{"\\u0061b":1}')).toEqual({ a: '1' });
  });

  it('finds nothing in an empty line', () => {
    expect(parse({ a: 'x' }, '')).toEqual({});
  });

  it.each(['plain', '42', ' {"x":1}', 'null'])('marks %j as no JSON', (line) => {
    expect(parse({ a: 'x' }, line)).toEqual({ __error__: 'JSONParserErr' });
  });

  it('gives up on malformed JSON without a word', () => {
    expect(parse({ a: 'x', b: 'y' }, '{"x":1 oops "y":2}')).toEqual({ a: '1', b: '' });
    expect(parse({ a: 'x' }, '"just a string"')).toEqual({ a: '' });
    expect(parse({ a: 'x' }, '{"unterminated": ')).toEqual({ a: '' });
  });

  it('complains when a wanted value cannot be read', () => {
    expect(parse({ a: 'x' }, '{"x":"abc')).toEqual({
      a: '',
      __error__: 'JSONParserErr',
      __error_details__: "Value is string, but can't find closing '\"' symbol",
    });
    expect(parse({ a: 'x' }, '{"x": ')).toEqual({
      a: '',
      __error__: 'JSONParserErr',
      __error_details__: 'Malformed JSON error',
    });
    expect(parse({ a: 'x' }, '"key": 1')).toEqual({
      a: '',
      __error__: 'JSONParserErr',
      __error_details__: 'Malformed JSON error',
    });
  });

  it('does not look behind what it was asked for', () => {
    expect(parse({ a: 'x' }, '{"x":1,"y":')).toEqual({ a: '1' });
  });

  it('leaves out labels that nobody asked for', () => {
    expect(parse({ a: 'status', b: 'ok', c: 'missing' }, LINE, ['b'])).toEqual({ b: 'false' });
  });

  it('does not follow a line into any depth', () => {
    const depth = 5000;
    const line = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    expect(parse({ x: new Array(depth).fill('a').join('.') }, line)).toEqual({ x: '' });
  });

  it('refuses an invalid path', () => {
    expect(() => parse({ a: 'x.' }, '{}')).toThrow('syntax error: unexpected $end, expecting FIELD');
  });
});
