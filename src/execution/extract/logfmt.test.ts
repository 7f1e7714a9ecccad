import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extract, RecordingSink } from '../../../test/recording-sink.js';
import { LogfmtParser } from './logfmt.js';

const parse = (line: string | Buffer, flags = '', wanted: string[] | null = null): Record<string, string> =>
  extract(new LogfmtParser({ strict: flags.includes('s'), keepEmpty: flags.includes('k') }), line, wanted);

const fault = (details: string, labels: Record<string, string> = {}): Record<string, string> => ({
  ...labels,
  __error__: 'LogfmtParserErr',
  __error_details__: `logfmt syntax error at pos ${details}`,
});

describe('LogfmtParser', () => {
  it.each<[string, Record<string, string>]>([
    ['', {}],
    ['a=1 b="two words" c', { a: '1', b: 'two words' }],
    ['  a=1\tb=2\x00c=3  ', { a: '1', b: '2', c: '3' }],
    ['a= b="" c=x', { c: 'x' }],
    ['level=info level=dup', { level: 'info' }],
    ['a.b=1 c-d=2 é=3 1x=4', { a_b: '1', c_d: '2', _: '3', _1x: '4' }],
    ['msg="say \\"hi\\" \\u0041\\n\\\'\\ud83d\\ude80"', { msg: 'say "hi" A\n\'🚀' }],
    ['msg="half \\ud83d pair" x=é', { msg: 'half   pair', x: 'é' }],
    ['url=/a?b c=1', { url: '/a?b', c: '1' }],
    ['a=b,c=d e=1', { e: '1' }],
    ['=novalue level=info', { level: 'info' }],
    ['a=1 bad="unterminated', { a: '1' }],
    ['"quoted" a=1', { a: '1' }],
    ['a"b=1 c=2', { c: '2' }],
    ['a=x"y b=2', { b: '2' }],
    ['a="bad \\x" b=2', { b: '2' }],
    ['a="1"b=2', { a: '1', b: '2' }],
    ['level=ERROR Error error', { level: 'ERROR' }],
  ])('reads %j', (line, labels) => {
    expect(parse(line)).toEqual(labels);
  });

  it('keeps empty values when told to', () => {
    expect(parse('a= b="" flag c=x', 'k')).toEqual({ a: '', b: '', flag: '', c: 'x' });
  });

  it.each<[string, Record<string, string>]>([
    ['a=1 b=2', { a: '1', b: '2' }],
    ['a=1 =x b=2', fault(`5 : unexpected '='`, { a: '1' })],
    ['a=1 "x"', fault(`5 : unexpected '"'`, { a: '1' })],
    ['a=x"y b=2', fault(`4 : unexpected '"'`)],
    ['a=b=c', fault(`4 : unexpected '='`)],
    ['a=1 bad="unterminated', fault('22 : unterminated quoted value', { a: '1' })],
    ['a="bad \\x" b=2', fault('11 : invalid quoted value')],
    ['b=1 \ufffd=2', fault('8 : invalid key', { b: '1' })],
  ])('is strict about %j', (line, labels) => {
    expect(parse(line, 's')).toEqual(labels);
  });

  it('is strict about values that nobody asked for', () => {
    expect(parse('x="bad \\x" b=2', 's', ['b'])).toEqual(fault('11 : invalid quoted value'));
  });

  it('refuses keys and replaces values that are no UTF-8', () => {
    expect(parse(Buffer.from('6bff3d3120613d78ff79e282', 'hex'))).toEqual({ a: 'x y  ' });
  });

  it('stops once everything asked for is there', () => {
    expect(parse('a=1 b=2 "', 's', ['a'])).toEqual({ a: '1' });
  });

  it('asks about a key once', () => {
    const parser = new LogfmtParser({ strict: false, keepEmpty: false });
    const sink = new RecordingSink();
    for (const text of ['a=1 b=2', 'b=3 a=4', 'a=5 c=6 b=7']) {
      sink.next();
      parser.parse(Buffer.from(text), 0, text.length, sink);
    }
    expect(sink.asked).toEqual(['a', 'b', 'c']);
    expect(sink.labels).toEqual({ a: '5', c: '6', b: '7' });
  });
});

it('reads back what was written', () => {
  const key = fc.stringMatching(/^[a-z_][a-z0-9_]{0,3}$/);
  const value = fc.string({ unit: fc.constantFrom(...'ab= "\\\n', 'é', '名'), minLength: 1, maxLength: 6 });
  const parser = new LogfmtParser({ strict: true, keepEmpty: true });
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name }), (pairs) => {
      const line = pairs.map(([name, text]) => `${name}=${JSON.stringify(text)}`).join(' ');
      expect(extract(parser, line)).toEqual(Object.fromEntries(pairs));
    }),
  );
});
